"""Students, the adults who care for them, and the households they form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.ids import new_id
from contacts.models.status import AidStatus, ApplicationPath
from schools.models import Cycle, District, School, User

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from contacts.models.addresses import ContactPoint


def brought_by(*, indexed: bool = True) -> models.ForeignKey[Any, Any]:
    """The import that made a row, so that it can be undone.

    The index is for the page that says whether it can; ledgers are asked only by the undoing.
    """
    return models.ForeignKey(
        "contacts.ContactImport",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        db_index=indexed,
        related_name="+",
    )


class Household(models.Model):
    """Students who share a guardian; the unit that is randomised together."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district = models.ForeignKey(District, models.PROTECT, related_name="households")
    brought_by = brought_by()

    def __str__(self) -> str:
        return str(self.pk)


class StudentQuerySet(models.QuerySet["Student"]):
    def visible_to(self, user: User | AnonymousUser) -> StudentQuerySet:
        """Students of the schools whose families this person may see."""
        if user.is_superuser:
            return self
        return self.filter(school__in=School.objects.whose_families(user))

    def present(self) -> StudentQuerySet:
        """Students who have not left."""
        return self.filter(left_on=None)


class Student(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district = models.ForeignKey(District, models.PROTECT, related_name="students")
    school = models.ForeignKey(School, models.PROTECT, related_name="students")
    household = models.ForeignKey(Household, models.PROTECT, related_name="students")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="students")
    sis_id = models.CharField(_("student id"), max_length=64)
    state_student_id = models.CharField(_("state student id"), max_length=20, blank=True)
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    grade = models.CharField(_("grade"), max_length=2, default="12")
    path = models.CharField(
        _("application path"),
        max_length=12,
        choices=ApplicationPath.choices,
        default=ApplicationPath.UNSPECIFIED,
    )
    aid_status = models.CharField(
        _("aid status"), max_length=20, choices=AidStatus.choices, default=AidStatus.NOT_STARTED
    )
    aid_status_since = models.DateTimeField(null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    tags = models.ManyToManyField("contacts.Tag", related_name="students", blank=True)
    by_hand = models.JSONField(
        default=list, help_text=_("Fields that a person set here; imports leave them alone.")
    )
    brought_by = brought_by()

    objects = StudentQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_name"]
        constraints = [
            # The id first: the search finds it in any district.
            models.UniqueConstraint(fields=["sis_id", "district"], name="student_once_a_district")
        ]
        indexes = [
            models.Index(fields=["school", "last_name", "first_name"]),
            models.Index(fields=["school", "grade"]),
            models.Index(fields=["last_name", "first_name", "id"]),
            models.Index(fields=["state_student_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_absolute_url(self) -> str:
        return reverse("student", args=[self.pk])


class Hours(models.TextChoices):
    """The part of the day in which a family wants to be written to."""

    ANY = "", _("Any time of day")
    MORNING = "morning", _("Morning")
    AFTERNOON = "afternoon", _("Afternoon")
    EVENING = "evening", _("Evening")


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: User | AnonymousUser) -> ContactQuerySet:
        """Contacts of the students whom this person may see."""
        if user.is_superuser:
            return self
        schools = School.objects.whose_families(user).values("pk")
        theirs = Guardianship.objects.filter(contact=OuterRef("pk"), student__school__in=schools)
        return self.filter(Exists(theirs) | Q(student__school__in=schools))


class Contact(models.Model):
    """Someone we write to: a guardian, or the student in person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district = models.ForeignKey(District, models.PROTECT, related_name="contacts")
    sis_id = models.CharField(_("contact id"), max_length=64, blank=True)
    student = models.OneToOneField(
        Student,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="own_contact",
        help_text=_("Set when the contact is the student in person."),
    )
    students = models.ManyToManyField(Student, through="Guardianship", related_name="guardians")
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=12, default="en")
    hours = models.CharField(
        _("time of day"),
        max_length=10,
        choices=Hours.choices,
        blank=True,
        default="",
        db_default="",
    )
    left_on = models.DateField(_("left on"), null=True, blank=True)
    by_hand = models.JSONField(
        default=list, help_text=_("Fields that a person or the family set; imports leave them.")
    )
    brought_by = brought_by()
    points: RelatedManager[ContactPoint]

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "sis_id"],
                condition=~Q(sis_id=""),
                name="contact_once_a_district",
            )
        ]
        indexes = [
            models.Index(fields=["district", "last_name", "first_name"]),
            models.Index(fields=["district", "language"]),
            models.Index(fields=["hours"], condition=~Q(hours=""), name="contact_with_hours"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_absolute_url(self) -> str:
        return reverse("contact", args=[self.pk])


class Guardianship(models.Model):
    """An adult's tie to a student."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="guardianships")
    student = models.ForeignKey(Student, models.CASCADE, related_name="guardianships")
    relationship = models.CharField(_("relationship"), max_length=40, blank=True)
    may_contact = models.BooleanField(
        _("may be contacted"), default=True, help_text=_("Off where custody papers say so.")
    )
    barred = models.BooleanField(
        default=False,
        help_text=_("Was not to be contacted when the district last named them; outlasts leaving."),
    )
    left_on = models.DateField(
        _("left on"), null=True, blank=True, help_text=_("No longer named by the district.")
    )
    by_hand = models.BooleanField(
        default=False, help_text=_("Set by a person here; imports leave it alone.")
    )
    brought_by = brought_by()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "student"], name="guardianship_once")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} → {self.student_id}"


class OtherId(models.Model):
    """A further id by which the district's files name someone who was merged here."""

    district = models.ForeignKey(District, models.CASCADE, related_name="+")
    sis_id = models.CharField(max_length=64)
    student = models.ForeignKey(Student, models.CASCADE, null=True, related_name="other_ids")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="other_ids")

    class Meta:
        indexes = [models.Index(fields=["district", "sis_id"])]

    def __str__(self) -> str:
        return self.sis_id

"""Who signs in, and what each may see."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from schools import translators
from schools.models.scope import Scope

if TYPE_CHECKING:
    from schools.models.places import District


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        """A person who signs in by e-mail; without a password they must set one first."""
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        """A person who may see and set up everything on this install."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractUser):
    """A staff member of a school, district, region or state; never a family."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    language = models.CharField(max_length=12, blank=True)
    home = models.ForeignKey(
        "schools.District",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="staff",
        help_text=_("The district that the account was made for; a translator reads its texts."),
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ()  # type: ignore[assignment]

    objects = UserManager()  # type: ignore[assignment,misc]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @cached_property
    def scope(self) -> Scope:
        """What this person's memberships name; asked of the database once a request."""
        rows = list(self.memberships.all())
        return Scope(
            schools=frozenset(m.school_id for m in rows if m.school_id),
            districts=frozenset(m.district_id for m in rows if m.district_id),
            regions=frozenset(m.region_id for m in rows if m.region_id),
            states=frozenset(m.state_id for m in rows if m.state_id),
            languages=frozenset(m.language for m in rows if m.language),
        )

    @property
    def sees_families(self) -> bool:
        """True for counselors, district administrators and the install's own administrators."""
        return self.is_superuser or bool(self.scope.schools or self.scope.districts)

    @property
    def sees_figures(self) -> bool:
        """True for those who may see some school's completion."""
        scope = self.scope
        return self.sees_families or bool(scope.regions or scope.states)

    @property
    def administers(self) -> bool:
        """True for those who set up people, senders and rules."""
        return self.is_superuser or bool(self.scope.districts)

    @property
    def translates(self) -> bool:
        """True for those who review texts in some language."""
        return self.is_superuser or bool(self.scope.languages)


class Role(models.TextChoices):
    COUNSELOR = "counselor", _("Counselor")
    DISTRICT_ADMINISTRATOR = "district_administrator", _("District administrator")
    COORDINATOR = "coordinator", _("Coordinator")
    TRANSLATOR = "translator", _("Translator")


def _only(scope: str) -> Q:
    """A membership that names this scope and no other."""
    places = {"school", "district", "region", "state"} - {scope}
    condition = Q(**{f"{place}__isnull": True for place in places})
    if scope == "language":
        return condition & ~Q(language="")
    return condition & Q(**{f"{scope}__isnull": False}) & Q(language="")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of_districts(self, districts: Iterable[int]) -> MembershipQuerySet:
        """Roles that these districts answer for: in their schools, and of their translators."""
        return self.filter(
            Q(school__district__in=districts)
            | Q(district__in=districts)
            | Q(role=Role.TRANSLATOR, user__home__in=districts)
        )


class Membership(models.Model):
    """One role of one person in one place (or language); several rows add up."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=30, choices=Role.choices)
    school = models.ForeignKey(
        "schools.School", models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    district = models.ForeignKey(
        "schools.District", models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    region = models.ForeignKey(
        "schools.Region", models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    state = models.ForeignKey(
        "schools.State", models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    language = models.CharField(max_length=12, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="scope_fits_role",
                condition=(Q(role=Role.COUNSELOR) & _only("school"))
                | (Q(role=Role.DISTRICT_ADMINISTRATOR) & _only("district"))
                | (Q(role=Role.COORDINATOR) & (_only("region") | _only("state")))
                | (Q(role=Role.TRANSLATOR) & _only("language")),
            ),
            *(
                models.UniqueConstraint(fields=["user", place], name=f"one_membership_a_{place}")
                for place in ("school", "district", "region", "state")
            ),
            models.UniqueConstraint(
                fields=["user", "language"],
                condition=~Q(language=""),
                name="one_membership_a_language",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.place}"

    @property
    def home_district(self) -> District | None:
        """The district that answers for it; None where only the install's owner does."""
        if self.role == Role.TRANSLATOR:
            return self.user.home
        return self.school.district if self.school else self.district

    @property
    def place(self) -> Any:
        """The school, district, region, state or language that it is for."""
        place = self.school or self.district or self.region or self.state
        return place or translators.name_of(self.language)

"""A district's own words, as its files write them, and what a person said that they mean."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from contacts.models.imports import ContactImport
from contacts.models.people import Contact
from contacts.models.reviews import Decided
from schools.models import District, User


class FileWordQuerySet(models.QuerySet["FileWord"]):
    def visible_to(self, user: User | AnonymousUser) -> FileWordQuerySet:
        """Words of this person's own files, or that were said of families they may see."""
        if user.is_superuser:
            return self
        said = FileWord.contacts.through.objects.filter(
            fileword=OuterRef("pk"), contact__in=Contact.objects.visible_to(user).values("pk")
        )
        return self.filter(Q(upload__in=ContactImport.objects.visible_to(user)) | Q(Exists(said)))

    def open(self) -> FileWordQuerySet:
        return self.filter(decided_at=None)

    def explained(self) -> FileWordQuerySet:
        return self.exclude(decided_at=None)


class FileWord(Decided):
    """One word that no file reader understood; asked of a person once."""

    class Kind(models.TextChoices):
        LANGUAGE = "language", _("Language")
        SCHOOL = "school", _("School")
        STATUS = "status", _("Aid status")

    district = models.ForeignKey(District, models.CASCADE, related_name="file_words")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    word = models.CharField(max_length=80)  # in lower case, single spaces
    # A language's BCP 47 tag, a school's NCES id or an aid status; empty once answered: no such.
    meaning = models.CharField(max_length=20, blank=True)
    rows = models.PositiveIntegerField(default=0)  # of the last file with it
    seen_on = models.DateField()
    upload = models.ForeignKey(
        ContactImport, models.SET_NULL, null=True, blank=True, related_name="file_words"
    )
    # Of whom a file last said it.
    contacts = models.ManyToManyField(Contact, related_name="+")

    objects = FileWordQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "word"]
        constraints = [
            models.UniqueConstraint(fields=["district", "kind", "word"], name="file_word_once")
        ]

    def __str__(self) -> str:
        return self.word

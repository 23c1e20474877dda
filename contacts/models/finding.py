"""What makes people findable: the words of their names, and tags."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.people import Contact, Student
from schools.models import District, User


class TagQuerySet(models.QuerySet["Tag"]):
    def visible_to(self, user: User | AnonymousUser) -> TagQuerySet:
        """Tags of the districts in which this person sees a school's families."""
        return self.filter(district__in=District.objects.whose_families(user))


class Tag(models.Model):
    """A district's own word for some of its students, such as "College Bound"."""

    district = models.ForeignKey(District, models.CASCADE, related_name="tags")
    name = models.CharField(_("name"), max_length=40)

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["district", "name"], name="tag_once")]

    def __str__(self) -> str:
        return self.name


class NameWord(models.Model):
    """One word of a student's or guardian's name, folded (imports.book.folded), for the search."""

    word = models.CharField(max_length=40, db_index=True)
    student = models.ForeignKey(Student, models.CASCADE, null=True, related_name="name_words")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="name_words")

    def __str__(self) -> str:
        return self.word

"""What waits for a person's decision, in one place: each kind is a queue with a page."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts import statuses
from contacts.models import FileWord, PossibleDouble, StatusReview, Student
from schools.models import User


@dataclass(frozen=True)
class Queue:
    """One kind of question, and how many of them wait."""

    name: str
    label: str | Promise
    why: str | Promise
    icon: str
    count: int

    @property
    def url(self) -> str:
        return reverse(self.name)


def queues(user: User) -> list[Queue]:
    """Every queue of this person with its count, also those where nothing waits."""
    return [
        Queue(
            "contact-doubles",
            _("One person or two?"),
            _("Students with one name and one date of birth, but two ids."),
            "people",
            PossibleDouble.objects.visible_to(user).open().count(),
        ),
        Queue(
            "status-questions",
            _("Whose status is it?"),
            _("Rows of a status file without an id that is known here."),
            "question",
            StatusReview.objects.visible_to(user).open().count(),
        ),
        Queue(
            "status-conflicts",
            _("Who is right?"),
            _("The file or your staff say one thing about the form, the family another."),
            "alert",
            statuses.conflicts(Student.objects.visible_to(user).present()).count(),
        ),
        Queue(
            "file-words",
            _("What does it mean?"),
            _("Words for languages, schools and statuses that no file reader knows."),
            "language",
            FileWord.objects.visible_to(user).open().count(),
        ),
    ]


def waiting(user: User) -> int:
    """How many questions wait for this person in all."""
    return sum(queue.count for queue in queues(user))


def hub_url() -> str:
    """The page that lists the queues."""
    return reverse("to-review")

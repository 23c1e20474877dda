"""Rows of status files that may mean a student: asked of a person once, and remembered.

A later file that names the same person in the same way is answered as before, unless somebody
new has come whom it may mean.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from contacts import statuses
from contacts.crypto import blind_index
from contacts.models import ContactImport, StatusReview, Student
from schools import audit
from schools.models import District, User

PERSON = "person"


@dataclass(frozen=True)
class Answer:
    """What a person said of somebody whom a file named: this student, or none of those asked."""

    student: Student | None
    asked: frozenset[UUID]


def index(*named_by: str) -> str:
    """Equal for people named in the same way, and meaningless without the key."""
    return blind_index(PERSON, "|".join(named_by))


def ask(
    upload: ContactImport, students: Sequence[Student], *, who: str, **about: Any
) -> StatusReview:
    """Keeps a question; an older one about the same person gives way to it."""
    StatusReview.objects.open().filter(
        district=upload.district_id, who_index=about["who_index"]
    ).delete()
    schools = {student.school_id for student in students}
    review = StatusReview(
        upload=upload,
        district_id=upload.district_id,
        school_id=schools.pop() if len(schools) == 1 else None,
        **about,
    )
    review.who = who
    review.save(force_insert=True)
    review.candidates.set(students)
    return review


def answers(district: District, indexes: Collection[str]) -> dict[str, Answer]:
    """What was answered before about these people, the last answer each."""
    decided = (
        StatusReview.objects.filter(district=district, who_index__in=indexes)
        .exclude(decided_at=None)
        .select_related("chosen")
        .prefetch_related("candidates")
        .order_by("decided_at")
    )
    return {
        review.who_index: Answer(
            review.chosen, frozenset(student.pk for student in review.candidates.all())
        )
        for review in decided
    }


def decide(review: StatusReview, student: Student | None, *, by: User, now: dt.datetime) -> bool:
    """Records the row for the student meant, or for nobody; False if it was decided already.

    The state's id is kept with a student who had none, so that the next file is sure.
    """
    with transaction.atomic():
        open_still = StatusReview.objects.open().filter(pk=review.pk)
        if not open_still.update(decided_at=now, decided_by=by, chosen=student):
            return False
        told = "nobody"
        if student is not None:
            told = f"student {student.pk}"
            finding = statuses.Finding(student, review.status, review.as_of)
            statuses.record_many([finding], by=by, upload=review.upload)
            if review.state_student_id and not student.state_student_id:
                student.state_student_id = review.state_student_id
                student.save(update_fields=["state_student_id"])
        audit.record(by, "status.matched", told, district=review.district)
    return True


def repoint(gone: Student, keep: Student) -> None:
    """Answers and open questions about one student are about the other, who is the same person."""
    StatusReview.objects.filter(chosen=gone).update(chosen=keep)
    for review in StatusReview.objects.filter(candidates=gone):
        review.candidates.add(keep)


def forget(students: Collection[UUID]) -> None:
    """Deletes every row that may have meant one of these students: it names them."""
    about = Q(candidates__in=students) | Q(chosen__in=students)
    found = StatusReview.objects.filter(about).values_list("pk", flat=True)
    StatusReview.objects.filter(pk__in=list(found)).delete()

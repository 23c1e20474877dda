"""One change for many students at once: a few statements, one entry in the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contacts import languages, statuses
from contacts.models import AidStatus, AidStatusEntry, Contact, Guardianship, Student, Tag
from schools import audit
from schools.models import Cycle, User

AT_ONCE = 1_000

ACTIONS = {
    "tag": _("Add a tag"),
    "untag": _("Take a tag away"),
    "language": _("Set the family's language"),
    "status": _("Set the aid status"),
    "grade": _("Set the grade"),
    "leave": _("Mark as left"),
}


def in_words(action: str, value: str) -> str:
    """The new value as staff name it: a language's or a status's name, not its code."""
    if action == "language":
        return languages.get(value).name
    return str(AidStatus(value).label) if action == "status" else value


def change(
    students: QuerySet[Student], action: str, value: str, *, by: User | None, now: dt.datetime
) -> int:
    """Does one of ACTIONS to all of the students in one transaction; returns to how many.

    What it sets is set by hand: no import undoes it.
    """
    do = _DO[action]
    count = 0
    with transaction.atomic():
        keys = list(students.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(keys), AT_ONCE):
            count += do(keys[start : start + AT_ONCE], value, by, now)
        districts = Student.objects.filter(pk__in=keys[:1]).select_related("district")
        audit.record(
            by,
            "students.changed",
            f"{count} students",
            district=districts[0].district if keys else None,
            change=action,
            value=value if action != "tag" else "",
            students=count,
        )
    return count


def _tag(keys: list[UUID], value: str, by: User | None, now: dt.datetime) -> int:
    through = Student.tags.through
    pairs = Student.objects.filter(pk__in=keys).values_list("pk", "district")
    tags = {
        district: Tag.objects.get_or_create(district_id=district, name=value)[0].pk
        for district in {district for _pk, district in pairs}
    }
    through.objects.bulk_create(
        [through(student_id=pk, tag_id=tags[district]) for pk, district in pairs],
        ignore_conflicts=True,
    )
    return len(keys)


def _untag(keys: list[UUID], value: str, by: User | None, now: dt.datetime) -> int:
    Student.tags.through.objects.filter(student__in=keys, tag__name=value).delete()
    return len(keys)


def _language(keys: list[UUID], value: str, by: User | None, now: dt.datetime) -> int:
    ties = Guardianship.objects.filter(student__in=keys, left_on=None).values("contact")
    people = Contact.objects.filter(pk__in=ties) | Contact.objects.filter(student__in=keys)
    _by_hand(people, {"language": value})
    return len(keys)


def _status(keys: list[UUID], value: str, by: User | None, now: dt.datetime) -> int:
    statuses.record_many(
        [statuses.Finding(student, value, now) for student in Student.objects.filter(pk__in=keys)],
        source=AidStatusEntry.Source.STAFF,
        by=by,
    )
    return len(keys)


def _grade(keys: list[UUID], value: str, by: User | None, now: dt.datetime) -> int:
    name = Cycle.name_on(now.date(), grade=value)
    cycle = Cycle.objects.get_or_create(name=name)[0]
    students = Student.objects.filter(pk__in=keys)
    _by_hand(students, {"grade": value})
    students.update(cycle=cycle)
    return len(keys)


def _leave(keys: list[UUID], value: str, by: User | None, now: dt.datetime) -> int:
    _by_hand(Student.objects.filter(pk__in=keys, left_on=None), {"left_on": now.date()})
    return len(keys)


def _by_hand(rows: QuerySet[Any], values: dict[str, Any]) -> None:
    changed = []
    for row in rows.only("pk", "by_hand", *values).distinct():
        for name, value in values.items():
            setattr(row, name, value)
        row.by_hand = sorted({*row.by_hand, *values})
        changed.append(row)
    rows.model._default_manager.bulk_update(changed, [*values, "by_hand"], batch_size=200)


_DO: dict[str, Callable[[list[UUID], str, User | None, dt.datetime], int]] = {
    "tag": _tag,
    "untag": _untag,
    "language": _language,
    "status": _status,
    "grade": _grade,
    "leave": _leave,
}

"""Students who may be one person entered twice: one name, one date of birth, two ids."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from uuid import UUID

from contacts.models import PossibleDouble, Student
from contacts.names import folded
from schools.models import District

AT_ONCE = 1_000


def find(district: District, *, students: list[UUID], now: dt.datetime) -> int:
    """Notes the pairs that these students make with others; returns how many are new questions.

    A pair that a person has answered, or is still asked about, is not asked again.
    """
    found = 0
    for start in range(0, len(students), AT_ONCE):
        some = students[start : start + AT_ONCE]
        found += _find(district, set(some), now)
    return found


def _find(district: District, students: set[UUID], now: dt.datetime) -> int:
    born = Student.objects.filter(pk__in=students).exclude(birth_date=None)
    days = set(born.values_list("birth_date", flat=True))
    same: dict[tuple[str, dt.date], list[UUID]] = defaultdict(list)
    everyone = Student.objects.filter(district=district, birth_date__in=days).order_by("pk")
    for pk, first, last, day in everyone.values_list("pk", "first_name", "last_name", "birth_date"):
        same[folded(f"{first} {last}"), day].append(pk)
    pairs = {
        (one, other)
        for group in same.values()
        for i, one in enumerate(group)
        for other in group[i + 1 :]
        if students & {one, other}
    }
    if not pairs:
        return 0
    asked = PossibleDouble.objects.filter(student__in={one for one, _other in pairs})
    new = pairs - set(asked.values_list("student", "other"))
    PossibleDouble.objects.bulk_create(
        [
            PossibleDouble(district=district, student_id=one, other_id=other, found_at=now)
            for one, other in sorted(new)
        ],
        batch_size=500,
    )
    return len(new)

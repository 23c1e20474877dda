"""Students who may be one person entered twice: one name, one date of birth, two ids."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from uuid import UUID

from contacts.models import PossibleDouble, Student
from contacts.names import folded
from schools.models import District

MOST_ALIKE = 5  # of more than that, the date of birth is a placeholder


def find(district: District, *, now: dt.datetime) -> int:
    """Notes the pairs among a district's students; returns how many new questions that makes.

    A pair that a person has answered, or is still asked about, is not asked again. One walk over
    the district, ordered by birthday: only one day's students are in memory.
    """
    born = Student.objects.filter(district=district).exclude(birth_date=None)
    columns = ("birth_date", "pk", "first_name", "last_name")
    rows = born.order_by("birth_date", "pk").values_list(*columns).iterator(2_000)
    pairs: set[tuple[UUID, UUID]] = set()
    for _day, children in itertools.groupby(rows, key=lambda row: row[0]):
        same: dict[str, list[UUID]] = defaultdict(list)
        for _birth_date, pk, first, last in children:
            same[folded(f"{first} {last}")].append(pk)
        for group in same.values():
            pairs.update(itertools.combinations(group[:MOST_ALIKE], 2))
    asked = PossibleDouble.objects.filter(district=district)
    new = pairs - set(asked.values_list("student", "other")) if pairs else pairs
    PossibleDouble.objects.bulk_create(
        [
            PossibleDouble(district=district, student_id=one, other_id=other, found_at=now)
            for one, other in sorted(new)
        ],
        batch_size=500,
    )
    return len(new)

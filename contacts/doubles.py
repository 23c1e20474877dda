"""Students who may be one person entered twice: one name, one date of birth, two ids."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from contacts import languages
from contacts.models import PossibleDouble, Student
from contacts.names import plain
from schools.models import District

MOST_ALIKE = 5  # of more than that, the date of birth is a placeholder
AT_ONCE = 500


def find(district: District, *, now: dt.datetime) -> int:
    """Notes the pairs among a district's students; returns how many new questions that makes.

    A pair that a person has answered, or is still asked about, is not asked again.
    """
    count, pairs = 0, _pairs(district)
    while some := set(itertools.islice(pairs, AT_ONCE)):
        asked = PossibleDouble.objects.filter(student__in={one for one, _other in some})
        new = some - set(asked.values_list("student", "other"))
        PossibleDouble.objects.bulk_create(
            PossibleDouble(district=district, student_id=one, other_id=other, found_at=now)
            for one, other in sorted(new)
        )
        count += len(new)
    return count


def _pairs(district: District) -> Iterator[tuple[UUID, UUID]]:
    """Pairs of one name and birthday. One walk over the district, ordered by birthday: only one
    day's students are in memory."""
    born = Student.objects.filter(district=district).exclude(birth_date=None)
    columns = ("birth_date", "pk", "first_name", "last_name")
    rows = born.order_by("birth_date", "pk").values_list(*columns).iterator(2_000)
    for _day, children in itertools.groupby(rows, key=lambda row: row[0]):
        same: dict[str, list[UUID]] = defaultdict(list)
        for _birth_date, pk, first, last in children:
            same[plain(f"{first} {last}")].append(pk)
        for group in same.values():
            yield from itertools.combinations(group[:MOST_ALIKE], 2)


# Side by side ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One thing that is known of both."""

    label: str | Promise
    one: str
    other: str

    @property
    def differs(self) -> bool:
        return self.one != self.other


class Side:
    """One student of a pair as the page shows them; their guardians should be prefetched."""

    def __init__(self, student: Student) -> None:
        self.student = student
        guardians = sorted(student.guardians.all(), key=str)
        left = f" ({_('left')})" if student.left_on else ""
        born = student.birth_date
        self.values = [
            (_("Student id"), student.sis_id),
            (_("State student id"), student.state_student_id),
            (_("Date of birth"), date_format(born, "SHORT_DATE_FORMAT") if born else ""),
            (_("School"), f"{student.school}{left}"),
            (_("Grade"), student.grade),
            (_("Guardians"), ", ".join(map(str, guardians))),
            (
                _("Languages"),
                ", ".join(sorted({languages.get(g.language).name for g in guardians})),
            ),
            (_("Aid status"), student.get_aid_status_display()),
        ]
        self.addresses = {
            (point.channel, point.address_index)
            for guardian in guardians
            for point in guardian.points.all()
            if point.removed_on is None
        }


def compared(one: Side, other: Side) -> list[Row]:
    """What is known of both, row by row: first what differs."""
    both = zip(one.values, other.values, strict=True)
    rows = [Row(label, mine, theirs) for (label, mine), (_label, theirs) in both]
    return sorted(rows, key=lambda row: not row.differs)


def who_stays(one: Student, other: Student) -> tuple[Student, Student]:
    """Of two that are one person, the one who stays (present, else newer) and the one who goes."""
    keep, gone = sorted([one, other], key=lambda s: (s.left_on is not None, -s.pk.int))
    return keep, gone

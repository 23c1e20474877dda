"""How long families are kept: some months after a student graduated or left, then they are erased.

A district chooses how many months (RCW 28A.604 asks for a limit, not for a number). Nobody goes
before a fortnight after the rule was set or changed: what will go is shown first, on the page of
the district, and an administrator may hold a student back.
"""

from __future__ import annotations

import calendar
import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from contacts import erasure
from contacts.models import Hold, Student
from schools import audit, faults
from schools.models import Cycle, District, User

logger = logging.getLogger(__name__)

NOTICE = dt.timedelta(days=14)  # from the day a rule is set to the first night that it erases
AT = dt.time(3, 30)  # after the night's rosters, which may still bring somebody back
AT_ONCE = 100


def graduation(cycle: str) -> dt.date:
    """The end of the school year in which a cycle's students are seniors."""
    return dt.date(Cycle(name=cycle).first_year, 6, 30)


def plus_months(day: dt.date, months: int) -> dt.date:
    """The same day some months later; a month's last day where it has no such day."""
    month = day.year * 12 + day.month - 1 + months
    year, month = month // 12, month % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def latest_end(day: dt.date, months: int) -> dt.date:
    """The latest day that, with so many months added, is not after `day`."""
    ended = plus_months(day, -months)
    if day.day == calendar.monthrange(day.year, day.month)[1]:
        ended = ended.replace(day=calendar.monthrange(ended.year, ended.month)[1])
    return ended


def first_night(district: District) -> dt.date | None:
    """Before this day the district's rule erases nobody; None without a rule."""
    if not district.keep_months or district.keep_set_on is None:
        return None
    return district.keep_set_on + NOTICE


def erased_on(district: District, left_on: dt.date | None, cycle: str) -> dt.date | None:
    """When the rule erases students who left then and are of this cycle; None without a rule."""
    first = first_night(district)
    if first is None or not district.keep_months:
        return None
    ended = min(left_on or dt.date.max, graduation(cycle))
    return max(plus_months(ended, district.keep_months), first)


def due(district: District, day: dt.date) -> QuerySet[Student]:
    """The students whom the rule erases on or before a day, and whom nobody holds back then."""
    first = first_night(district)
    if first is None or day < first or not district.keep_months:
        return Student.objects.none()
    ended = latest_end(day, district.keep_months)
    cycles = Cycle.objects.values_list("name", flat=True)
    over = [name for name in cycles if graduation(name) <= ended]
    held = Hold.objects.on(day).filter(student=OuterRef("pk"))
    students = Student.objects.filter(district=district).filter(
        Q(left_on__lte=ended) | Q(cycle__in=over)
    )
    return students.exclude(Exists(held)).order_by("last_name", "first_name", "pk")


def calendar_of(district: District) -> list[tuple[dt.date, int]]:
    """Each day on which students will be erased and how many, the next first.

    Those who are held back are not counted, whenever their hold ends.
    """
    held = Hold.objects.filter(student=OuterRef("pk"))
    groups = (
        Student.objects.filter(district=district)
        .exclude(Exists(held))
        .order_by()
        .values_list("left_on", "cycle")
        .annotate(count=Count("pk"))
    )
    days: Counter[dt.date] = Counter()
    for left_on, cycle, count in groups:
        day = erased_on(district, left_on, cycle)
        if day is not None:
            days[day] += count
    return sorted(days.items())


def going_on(district: District, day: dt.date) -> QuerySet[Student]:
    """The students of one day of the calendar."""
    before = due(district, day - dt.timedelta(days=1)).values("pk")
    return due(district, day).filter(hold=None).exclude(pk__in=before.order_by())


def hold(students: QuerySet[Student], until: dt.date | None, *, by: User, now: dt.datetime) -> int:
    """Keeps students until a day, or until somebody ends it; returns how many."""
    found = list(students.select_related("district"))
    with transaction.atomic():
        Hold.objects.bulk_create(
            [Hold(student=each, until=until, placed_by=by, placed_at=now) for each in found],
            update_conflicts=True,
            unique_fields=["student"],
            update_fields=["until", "placed_by", "placed_at"],
        )
        _record(by, "retention.held", found, until=until.isoformat() if until else "")
    return len(found)


def release(students: QuerySet[Student], *, by: User) -> int:
    """Ends the holds of students: the rule counts for them again; returns how many."""
    found = list(students.filter(hold__isnull=False).select_related("district"))
    with transaction.atomic():
        Hold.objects.filter(student__in=[each.pk for each in found]).delete()
        _record(by, "retention.released", found)
    return len(found)


def run(now: dt.datetime) -> int:
    """Erases all whose time is over, district by district; returns how many students went.

    Where it fails, the log says in which district; the others' nights go on, and the next night
    tries again.
    """
    districts = District.objects.filter(keep_months__isnull=False).select_related("state")
    day, count = timezone.localdate(now), 0
    for district in districts.order_by("pk"):
        try:
            for went in _erase(district, day):
                count += went
        except Exception as error:
            what = faults.without_words(error)
            logger.error("Erasing in district %s failed: %s", district.nces_id, what)
    return count


def _erase(district: District, day: dt.date) -> Iterator[int]:
    """In pieces of one transaction each, so that what was begun is done if the night breaks off."""
    while batch := list(due(district, day)[:AT_ONCE]):
        person = erasure.Person(students=batch)
        yield erasure.erase(person, by=None, action="retention.erased")["students"]


def _record(by: User, action: str, students: Sequence[Student], **details: str) -> None:
    """One entry for each student held or released: who decided is what matters later."""
    for student in students:
        audit.record(by, action, f"student {student.pk}", district=student.district, **details)


def soon(districts: Iterable[District], today: dt.date) -> list[tuple[District, dt.date, int]]:
    """The districts that erase somebody within a month: when first, and how many by then."""
    month = today + dt.timedelta(days=30)
    found = []
    for district in districts:
        days = [(day, count) for day, count in calendar_of(district) if day <= month]
        if days:
            found.append((district, days[0][0], sum(count for _day, count in days)))
    return found

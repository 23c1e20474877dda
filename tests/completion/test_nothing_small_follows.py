"""The attacker: everything that a coordinator can see, and still no small count follows from it.

Two attackers. The one who knows our rules and Federal Student Aid's looks for other true counts
that would have made every sum, rate and change look exactly the same: of each hidden count there
must be such a world for every value that its row allows. The other one reads all pages and files
on all dates, and narrows each hidden count by every sum that it stands in.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from completion import summaries, suppression
from completion.calendar import Calendar
from completion.history import Point
from completion.models import SchoolSummary, Snapshot
from completion.rates import Count
from completion.standing import GroupStanding, SchoolStanding, Seniors, told
from completion.summaries import Summarised, packing
from completion.together import Counts
from completion.visible import KEYS, Kind
from schools.models import County, District, Enrolment, Region, Role, School, State
from tests.completion.conftest import make_school, person, publish, publish_band, seniors

DAY = dt.date(2026, 3, 6)
FEDERAL = [Count(0, 4, False), *(Count(n, n) for n in range(5, 10))]
"""What a hidden federal count may be: `<5`, or 5 to 9."""

# The attacker who knows the rules ----------------------------------------------------------


def everything(counts: dict[int, Count], paths: dict[int, tuple[int, int]]) -> Any:
    """Each sum that any page may show: of the state, its regions, its districts, any subset."""
    shown = {pk: suppression.told(count, federal=True) for pk, count in counts.items()}
    seen: list[Any] = [{pk: (count.low, count.high) for pk, count in shown.items()}]
    places = [((), 0), *(((region,), 1) for region in {p[0] for p in paths.values()})]
    places += [(path, 2) for path in set(paths.values())]
    for place, depth in places:
        inside = {pk: c for pk, c in shown.items() if paths[pk][: len(place)] == place}
        whole = Counts(inside, paths, depth)
        for size in range(len(inside) + 1):
            for part in itertools.combinations(inside, size):
                total = whole.total(part)
                seen.append(total and (total.low, total.high, total.known))
    return seen


def worlds(hidden: list[int]) -> Iterator[dict[int, Count]]:
    for values in itertools.product(FEDERAL, repeat=len(hidden)):
        yield dict(zip(hidden, values, strict=True))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(1, 2), st.integers(1, 2), st.sampled_from(FEDERAL)),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.tuples(st.integers(1, 2), st.integers(1, 2), st.integers(10, 60)), max_size=2),
)
def test_every_hidden_count_may_still_be_anything_that_its_row_allows(
    small: list[tuple[int, int, Count]], large: list[tuple[int, int, int]]
) -> None:
    paths = {n: row[:2] for n, row in enumerate([*small, *large])}
    known = {len(small) + n: Count(row[2], row[2]) for n, row in enumerate(large)}
    truth = {n: row[2] for n, row in enumerate(small)}
    seen = everything({**truth, **known}, paths)
    possible: dict[int, set[Count]] = {pk: set() for pk in truth}
    for world in worlds(list(truth)):
        if all(world[pk] in possible[pk] for pk in world):
            continue
        if everything({**world, **known}, paths) == seen:
            for pk, count in world.items():
                possible[pk].add(count)
    assert possible == {pk: set(FEDERAL) for pk in truth}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 6), st.integers(1, 4))
def test_any_count_may_be_its_least_and_its_most_beside_all_sums(
    hidden: list[int], districts: int, regions: int
) -> None:
    """The proof of together.py on large states: both ends of each row's range fit every step."""
    counts = {n: suppression.told(Count(value, value)) for n, value in enumerate(hidden)}
    paths = {n: (n % regions, n % districts) for n in counts}
    [root] = Counts(counts, paths, 0).roots

    def fits(node: Any, school: int, value: int) -> tuple[int, int]:
        """The sums that the place can have with one of its schools at a value."""
        if not node.parts:
            return (value, value) if school in node.schools else (node.low, node.high)
        parts = [fits(part, school, value) for part in node.parts]
        low, high = sum(p[0] for p in parts), sum(p[1] for p in parts)
        assert max(low, node.low) <= min(high, node.high)
        return max(low, node.low), min(high, node.high)

    for school, count in counts.items():
        fits(root, school, count.low)
        fits(root, school, count.high)


def test_a_total_is_no_closer_than_its_steps_and_holds_the_truth() -> None:
    truth = [3, 7, 0, 9, 5, 5, 8]
    counts = {n: suppression.told(Count(value, value)) for n, value in enumerate(truth)}
    total = Counts(counts, dict.fromkeys(counts, (0, 0)), 2).total()
    assert total and (total.low, total.high) == (30, 39)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 120), min_size=1, max_size=12))
def test_own_counts_tell_no_step_of_a_few_students(counts: list[int]) -> None:
    counts = sorted(counts)
    shown = suppression.series([Count(n, n) for n in counts])
    exact = [count.low for count in shown if not count.hidden]
    assert all(later - earlier >= 10 for earlier, later in itertools.pairwise(exact))
    assert all(c.low <= n <= c.high for c, n in zip(shown, counts, strict=True))
    assert all(c.high - c.low >= 9 for c in shown if c.hidden)


@given(st.integers(12, 400), st.data())
def test_our_own_students_are_told_in_ranges_that_hang_on_the_class_alone(
    class_size: int, data: st.DataObject
) -> None:
    """However often one looks: each count lies in one range, and ranges do not overlap but where
    nearly all have done it."""
    here = data.draw(st.integers(0, class_size))
    count = suppression.stepped(Count(here, here), class_size)
    assert count.low <= here <= count.high and count.hidden
    inside = [
        n for n in range(class_size + 1)
        if suppression.stepped(Count(n, n), class_size) == replace(count, kept=n)
    ]  # fmt: skip
    assert inside == list(range(inside[0], inside[-1] + 1)) and here in inside
    assert len(inside) >= min(10, max(2, class_size - 15)) or inside[-1] == class_size


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(10, 99), st.integers(0, 99))
def test_a_count_of_nearly_all_is_a_range_too(class_size: int, completed: int) -> None:
    assume(completed <= class_size)
    count = suppression.told(Count(completed, completed), class_size)
    if completed > 0.95 * class_size:
        assert count.high > count.low and suppression.count(count).small


# The attacker who reads pages --------------------------------------------------------------


@pytest.fixture
def state_of_schools(db: None, washington: State) -> list[School]:
    """Two regions, five districts, nineteen schools, three weeks; classes for most of them, and
    for each district the federal band."""
    regions = [
        Region.objects.create(code=f"r{n}", name=f"Region {n}", state=washington) for n in (1, 2)
    ]
    schools = []
    for number, size in enumerate((3, 4, 5, 3, 4)):
        district = District.objects.create(
            nces_id=f"53000{number:02d}", name=f"District {number}",
            state=washington, region=regions[number % 2],
        )  # fmt: skip
        schools += [make_school(district, n) for n in range(1, size + 1)]
    weekly: list[list[Any]] = [
        [7, 9, 12], [31, 34, 34], [5, 5, 6], ["<5", "<5", 8], [48, 49, 50], [9, 11, 13], [8, 8, 9],
        ["<5", 6, 7], [22, 22, 25], [6, 6, 6], [40, 44, 49], ["<5", 5, 9],
        [19, 19, 20], [58, 58, 59], [9, 9, 9],
        [40, 40, 40], [40, 41, 40], [40, 40, 40], [7, 7, 7],
    ]  # fmt: skip
    _publish_bands(schools, weekly)
    for at, (school, counts) in enumerate(zip(schools, weekly, strict=True)):
        for day, count in zip(("2026-03-06", "2026-03-13", "2026-03-20"), counts, strict=True):
            publish(school, day, 60, count)
        if at % 5 or at == 15:
            seniors(school, "2025-26", 60)
    return schools


def _publish_bands(schools: list[School], weekly: list[list[Any]]) -> None:
    """Each district's band by the true counts (a hidden one being 4), of sixty seniors a school."""
    days = ("2026-03-06", "2026-03-13", "2026-03-20")
    for at, day in enumerate(days):
        true: dict[str, list[int]] = {}
        for school, counts in zip(schools, weekly, strict=True):
            assert school.district
            count = 4 if counts[at] == "<5" else counts[at]
            true.setdefault(school.district.nces_id, []).append(count)
        for leaid, found in true.items():
            publish_band(leaid, day, 100 * sum(found) / (60 * len(found)))


KIND: dict[type, Kind] = {
    State: "states", Region: "regions", County: "counties", District: "districts",
}  # fmt: skip
NUMBER = re.compile(r"^<?(\d+)(?:–(\d+))?$")


@pytest.mark.parametrize("summarised", [False, True])
def test_no_hidden_count_follows_from_any_page_or_file_of_any_week(
    state_of_schools: list[School], client: Client, washington: State, summarised: bool
) -> None:
    client.force_login(person(Role.COORDINATOR, state=washington))
    truth = {
        (s.school_id, s.as_of): s.completed if not s.completed_hidden else None
        for s in Snapshot.objects.all()
    }
    ranges = {cell: (0, 9) for cell, n in truth.items() if n is None or n < 10}
    rated = set(Enrolment.objects.values_list("school", flat=True))
    nearly_all = {c for c, n in truth.items() if c[0] in rated and n and n > 57}
    ranges |= dict.fromkeys(nearly_all, (58, 60))
    rows_say = dict(ranges)
    known = {c: n for c, n in truth.items() if n is not None and c not in ranges}
    places: list[tuple[Any, list[School]]] = [(washington, state_of_schools)]
    for place, key in ((Region, "effective_region"), (District, "district")):
        for each in place.objects.all():  # type: ignore[attr-defined]
            inside = [s for s in state_of_schools if getattr(s, key) == each]
            places.append((each, inside))
    # A county with one whole district and two of another's three schools.
    county = County.objects.create(fips="53035", name="Kitsap", state=washington)
    parts = [*state_of_schools[:3], *state_of_schools[3:5]]
    School.objects.filter(pk__in=[s.pk for s in parts]).update(county=county)
    places.append((county, parts))
    if summarised:
        summaries.make(washington.pk, now=timezone.now())
    sums, bands = [], 0
    for place, inside in places:
        page = client.get(place.get_absolute_url())
        assert page.status_code == 200
        [completed] = [c for c in page.context["charts"] if c.title == "Completed"]
        for row in completed.rows:
            day = next(d for _s, d in truth if f"{d:%B} {d.day}, {d.year}" == row[0])
            if found := NUMBER.match(row[1].replace(",", "")):
                low, high = int(found[1]), int(found[2] or found[1])
                sums.append(({s.pk for s in inside}, day, low, high))
        for band in page.context["bands"]:
            if band.low is not None:
                size = 60 * len(inside)
                bands += 1
                low, high = -(-band.low * size // 100), (size * (band.high + 1) - 1) // 100
                sums.append(({s.pk for s in inside}, band.as_of, low, high))
        rate = page.context["group"].rate()
        assert isinstance(page.context["group"], Summarised) == (summarised and len(inside) > 4)
        parts = {s.pk for s in inside if s.pk in rated}
        sums.append((parts, dt.date(2026, 3, 20), rate.count.low, rate.count.high))
        kind: Kind = KIND[type(place)]
        told_ = client.get(f"/api/v1/{kind}/{getattr(place, KEYS[kind])}").json()
        for week in told_["weeks"]:
            low, high = week["completed"]["low"], week["completed"]["high"]
            sums.append(({s.pk for s in inside}, dt.date.fromisoformat(week["as_of"]), low, high))
        rows = list(csv.DictReader(io.StringIO(
            client.get(place.get_absolute_url() + "?format=csv").content.decode("utf-8-sig")
        )))  # fmt: skip
        assert len(rows) == len(inside)
        for row_ in rows:
            told_count = row_["Completed"]
            assert told_count == "<10" or int(told_count.split("–")[0]) >= 10
    # Narrow every hidden count by every sum until nothing moves any more.
    moved = True
    while moved:
        moved = False
        for schools, day, low, high in sums:
            cells = [(pk, day) for pk in schools if (pk, day) in ranges]
            rest = sum(known.get((pk, day), 0) for pk in schools)
            for cell in cells:
                others = [ranges[c] for c in cells if c != cell]
                least = max(ranges[cell][0], low - rest - sum(o[1] for o in others))
                most = min(ranges[cell][1], high - rest - sum(o[0] for o in others))
                if (least, most) != ranges[cell]:
                    ranges[cell], moved = (least, most), True
    assert ranges == rows_say
    assert bands and len(sums) > 20 and set(ranges.values()) == {(0, 9), (58, 60)}


def test_summaries_hold_no_more_than_rows_show(
    state_of_schools: list[School], washington: State
) -> None:
    """Whoever read the tables themselves would find every small count as its range."""
    summaries.make(washington.pk, now=timezone.now())
    truth = {
        (s.school_id, s.as_of): None if s.completed_hidden else s.completed
        for s in Snapshot.objects.all()
    }
    small = 0
    for stored in SchoolSummary.objects.select_related("school"):
        cycle = stored.cycle_id
        here = packing.unpacked_brief(stored.brief, stored.school, cycle, Calendar())
        weeks = packing.unpacked_series(stored.figures, cycle).points
        for point in (*here.points, *weeks):
            number = truth[stored.school_id, point.as_of]
            if number is None or number < 10:
                small += 1
                assert (point.completed.low, point.completed.high) == (0, 9)
                assert point.completed.kept == 0
        newest = truth[stored.school_id, weeks[-1].as_of]
        if newest is None or newest < 10:
            assert not stored.cells and (stored.completed, stored.rate_low) == (0, None)
    assert small > 20


def test_a_group_tells_of_a_part_only_what_the_whole_tells(washington: State) -> None:
    def school(pk: int, count: int) -> SchoolStanding:
        place = School(pk=pk, nces_id=str(pk), name=str(pk), state=washington)
        points = [Point(DAY, Count(60, 60), Count(count, count), federal=True)]
        many = Seniors(60, "2025-26")
        return SchoolStanding(place, "2026-27", told(points, many), [], many)

    schools = [school(n, count) for n, count in enumerate((30, 7, 8, 9, 6), start=1)]
    group = GroupStanding(schools)
    whole, part = group.rate(), group.rate(of=schools[:2])
    assert whole and part
    assert (part.count.low, part.count.high) == (30, 39)
    assert (whole.count.low, whole.count.high) == (50, 66)
    assert replace(whole.count, low=0) != whole.count

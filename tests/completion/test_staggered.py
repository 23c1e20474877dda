"""Schools that began a campaign beside those that had not: a known effect, and its limits."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from completion import standing, summaries
from completion.evidence import staggered, starts
from completion.evidence.staggered import Study, study
from schools.models import District, Role, School, State
from tests.completion.conftest import make_school, person, publish, seniors
from tests.completion.experiments import a_campaign

WEEKS = [dt.date(2026, 1, 2) + dt.timedelta(weeks=n) for n in range(20)]
BEGINS = [WEEKS[6] + dt.timedelta(days=2), WEEKS[9] + dt.timedelta(days=1), None]


def a_season(
    seed: int, effect: float, *, schools: int = 30, a_district: int = 1, drift: float = 0.0
) -> Study | None:
    """Rates of a season at schools that began on one of two days, or never."""
    chance = random.Random(seed)
    districts = {pk: pk // a_district for pk in range(schools)}
    chosen = {district: chance.choice(BEGINS) for district in set(districts.values())}
    starts = {pk: chosen[districts[pk]] for pk in districts}
    values: dict[int, dict[dt.date, float]] = {}
    for pk, start in starts.items():
        rate, slope = 0.2 * chance.random(), chance.gauss(0.02, 0.004) + drift * bool(start)
        values[pk] = {}
        for day in WEEKS:
            rate += slope + chance.gauss(0, 0.006)
            values[pk][day] = rate + (effect if start and day > start else 0)
    return study(values, starts, districts)


def covers(found: Study, effect: float) -> bool:
    low, high = found.overall.low, found.overall.high
    return (low is None or low <= effect) and (high is None or effect <= high)


@pytest.mark.parametrize("effect", [0.0, 0.03])
@pytest.mark.parametrize("a_district", [1, 3])
def test_a_known_effect_lies_in_the_permutation_interval(effect: float, a_district: int) -> None:
    seasons = [a_season(seed, effect, a_district=a_district) for seed in range(25)]
    found = [each for each in seasons if each]
    assert len(found) > 20
    assert sum(covers(each, effect) for each in found) >= len(found) - 4
    assert all(each.by_district == (a_district == 3) for each in found)


def test_schools_that_went_apart_before_say_so() -> None:
    found = a_season(3, 0.0, drift=0.02)
    assert found and found.parted_before
    assert not any(each.parted_before for seed in range(3) if (each := a_season(seed, 0.03)))


def test_what_began_earlier_is_nobodys_comparison() -> None:
    """Schools that began in week 6 rise ever after; nobody of week 9 is held against them."""
    rising = {pk: {day: 0.05 * max(0, WEEKS.index(day) - 6) for day in WEEKS} for pk in range(4)}
    flat = {pk: dict.fromkeys(WEEKS, 0.3) for pk in range(4, 12)}
    starts = dict.fromkeys(rising, BEGINS[0]) | dict.fromkeys(range(4, 8), BEGINS[1])
    found = study(rising | flat, starts, {})
    assert found is not None
    # 4 schools rise by 5 to 20 points over the weeks, 4 do not move: half of the mean of 12.5.
    assert found.overall.difference == pytest.approx(0.0625)


def test_few_schools_are_no_study() -> None:
    values = {pk: dict.fromkeys(WEEKS, 0.3) for pk in range(6)}
    assert study(values, {0: BEGINS[0], 1: BEGINS[0]}, {}) is None
    assert study(values, dict.fromkeys(range(4), BEGINS[0]), {}) is None
    assert study({}, {}, {}) is None


def test_too_few_ways_to_deal_leave_the_interval_open() -> None:
    values = {pk: {day: 0.01 * n * (1 + pk % 3) for n, day in enumerate(WEEKS)} for pk in range(12)}
    starts = dict.fromkeys(range(6), BEGINS[0])
    found = study(values, starts, {pk: pk // 6 for pk in range(12)})
    assert found and found.by_district and (found.overall.low, found.overall.high) == (None, None)


@pytest.fixture
def a_state_with_starts(db: None, washington: State) -> list[School]:
    """Ten schools with weekly figures, of which four began a campaign in the sixth week."""
    schools = []
    for number in range(10):
        district = District.objects.create(
            nces_id=f"53100{number:02d}", name=f"District {number}", state=washington
        )
        school = make_school(district, number)
        seniors(school, "2025-26", 200)
        for week, day in enumerate(WEEKS[:12]):
            began = number < 4 and week > 5
            publish(school, day.isoformat(), 90, 20 + 3 * week + number + 12 * began, "2026-27")
        schools.append(school)
    began = dt.datetime.combine(WEEKS[5] + dt.timedelta(days=1), dt.time(17), dt.UTC)
    for school in schools[:4]:
        made = a_campaign(school, began=began, hold_out_percent=0)
        made.cycle_id = "2026-27"
        made.save()
    return schools


def test_a_coordinator_sees_it_labelled_weaker(
    a_state_with_starts: list[School], client: Client, washington: State
) -> None:
    client.force_login(person(Role.COORDINATOR, state=washington))
    page = client.get("/completion/campaigns/staggered/").content.decode()
    assert "+6.0" in page and "4 weeks before" in page
    assert "Why this is weaker" in page and "Nobody drew lots" in page


def test_an_interval_without_bounds_is_drawn_open_and_not_as_nothing(
    client: Client, washington: State
) -> None:
    """Two districts, one of which began as a whole: any effect fits what was seen."""
    for number in range(12):
        district = District.objects.get_or_create(
            nces_id=f"53100{number // 6:02d}", name=f"District {number // 6}", state=washington
        )[0]
        school = make_school(district, number)
        seniors(school, "2025-26", 200)
        for week, day in enumerate(WEEKS[:12]):
            publish(school, day.isoformat(), 90, 20 + (2 + number % 3) * week, "2026-27")
        if number < 6:
            began = dt.datetime.combine(WEEKS[5] + dt.timedelta(days=1), dt.time(17), dt.UTC)
            made = a_campaign(school, began=began, hold_out_percent=0)
            made.cycle_id = "2026-27"
            made.save()
    client.force_login(person(Role.COORDINATOR, state=washington))
    page = client.get("/completion/campaigns/staggered/").content.decode()
    assert "no bound to no bound" in page and "An arrow: nothing bounds it" in page
    lines = re.findall(r'class="chart-interval" x1="([\d.]+)" x2="([\d.]+)"', page)
    assert lines.count(("110.0", "544.0")) == 2 * 4  # from edge to edge: both outcomes, each week


def test_a_study_is_the_same_from_summaries(a_state_with_starts: list[School]) -> None:
    schools = School.objects.filter(state="WA")
    before = [each.study for each in starts.studies(schools, "2026-27", key="computed")]
    summaries.make("WA", now=timezone.now())
    after = [each.study for each in starts.studies(schools, "2026-27", key="computed")]
    cache.clear()
    again = [each.study for each in starts.studies(schools, "2026-27", key="computed")]
    assert before == after == again and before[0]


def test_the_command_tells_it_where_nobody_was_held_out(
    a_state_with_starts: list[School],
) -> None:
    out = StringIO()
    call_command("evidence", a_state_with_starts[0].campaigns.get().pk, "--json", stdout=out)
    told = json.loads(out.getvalue())
    completed, submitted = told["staggered"]
    assert told["randomised"] is False and completed["weaker"] is True
    assert completed["overall"]["difference_points"] == 6.0
    assert (completed["schools_that_began"], completed["schools_compared"]) == (4, 6)
    assert submitted["overall"]["difference_points"] == 0.0


def test_hidden_counts_are_no_figures_of_a_study(
    a_state_with_starts: list[School], client: Client
) -> None:
    publish(a_state_with_starts[0], "2026-03-27", 90, 6, "2026-27")
    publish(a_state_with_starts[1], "2026-03-27", 90, 199, "2026-27")
    standings = standing.of_schools(School.objects.all(), "2026-27")
    rates = staggered.rates(standings, "completed")
    assert dt.date(2026, 3, 27) not in rates[a_state_with_starts[0].pk]
    assert rates[a_state_with_starts[1].pk][dt.date(2026, 3, 27)] == pytest.approx(0.995)

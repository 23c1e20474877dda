"""No message at an unlawful minute: two years of minutes, every state, every American zone."""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Message
from campaigns.sending import claim, expansion
from campaigns.timing import holidays, quiet_hours
from contacts.models import ContactPoint
from schools.models import Blackout, District
from schools.reference import known_states

BEGIN = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
END = dt.datetime(2028, 11, 15, tzinfo=dt.UTC)
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)

# Every zone in which people of a state live, where there is more than its capital's.
MORE_ZONES = {
    "AK": ["America/Adak", "America/Juneau", "America/Nome", "America/Sitka", "America/Yakutat"],
    "AZ": ["America/Denver"],
    "FL": ["America/Chicago"],
    "ID": ["America/Boise", "America/Los_Angeles"],
    "IN": ["America/Chicago", "America/Indiana/Indianapolis", "America/Indiana/Knox"],
    "KS": ["America/Denver"],
    "KY": ["America/Chicago", "America/Kentucky/Louisville"],
    "MI": ["America/Menominee", "America/Detroit"],
    "ND": ["America/Denver", "America/North_Dakota/Center"],
    "NE": ["America/Denver"],
    "NV": ["America/Denver"],
    "OR": ["America/Boise"],
    "SD": ["America/Denver"],
    "TN": ["America/New_York", "America/Chicago"],
    "TX": ["America/Denver"],
}


@cache
def places() -> list[tuple[str, str]]:
    """Each state with each of its zones."""
    return [
        (code, each)
        for code, (_name, zone) in known_states().items()
        if code != "FC"  # abroad: no row, so the strictest of all
        for each in dict.fromkeys([zone, *MORE_ZONES.get(code, [])])
    ]


# The oracle: the table read anew, and the clock on the wall ------------------------------------


@cache
def table() -> dict:
    return tomllib.loads(quiet_hours.TABLE.read_text())


def minutes(pair: list[str]) -> tuple[int, int]:
    if not pair:
        return (0, 0)
    return tuple(int(each[:2]) * 60 + int(each[3:]) for each in pair)


@cache
def allowed(state: str, day: dt.date) -> tuple[int, int]:
    """From and until, in minutes of the wall clock, by federal and state law."""
    since, until = minutes(table()["federal"]["window"])
    row = table()["states"].get(state)
    if row:
        windows = [row["days"]]
        if day.weekday() == 5:
            windows = [row.get("saturday", row["days"])]
        if day.weekday() == 6:
            windows = [row.get("sunday", row["days"])]
        if "holiday" in row and is_holiday(day, tuple(row.get("holidays", ()))):
            windows.append(row["holiday"])
        for each in map(minutes, windows):
            since, until = max(since, each[0]), min(until, each[1])
    return since, until


@cache
def is_holiday(day: dt.date, own: tuple[str, ...]) -> bool:
    """By looking at the three days around it, one rule after another."""
    for rule in (*holidays.FEDERAL, *own):
        for shift in (-1, 0, 1):
            other = day + shift * DAY
            if holidays.on(rule, other.year) != other:
                continue
            kept = {5: -1, 6: 1}.get(other.weekday(), 0)
            if shift == 0 or other + kept * DAY == day:
                return True
    return False


def lawful(now: dt.datetime, state: str, zones: list[str]) -> bool:
    also = table()["states"].get(state, {}).get("also_in")
    for zone in [*zones, *([also] if also else [])]:
        wall = now.astimezone(ZoneInfo(zone))
        since, until = allowed(state, wall.date())
        if not since <= wall.hour * 60 + wall.minute < until:
            return False
    return True


# Two years -------------------------------------------------------------------------------------


def test_no_minute_of_two_years_in_washington_is_open_that_law_closes_nor_the_other_way_round():
    now = BEGIN
    while now < END:
        is_open = quiet_hours.is_open(now, state="WA", zone="America/Los_Angeles")
        assert is_open == lawful(now, "WA", ["America/Los_Angeles"]), now
        now += MINUTE


@pytest.mark.parametrize(("state", "zone"), places())
def test_the_lawful_times_of_two_years_are_exactly_the_tables(state, zone):
    """Every opening and closing of two years, in order; each is checked to the minute on both
    sides, and between two of them every hour: so no minute is left unseen."""
    now, seen = BEGIN, 0
    while True:
        opens = quiet_hours.next_open(now, state=state, zone=zone)
        assert opens is not None
        hour = now  # closed until then
        while hour < opens:
            assert not lawful(hour, state, [zone]), hour
            hour += HOUR
        if opens > now:
            assert not lawful(opens - MINUTE, state, [zone]), opens
        if opens >= END:
            break
        closes = quiet_hours.next_close(opens, state=state, zone=zone)
        hour = opens
        while hour < closes:
            assert lawful(hour, state, [zone]), hour
            hour += HOUR
        assert lawful(closes - MINUTE, state, [zone]), closes
        assert not lawful(closes, state, [zone]), closes
        assert not quiet_hours.is_open(closes, state=state, zone=zone)
        now, seen = closes, seen + 1
    assert seen > 400


MOMENTS = st.integers(0, int((END - BEGIN) / MINUTE)).map(lambda n: BEGIN + n * MINUTE)


@st.composite
def districts(draw) -> District:
    """A district with hours and silent days of its own, not in the database."""
    since = draw(st.none() | st.integers(0, 22).map(lambda h: dt.time(h, 30)))
    until = draw(st.none() | st.integers(1, 23).map(dt.time))
    district = District(quiet_until=since, quiet_from=until)
    first = draw(MOMENTS).date()
    district.silent_days = [(first, first + draw(st.integers(0, 20)) * DAY)]
    return district


@given(st.sampled_from(places()), st.sampled_from(places()), districts(), MOMENTS)
@settings(max_examples=200, deadline=None)
def test_the_next_lawful_minute_is_the_first_that_anyone_would_find_by_looking(
    place, other, district, now
):
    """With a number from another zone and a district's own rules: both clocks must allow it."""
    state, zones = place[0], [place[1], other[1]]
    here = {"state": state, "zone": ",".join(zones), "district": district}

    def may(moment: dt.datetime) -> bool:
        if not lawful(moment, state, zones):
            return False
        also = table()["states"].get(state, {}).get("also_in")
        for zone in [*zones, *([also] if also else [])]:
            wall = moment.astimezone(ZoneInfo(zone))
            since, until = district.quiet_until or dt.time.min, district.quiet_from or dt.time.max
            first, last = district.silent_days[0]
            if first <= wall.date() <= last or not since <= wall.time() < until:
                return False
        return True

    assert quiet_hours.is_open(now, **here) == may(now)
    found = quiet_hours.next_open(now, **here)
    looked, horizon = now, min(found or now + 40 * DAY, now + 40 * DAY)
    while looked < horizon:
        assert not may(looked)
        looked += 15 * MINUTE if looked.minute % 15 == 0 and looked >= now + HOUR else MINUTE
    if found is not None:
        assert may(found)


# Single things that go wrong elsewhere ----------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2027-02-09", "LA"),  # Mardi Gras
        ("2027-03-26", "PA"),  # Good Friday
        ("2027-07-23", "UT"),  # Pioneer Day falls on a Saturday and is kept on Friday
        ("2027-05-04", "RI"),  # Rhode Island's own independence
        ("2028-11-07", "RI"),  # a general election
        ("2026-11-26", "AL"),  # Thanksgiving
        ("2026-11-27", "LA"),  # the day after
        ("2026-11-29", "PA"),  # a Sunday since October 2026
        ("2026-11-28", "SD"),  # a Saturday is no weekday
    ],
)
def test_a_states_own_days_are_kept(day, state):
    start, end = quiet_hours.window(dt.date.fromisoformat(day), state=state)
    assert start == end


def test_the_nights_when_clocks_change_keep_the_wall_clocks_hours():
    zone = ZoneInfo("America/Los_Angeles")
    for day in (dt.date(2026, 11, 1), dt.date(2027, 3, 14), dt.date(2027, 11, 7)):
        midnight = dt.datetime.combine(day, dt.time(0, 30), tzinfo=zone)
        opens = quiet_hours.next_open(midnight, state="WA", zone=zone.key)
        closes = quiet_hours.next_close(opens, state="WA", zone=zone.key)
        assert (opens.astimezone(zone).hour, closes.astimezone(zone).hour) == (8, 20)


def test_texas_keeps_central_time_as_well_as_the_familys_own():
    el_paso = ZoneInfo("America/Denver")
    quarter_to_eight = dt.datetime(2027, 1, 12, 19, 45, tzinfo=el_paso)
    here = {"state": "TX", "zone": el_paso.key}
    assert quiet_hours.is_open(quarter_to_eight, **here)
    assert not quiet_hours.is_open(quarter_to_eight + 15 * MINUTE, **here)


def test_a_state_that_nobody_wrote_down_gets_the_strictest_hours_and_every_holiday():
    monday = dt.date(2027, 1, 11)
    assert quiet_hours.window(monday, state="??") == (dt.time(10), dt.time(17))
    assert quiet_hours.window(dt.date(2027, 7, 24), state="??") == quiet_hours.CLOSED


def test_every_row_names_its_source_and_every_state_has_a_row():
    known = {code for code, _zone in places()}
    rows = table()["states"]
    assert known <= set(rows) | set(table()["federal_only"]["states"])
    assert all(row["source"] for row in rows.values())


def test_easter_is_where_the_almanacs_have_it():
    days = {2024: (3, 31), 2025: (4, 20), 2026: (4, 5), 2027: (3, 28), 2028: (4, 16), 2038: (4, 25)}
    assert {year: (d.month, d.day) for year in days if (d := holidays.easter(year))} == days


# In the claim -----------------------------------------------------------------------------------


@given(MOMENTS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_claim_takes_a_message_only_at_a_minute_that_both_its_clocks_allow(world, moment):
    if not Message.objects.exists():
        world.families(1)
        ContactPoint.objects.update(area_zone="America/New_York")
        campaign = world.launched()
        campaign.steps.update(expires_after=dt.timedelta(days=1))
        expansion.expand_due(world.now)
    Message.objects.update(
        state="pending", claim=None, not_before=BEGIN - DAY, expires_at=END + DAY
    )
    taken = claim.claim("sms", limit=10, now=moment)
    expected = lawful(moment, "WA", ["America/Los_Angeles", "America/New_York"])
    assert len(taken.messages) == int(expected)


def test_what_cannot_go_out_on_silent_days_waits_for_the_next_lawful_minute(world, providers):
    world.families(1)
    today = world.now.date()
    Blackout.objects.create(
        district=world.district, first_on=today, last_on=today + DAY, name="A day of mourning"
    )
    world.launched()
    report = world.tick()
    assert providers.journal.texts == []
    opens = dt.datetime.combine(today + 2 * DAY, dt.time(8), tzinfo=ZoneInfo("America/Los_Angeles"))
    assert report.next_at == opens
    world.now = opens
    world.tick()
    assert len(providers.journal.texts) == 1


def test_what_waits_longer_than_its_step_says_is_not_sent_at_all(world, providers):
    world.families(1)
    today = world.now.date()
    Blackout.objects.create(
        district=world.district, first_on=today, last_on=today + 9 * DAY, name="Winter break"
    )
    world.launched()
    world.tick(minutes=4 * 24 * 60)
    assert Message.objects.get().state == "expired"

"""A place beside its state's rate, and a district beside the federal file's own band."""

import json
from typing import Any

import pytest
from django.test import Client

from completion import bands, beside_state, standing, summaries
from completion.standing import GroupStanding
from schools.models import County, District, Region, Role, School, State
from tests.completion.conftest import make_school, person, publish, publish_band, seniors

pytestmark = pytest.mark.django_db
DAY = "2026-03-06"


def known(school: School, completed: Any, day: str = DAY) -> School:
    publish(school, day, 90, completed)
    seniors(school, "2025-26", 100)
    return school


@pytest.fixture
def two(district: District) -> list[School]:
    """60 and 40 of a hundred seniors: half of the state."""
    other = District.objects.create(nces_id="5300002", name="Elm", state=district.state)
    return [known(make_school(district, 1), 60), known(make_school(other, 1), 40)]


def words(school: School) -> str:
    [here] = standing.of_schools(School.objects.filter(pk=school.pk))
    state = GroupStanding(standing.of_schools(School.objects.filter(state=school.state)), 0)
    return beside_state.in_words(beside_state.gap(here, state), school.state.name)


def test_a_school_is_ahead_or_behind_by_points(two: list[School]) -> None:
    assert words(two[0]) == (
        "60.0% completed, in all of Washington 50.0% on the same day: 10.0 points ahead."
    )
    assert "10.0 points behind" in words(two[1])


def test_small_counts_in_the_state_leave_an_interval(two: list[School]) -> None:
    assert two[0].district
    known(make_school(two[0].district, 2), 7)
    assert "points ahead" in words(two[0]) and "–" in words(two[0])


def test_nothing_is_told_of_a_small_rate_or_of_another_day(two: list[School]) -> None:
    assert two[0].district
    small, late = make_school(two[0].district, 2), make_school(two[0].district, 3)
    known(small, 7)
    known(late, 50, day="2026-02-27")
    assert words(small) == words(late) == ""


@pytest.mark.parametrize("kind", ["school", "district", "region", "county", "api"])
def test_every_page_says_how_far_it_is_from_the_state(
    client: Client, two: list[School], kind: str, region: Region
) -> None:
    school = two[0]
    assert school.district
    county = County.objects.create(fips="53035", name="Kitsap", state=school.state)
    School.objects.filter(pk=school.pk).update(county=county)
    client.force_login(person(Role.COORDINATOR, state=school.state))
    place = {"district": school.district, "region": region, "county": county}.get(kind, school)
    if kind == "api":
        for address in (f"schools/{school.nces_id}", f"regions/{region.code}"):
            told = json.loads(client.get(f"/api/v1/{address}").content)
            assert (told["beside_state"]["low"], told["beside_state"]["high"]) == (10, 10)
    else:
        assert "10.0 points ahead" in client.get(place.get_absolute_url()).content.decode()


def test_a_large_state_is_read_from_its_summary(
    client: Client, two: list[School], monkeypatch: pytest.MonkeyPatch, now: Any
) -> None:
    monkeypatch.setattr(summaries, "FEW", 1)
    client.force_login(person(Role.COORDINATOR, state=two[0].state))
    assert "points ahead" not in client.get(two[0].get_absolute_url()).content.decode()
    summaries.make(two[0].state_id, now=now)
    assert "10.0 points ahead" in client.get(two[0].get_absolute_url()).content.decode()


# The federal band --------------------------------------------------------------------------


def told(district: District) -> bands.Told:
    group = GroupStanding(standing.of_schools(School.objects.filter(district=district)))
    return bands.of(district, group)[0]


def test_a_band_stands_beside_the_sum_and_is_never_a_point(
    client: Client, two: list[School]
) -> None:
    district = two[0].district
    assert district
    publish_band(district.nces_id, DAY, 63.0)
    found = told(district)
    assert (found.band.text, found.rate.text, found.low, found.high) == ("60–64%", "60.0%", 60, 64)
    client.force_login(person(Role.COORDINATOR, state=district.state))
    page = client.get(district.get_absolute_url()).content.decode()
    assert "own band" in page and "60–64%" in page
    table = client.get(district.get_absolute_url() + "?format=csv&table=federal-band")
    assert f"{DAY},60–64%,60,60.0,{DAY},5" in table.content.decode()
    api = json.loads(client.get(f"/api/v1/districts/{district.nces_id}").content)
    assert api["federal_bands"] == [{"as_of": DAY, "low": 60, "high": 64}]


def test_a_band_that_would_tell_of_a_few_students_is_not_told(two: list[School]) -> None:
    district = two[0].district
    assert district
    known(make_school(district, 2), 9)  # told: 60 to 69 of 200
    publish_band(district.nces_id, DAY, 34.5)
    assert told(district).low is None and told(district).band.small
    known(make_school(district, 3), 24)  # 84 to 93 of 300: all of it within 25 to 29? No: 28 to 31
    assert told(district).low is None


def test_a_band_around_all_that_is_told_is_told(two: list[School]) -> None:
    district = two[0].district
    assert district
    for number in range(2, 6):
        known(make_school(district, number), 59 if number < 5 else 3)  # 237 to 246 of 500
    publish_band(district.nces_id, DAY, 48.6)
    assert (told(district).low, told(district).high) == (45, 49)


def test_a_class_that_is_not_known_may_be_as_large_as_the_largest(washington: State) -> None:
    district = District.objects.create(nces_id="5300009", name="Yew", state=washington)
    known(make_school(district, 1), 10)
    publish(make_school(district, 2), DAY, 30, 7)  # 10 to 19 completed, of 100 to 200 seniors
    band = publish_band(district.nces_id, DAY, 10)
    assert told(district).band.text == "<20%"
    band.low = 8  # of 100 all of it would lie above
    band.save()
    assert told(district).band.small


def test_missing_data_are_said_to_be_missing(two: list[School]) -> None:
    district = two[0].district
    assert district
    band = publish_band(district.nces_id, DAY, 50)
    band.low = band.high = None
    band.save()
    assert told(district).band.text == "data are missing"


def test_a_districts_own_band_is_seen_by_nobody_elses_district(
    client: Client, two: list[School], washington: State
) -> None:
    district, other = two[0].district, two[1].district
    assert district and other
    publish_band(district.nces_id, DAY, 63.0)
    client.force_login(person(Role.DISTRICT_ADMINISTRATOR, district=other))
    assert client.get(district.get_absolute_url()).status_code == 404

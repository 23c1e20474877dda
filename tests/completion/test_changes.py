"""Change: in four weeks, against the last cycle and against the last that opened on time."""

import datetime as dt

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from completion import changes, similar, standing, suppression
from completion.calendar import Calendar
from completion.rates import Count
from completion.standing import GroupStanding, SchoolStanding
from schools.models import County, Cycle, District, Role, School, User
from tests.completion.conftest import make_school, person, publish, seniors

OPENED = {
    "2023-24": dt.date(2022, 10, 1),
    "2024-25": dt.date(2023, 12, 30),
    "2025-26": dt.date(2024, 11, 21),
    "2026-27": dt.date(2025, 9, 24),
}


@pytest.fixture
def cycles(db: None) -> None:
    for name, day in OPENED.items():
        Cycle.objects.create(name=name, opened_on=day)


def standing_of(school: School) -> SchoolStanding:
    return standing.of_schools(School.objects.filter(pk=school.pk))[0]


@pytest.mark.parametrize(
    ("cycle", "normal"),
    [
        ("2024-25", "2023-24"),
        ("2025-26", "2023-24"),
        ("2026-27", "2023-24"),
        ("2027-28", "2026-27"),
    ],
)
def test_the_last_normal_cycle_is_the_last_whose_form_opened_on_time(
    cycle: str, normal: str
) -> None:
    assert Calendar(OPENED).normal(cycle) == normal


@given(st.dates(dt.date(2024, 1, 1), dt.date(2024, 9, 1)))
def test_the_same_age_is_as_many_days_after_the_form_opened(day: dt.date) -> None:
    then = Calendar(OPENED).same_age(day, "2024-25", "2023-24")
    assert then - OPENED["2023-24"] == day - OPENED["2024-25"]


@pytest.mark.usefixtures("cycles")
def test_a_late_cycle_is_compared_by_date_and_by_weeks_since_it_opened(school: School) -> None:
    publish(school, "2024-03-08", 60, 40, "2024-25")
    publish(school, "2023-03-08", 120, 100, "2023-24")
    publish(school, "2022-12-09", 80, 50, "2023-24")  # ten weeks after 1 October, as 8 March is
    found = changes.of(standing_of(school))
    assert found
    told = {line.label: line.completed.change.text for line in found.lines}
    assert told["Same date of 2023-24"] == "−60"
    assert told["As many weeks after the form opened in 2023-24"] == "−10"
    assert "December 30, 2023" in found.late


@pytest.mark.usefixtures("cycles")
def test_two_years_later_the_cycle_before_the_late_ones_is_compared_too(school: School) -> None:
    publish(school, "2025-03-07", 100, 80, "2025-26")
    publish(school, "2024-03-08", 60, 40, "2024-25")
    publish(school, "2023-03-08", 120, 100, "2023-24")
    found = changes.of(standing_of(school))
    assert found
    told = {line.label: line.completed.change.text for line in found.lines}
    assert told["Same date of 2024-25"] == "+40"
    assert told["Same date of 2023-24"] == "−20"


def test_four_weeks_and_the_gap_that_closed_are_told(school: School, district: District) -> None:
    publish(school, "2026-02-06", 60, 50)
    publish(school, "2026-03-06", 100, 90)
    publish(school, "2025-02-06", 110, 100)
    publish(school, "2025-03-06", 130, 120)
    for here in (standing_of(school), GroupStanding([standing_of(school)])):
        found = changes.of(here)
        assert found
        [four] = [line for line in found.lines if line.label == "In four weeks"]
        assert (four.completed.change.text, four.completed.before.text) == ("+40", "50")
        assert found.gap == (
            "Completed: −25.0% against the same date of 2025-26, four weeks ago −50.0%. "
            "The gap has closed by 25.0 points."
        )


@given(st.lists(st.integers(0, 9), min_size=4, max_size=4), st.integers(0, 3))
def test_a_gap_with_a_small_end_is_never_told(small: list[int], place: int) -> None:
    counts = [Count(60, 60), Count(80, 80), Count(40, 40), Count(70, 70)]
    counts[place] = Count(small[place], small[place])
    assert suppression.gap(*counts) is None


def test_a_school_is_ranked_among_classes_of_its_size_and_poverty(district: District) -> None:
    for number, done in enumerate((50, 60, 70, 80, 90, 100)):
        other = make_school(district, number, low_income_percent=30 + number)
        publish(other, "2026-03-06", 120, done)
        seniors(other, "2025-26", 200)
    rich, big, hidden = (make_school(district, n, low_income_percent=p) for n, p in
                         ((7, 2), (8, 33), (9, 33)))  # fmt: skip
    for school, number, done in ((rich, 200, 190), (big, 900, 800), (hidden, 200, 7)):
        publish(school, "2026-03-06", 850, done)
        seniors(school, "2025-26", number)
    found = similar.rank(standing_of(School.objects.get(low_income_percent=32)))
    assert found and (found.place, found.of, found.by_poverty) == (4, 6, True)
    assert similar.in_words(standing_of(hidden)) == ""


def test_few_schools_are_no_field_to_be_ranked_in(school: School, district: District) -> None:
    for each in (school, make_school(district, 2)):
        publish(each, "2026-03-06", 120, 60)
        seniors(each, "2025-26", 200)
    assert similar.rank(standing_of(school)) is None


def test_a_county_adds_its_schools_up_for_whoever_sees_one(
    client: Client, school: School, district: District, admin: User
) -> None:
    county = County.objects.create(fips="53035", name="Kitsap", state=district.state)
    other = make_school(district, 2, county=county)
    District.objects.filter(pk=district.pk).update(county=county)
    for each in (school, other):
        publish(each, "2026-03-06", 120, 60)
    client.force_login(person(Role.COUNSELOR, school=school))
    body = client.get(county.get_absolute_url()).content.decode()
    assert "120" in body and "240" in body and other.name not in body
    far = District.objects.create(nces_id="5300009", name="Far", state=district.state)
    client.force_login(person(Role.COUNSELOR, school=make_school(far, 1)))
    assert client.get(county.get_absolute_url()).status_code == 404

"""Pictures beside the trend lines: dots by size, small multiples, the sheet for a principal."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import translation

from completion import standing
from completion.charts.dots import school_dots
from completion.charts.lines import MIDDLE, Dot, Mark, cycle_lines
from completion.onepage import one_page
from schools.models import District, School, User
from tests.completion.conftest import make_school, publish, seniors

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


@pytest.fixture
def schools(district: District) -> list[School]:
    """Five large schools and one with seven completions, two weeks each."""
    made = [make_school(district, n, name=f"Łódź-Kūpuna №{n} İ") for n in range(6)]
    for school, done in zip(made, (50, 60, 70, 80, 90, 7), strict=True):
        publish(school, "2026-02-27", 120, done - 2)
        publish(school, "2026-03-06", 121, done)
        seniors(school, "2025-26", 200)
    return made


def test_each_school_with_a_told_rate_is_a_dot_and_the_rest_is_said(schools: list[School]) -> None:
    chart = school_dots(standing.of_schools(School.objects.all()))
    assert chart
    assert chart.svg.count("<circle") == 5 == len(chart.rows)
    assert "1 school is left out" in chart.summary
    assert "№5" not in chart.svg


def test_two_schools_are_no_picture(schools: list[School]) -> None:
    two = School.objects.filter(pk__in=[s.pk for s in schools[:2]])
    assert school_dots(standing.of_schools(two)) is None


def test_schools_stand_side_by_side_with_their_numbers(
    signed_in: Client, district: District, schools: list[School]
) -> None:
    body = signed_in.get(district.get_absolute_url() + "?view=side").content.decode()
    assert body.count("chart__svg--small") == 6
    [table] = re.findall(r"Completion rate of each school.*?</table>", body, flags=re.DOTALL)
    assert "25.0%" in table and "3.5%" not in table


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_place_is_one_page_of_pdf_in_any_name_and_language(
    signed_in: Client, district: District, schools: list[School], language: str
) -> None:
    signed_in.cookies["django_language"] = language
    for place in (schools[0], schools[5], district, district.region, district.state):
        assert place
        response = signed_in.get(place.get_absolute_url() + "?format=pdf")
        assert response["Content-Type"] == "application/pdf"
        assert response.content.startswith(b"%PDF")
        assert len(re.findall(rb"/Type /Page\b", response.content)) == 1
        assert f"/Lang ({language})".encode() in response.content


def test_a_place_without_any_figure_has_a_sheet_that_says_so(school: School) -> None:
    [here] = standing.of_schools(School.objects.filter(pk=school.pk))
    with translation.override("es"):
        assert one_page(school, here, today=dt.date(2026, 3, 6)).startswith(b"%PDF")


@pytest.mark.parametrize(("days_apart", "names"), [(5, 1), (90, 2)])
def test_the_names_of_campaigns_do_not_run_into_each_other(days_apart: int, names: int) -> None:
    first = dt.date(2025, 11, 1)
    marks = [Mark(first, "3 campaigns"), Mark(first + dt.timedelta(days_apart), "1 campaign")]
    dots = [Dot(first + dt.timedelta(weeks=n), 10 * n, 10 * n, True, str(n)) for n in range(20)]
    chart = cycle_lines("Completed", "", cycle="2026-27", dots=dots, marks=marks, width=MIDDLE)
    wide = chart.svg.split("</svg>")[0]
    assert wide.count("chart-mark__label") == names
    assert wide.count("<title>3 campaigns") == wide.count("<title>1 campaign") == 1

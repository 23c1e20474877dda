"""Pages of large places read summaries: the same figures, in few queries however large."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from completion import summaries
from completion.models import SchoolSummary, Summary
from schools.models import District, Enrolment, Region, Role, School, State, User
from schools.reference import load
from tests.completion.conftest import FLORIDA, bring, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def florida(db: None) -> State:
    """Three weekly files of Florida, and a region with its largest district."""
    load("FL")
    for path in (FLORIDA[0], FLORIDA[3], FLORIDA[4]):
        bring(path)
    state = State.objects.get(code="FL")
    region = Region.objects.create(code="south", name="South", state=state)
    District.objects.filter(nces_id__in=["1200390", "1200180"]).update(region=region)
    return state


def seen(client: Client, url: str) -> dict[str, Any]:
    """All figures of a page."""
    context = client.get(url).context
    charts = [*context["charts"], context["bars"], context["dots"], context["map"]]
    return {
        "tiles": context["tiles"],
        # A large state's rate is told beside its places only once its summary is made.
        "changes": replace(context["changes"], beside_state="", state_gap=None),
        "charts": [(c.title, c.summary, sorted(c.rows)) for c in charts if c],
        "schools": sorted(row.standing.school.pk for row in context["page"])
        if context["page"].paginator.num_pages == 1
        else [row.rate.text for row in context["page"]],
        "count": context["rows_count"],
    }


def test_a_summary_says_what_the_snapshots_say(client: Client, admin: User, florida: State) -> None:
    client.force_login(admin)
    urls = [
        place.get_absolute_url() + query
        for place in (florida, Region.objects.get(), District.objects.get(nces_id="1200390"))
        for query in ("", "?cycle=2023-24", "?sort=-rate", "?sort=completed&page=2")
    ]
    before = [seen(client, url) for url in urls]
    assert summaries.make("FL", now=timezone.now()) > 1
    for url, figures in zip(urls, before, strict=True):
        assert seen(client, url) == figures, url


def test_a_page_of_a_large_state_asks_little(
    client: Client, admin: User, florida: State, django_assert_max_num_queries: Any
) -> None:
    summaries.make("FL", now=timezone.now())
    client.force_login(admin)
    for url in ("/completion/states/FL/", "/completion/", "/completion/regions/south/"):
        with django_assert_max_num_queries(18):
            assert client.get(url).status_code == 200


def test_a_summary_lists_only_schools_that_one_may_open(client: Client, florida: State) -> None:
    summaries.make("FL", now=timezone.now())
    region = Region.objects.get()
    school = School.objects.in_region(region).filter(snapshots__isnull=False).first()
    assert school
    client.force_login(person(Role.COUNSELOR, school=school))
    page = client.get(region.get_absolute_url()).context
    assert [row.standing.school for row in page["page"]] == [school]
    assert not page["dots"]


def test_whatever_changes_a_figure_takes_the_summary_away(florida: State) -> None:
    def made() -> None:
        summaries.make("FL", now=timezone.now())
        assert Summary.objects.exists() and SchoolSummary.objects.exists()

    made()
    bring(FLORIDA[1])
    assert not Summary.objects.exists()
    made()
    enrolment = Enrolment.objects.filter(school__state="FL").first()
    assert enrolment
    enrolment.save()
    assert not Summary.objects.exists()
    made()
    District.objects.filter(state="FL")[0].save()
    assert not Summary.objects.exists()
    made()
    load("FL")
    assert not Summary.objects.exists()

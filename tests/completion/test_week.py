"""A coordinator's home page tells the week: who moved, who may need help, what is under way."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign, CampaignState
from completion import summaries
from completion.views import week
from schools.models import Cycle, District, Region, Role, School, State, User
from tests.completion.conftest import make_school, person, publish, seniors
from tests.completion.test_digest import schools  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(region: Region, client: Client) -> User:
    user = person(Role.COORDINATOR, region=region)
    client.force_login(user)
    return user


def a_running_campaign(*where: School, name: str = "Start tonight") -> Campaign:
    assert where[0].district
    campaign = Campaign.objects.create(
        name=name,
        district=where[0].district,
        cycle=Cycle.objects.get_or_create(name="2025-26")[0],
        state=CampaignState.RUNNING,
        launched_at=timezone.now(),
    )
    campaign.schools.set(where)
    return campaign


def part(html: str, begins: str) -> str:
    return html.split(begins)[1].split("</section>")[0]


def test_home_names_three_that_moved_and_three_that_may_need_help(
    coordinator: User,
    client: Client,
    schools: list[School],  # noqa: F811
) -> None:
    html = client.get(reverse("home")).content.decode()
    assert "Figures through March 13, 2026, of 8 schools" in html
    moved, behind = part(html, "Moved most"), part(html, "May need help")
    assert [n for n in range(8) if f"School 0{n}" in moved] == [5, 6, 7]
    assert [n for n in range(8) if f"School 0{n}" in behind] == [0, 1, 2]
    assert reverse("completion-digest") in html


def test_small_counts_name_no_school_there_either(
    coordinator: User, client: Client, district: District
) -> None:
    small = make_school(district, 1, name="Tiny School")
    seniors(small, "2025-26", 12)
    publish(small, "2026-03-06", 8, 2)
    publish(small, "2026-03-13", 8, 7)
    html = client.get(reverse("home")).content.decode()
    assert "Tiny School" not in part(html, "Moved most")


def test_campaigns_under_way_are_named_where_one_may_see_all_their_schools(
    coordinator: User,
    client: Client,
    washington: State,
    schools: list[School],  # noqa: F811
) -> None:
    elsewhere = make_school(
        District.objects.create(nces_id="5300009", name="Far", state=washington), 9
    )
    ours = a_running_campaign(schools[0])
    a_running_campaign(schools[1], elsewhere, name="Half of it elsewhere")
    a_running_campaign(elsewhere, name="All of it elsewhere")
    html = client.get(reverse("home")).content.decode()
    assert "Start tonight" in html and "elsewhere" not in html
    assert client.get(reverse("completion-campaign", args=[ours.pk])).status_code == 200


def test_many_schools_are_compared_after_the_page_is_there(
    coordinator: User,
    client: Client,
    schools: list[School],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(week, "AT_ONCE", 3)
    html = client.get(reverse("home")).content.decode()
    assert "Moved most" not in html
    assert reverse("completion-week") in html
    brought = client.get(reverse("completion-week"), headers={"HX-Request": "true"})
    assert "School 07" in brought.content.decode()
    assert "<html" not in brought.content.decode()
    assert "<html" in client.get(reverse("completion-week")).content.decode()


def test_the_week_is_for_coordinators(client: Client, school: School) -> None:
    client.force_login(person(Role.COUNSELOR, school=school))
    assert client.get(reverse("completion-week")).status_code == 403
    assert "This week" not in client.get(reverse("home")).content.decode()


def test_home_says_how_far_each_place_is(
    coordinator: User,
    region: Region,
    washington: State,
    client: Client,
    schools: list[School],  # noqa: F811
) -> None:
    summaries.make(washington.pk, now=timezone.now())
    line = client.get(reverse("home")).context["places"][0]
    assert line["place"] == region
    assert line["rate"].text.endswith("%")
    assert line["rate"].text in client.get(region.get_absolute_url()).content.decode()

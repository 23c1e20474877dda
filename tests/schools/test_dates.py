"""Administrators set the dates that texts name, and the days on which nothing is sent."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from schools.models import AuditEntry, Blackout, Cycle, Deadline
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return builders.a_district()


@pytest.fixture
def cycle():
    return Cycle.objects.get_or_create(name=Cycle.name_on(timezone.localdate()))[0]


def a_date(cycle, **more):
    return Deadline.objects.create(
        cycle=cycle, name=more.pop("name", "Priority date"), on=dt.date(2027, 2, 1), **more
    )


def test_a_districts_families_go_by_the_countrys_its_states_and_its_own_dates(district, cycle):
    elsewhere = builders.a_district()
    dates = [
        a_date(cycle, name="country"),
        a_date(cycle, name="state", state=district.state),
        a_date(cycle, name="own", district=district),
    ]
    a_date(cycle, name="other state", state=builders.a_state("OR"))
    a_date(cycle, name="other district", district=elsewhere)
    assert list(Deadline.objects.of_district(district)) == dates


def test_an_administrator_sets_moves_and_takes_away_a_date_of_the_district(
    client, district, administrator, cycle
):
    given = {
        "name": "Aid night", "on": "2027-01-15", "cycle": cycle.pk,
        "place": f"district:{district.pk}", "source": "",
    }  # fmt: skip
    assert client.post(reverse("deadlines"), given).status_code == 302
    deadline = Deadline.objects.get()
    assert deadline.district == district
    client.post(f"{reverse('deadlines')}?change={deadline.pk}", {**given, "on": "2027-01-22"})
    assert Deadline.objects.get().on == dt.date(2027, 1, 22)
    client.post(reverse("deadline-remove", args=[deadline.pk]))
    assert not Deadline.objects.exists()
    assert list(AuditEntry.objects.values_list("action", flat=True)) == [
        "deadline.removed", "deadline.set", "deadline.set",
    ]  # fmt: skip


def test_the_states_dates_are_the_owners_to_set(client, district, administrator, cycle):
    states = a_date(cycle, state=district.state)
    page = client.get(reverse("deadlines"))
    assert [row["mine"] for row in page.context["rows"]] == [False]
    given = {
        "name": "x",
        "on": "2027-01-15",
        "cycle": cycle.pk,
        "place": f"state:{states.state_id}",
    }
    assert client.post(reverse("deadlines"), given).status_code == 200
    client.post(f"{reverse('deadlines')}?change={states.pk}", given)
    assert client.post(reverse("deadline-remove", args=[states.pk])).status_code == 404
    assert Deadline.objects.get().name == "Priority date"
    client.force_login(builders.a_user())
    builders.a_region(state=district.state)
    assert client.post(reverse("deadlines"), given).status_code == 302


def test_silent_days_are_added_and_taken_away(client, district, administrator):
    here = reverse("district-sending", args=[district.nces_id])
    client.post(here, {"name": "Winter break", "first_on": "2026-12-21", "last_on": "2027-01-01"})
    client.post(here, {"name": "Mourning", "first_on": "2027-02-03", "last_on": ""})
    district.refresh_from_db()
    assert district.is_silent_on(dt.date(2026, 12, 31))
    assert district.is_silent_on(dt.date(2027, 2, 3))
    assert not district.is_silent_on(dt.date(2027, 1, 2))
    for blackout in Blackout.objects.all():
        client.post(reverse("blackout-remove", args=[blackout.pk]))
    assert not Blackout.objects.exists()


def test_days_that_end_before_they_begin_change_nothing(client, district, administrator):
    here = reverse("district-sending", args=[district.nces_id])
    page = client.post(here, {"name": "x", "first_on": "2027-01-02", "last_on": "2027-01-01"})
    assert "last_on" in page.context["blackout"].errors
    assert not Blackout.objects.exists()


def test_the_weeks_limit_and_the_prices_are_the_districts_own(client, district, administrator):
    here = reverse("district-sending", args=[district.nces_id])
    given = {"weekly_cap": "0", "sms_price": "0.02", "email_price": "0"}
    assert client.post(here, given).context["limits"].errors.keys() == {"weekly_cap"}
    client.post(here, {**given, "weekly_cap": "2"})
    district.refresh_from_db()
    assert (district.weekly_cap, str(district.sms_price)) == (2, "0.02000")

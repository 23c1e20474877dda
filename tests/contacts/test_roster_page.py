"""The page of a district's roster service, for those who set the district up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from contacts import tasks
from contacts.models import ContactImport, RosterService, Student
from schools.models import AuditEntry, District, Membership, Role, School, User
from tests.contacts.builders import counselor_of, make_district
from tests.providers.oneroster import CLIENT, SECRET, OneRoster, a_user, an_org


@pytest.fixture
def running(settings: Any) -> Iterator[OneRoster]:
    settings.ROSTERS_ON_THIS_MACHINE = True
    with OneRoster() as service:
        service.roster.orgs = [an_org()]
        service.roster.users = [
            *(a_user(f"s{n}", "student", agents=["g1"]) for n in range(10)),
            a_user("g1", "parent", "Maria Lopez", sms="206-555-0101"),
        ]
        yield service


def administrator_of(district: District) -> User:
    user = User.objects.create_user(f"admin@{district.nces_id}.example", "secret")
    Membership.objects.create(user=user, role=Role.DISTRICT_ADMINISTRATOR, district=district)
    return user


@pytest.fixture
def page(client: Client, district: District) -> str:
    client.force_login(administrator_of(district))
    return reverse("roster-service", args=[district.nces_id])


def entered(running: OneRoster, **more: str) -> dict[str, str]:
    return {
        "action": "save",
        "url": running.url,
        "token_url": running.token_url,
        "client_id": CLIENT,
        "secret": SECRET,
        "nightly": "on",
        **more,
    }


def done() -> None:
    """A worker does what was asked."""
    tasks.fetch_roster(str(RosterService.objects.get().pk), None)


def test_with_one_district_its_page_opens(client: Client, page: str) -> None:
    assert client.get(reverse("rosters")).headers["Location"] == page


def test_a_counselor_does_not_set_up_rosters(client: Client, school: School) -> None:
    client.force_login(counselor_of(school))
    assert client.get(reverse("rosters")).status_code == 403


def test_another_districts_roster_is_not_there(client: Client, page: str) -> None:
    other = make_district("9900020")
    assert client.get(reverse("roster-service", args=[other.nces_id])).status_code == 404


def test_an_owner_chooses_among_districts_with_families(
    client: Client, page: str, running: OneRoster, district: District
) -> None:
    client.post(page, entered(running))
    client.post(page, {"action": "fetch"})
    done()
    client.force_login(User.objects.create_superuser("owner@x.example", "secret"))
    assert client.get(reverse("rosters")).headers["Location"] == page


def test_the_secret_is_kept_sealed_and_never_shown(
    client: Client, page: str, running: OneRoster
) -> None:
    client.post(page, entered(running))
    service = RosterService.objects.get()
    assert service.client_secret == SECRET
    assert SECRET.encode() not in bytes(service.client_secret_sealed)
    shown = client.get(page).content.decode()
    assert CLIENT in shown
    assert SECRET not in shown
    entry = AuditEntry.objects.get(action="roster.changed")
    assert SECRET not in str(entry.details)


def test_what_is_saved_again_keeps_the_secret(
    client: Client, page: str, running: OneRoster
) -> None:
    client.post(page, entered(running))
    client.post(page, entered(running, secret="", nightly=""))
    service = RosterService.objects.get()
    assert (service.client_secret, service.nightly) == (SECRET, False)


def test_a_kept_secret_does_not_go_to_a_host_that_it_was_not_entered_for(
    client: Client, page: str, running: OneRoster
) -> None:
    client.post(page, entered(running))
    elsewhere = entered(running, secret="", token_url="https://elsewhere.example/token")
    answer = client.post(page, elsewhere)
    assert answer.status_code == 422
    assert "Enter the secret for it again" in answer.content.decode()
    assert RosterService.objects.get().token_url == running.token_url


@pytest.mark.parametrize("url", ["http://sis.example", "https://a:b@sis.example", "nonsense"])
def test_an_unsafe_address_is_refused_in_words(
    client: Client, page: str, running: OneRoster, url: str
) -> None:
    answer = client.post(page, entered(running, url=url))
    assert answer.status_code == 422
    assert not RosterService.objects.exists()


def test_trying_counts_and_writes_nothing(client: Client, page: str, running: OneRoster) -> None:
    client.post(page, entered(running))
    client.post(page, {"action": "try"})
    assert "Trying the connection" in client.get(page).content.decode()
    done()
    shown = client.get(page).content.decode()
    assert "The connection works" in shown
    assert not Student.objects.exists()


def test_fetching_brings_the_families_and_says_so(
    client: Client, page: str, running: OneRoster
) -> None:
    client.post(page, entered(running))
    client.post(page, {"action": "fetch"})
    done()
    assert Student.objects.count() == 10
    assert ContactImport.objects.get().kind == "roster"
    assert "It did not work" not in client.get(page).content.decode()


def test_a_second_press_asks_nothing_more(client: Client, page: str, running: OneRoster) -> None:
    client.post(page, entered(running))
    client.post(page, {"action": "fetch"})
    answer = client.post(page, {"action": "fetch"}, follow=True)
    assert "under way already" in answer.content.decode()
    assert OrmQ.objects.count() == 1


def test_what_went_wrong_stands_on_the_page(client: Client, page: str, running: OneRoster) -> None:
    client.post(page, entered(running, secret="wrong"))
    client.post(page, {"action": "try"})
    done()
    assert "Enter them again" in client.get(page).content.decode()


def test_many_leavers_are_marked_only_when_a_person_says_so(
    client: Client, page: str, running: OneRoster
) -> None:
    client.post(page, entered(running))
    client.post(page, {"action": "fetch"})
    done()
    running.roster.users[:] = running.roster.users[5:]
    client.post(page, {"action": "fetch"})
    done()
    assert Student.objects.present().count() == 10
    assert 'value="anyway"' in client.get(page).content.decode()
    client.post(page, {"action": "anyway"})
    done()
    assert Student.objects.present().count() == 5


def test_removing_the_service_keeps_the_families(
    client: Client, page: str, running: OneRoster
) -> None:
    client.post(page, entered(running))
    client.post(page, {"action": "fetch"})
    done()
    client.post(page, {"action": "remove"})
    assert not RosterService.objects.exists()
    assert Student.objects.count() == 10

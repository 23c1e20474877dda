"""The weekly digest: who gets it, in which language, what it tells, and how it ends."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from completion import digest, movers
from completion.intake import bring_in
from completion.models import DigestChoice
from schools import nights
from schools.models import District, Region, Role, School, State, User
from tests.completion.conftest import make_school, person, publish, seniors

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def coordinator(region: Region) -> User:
    return person(Role.COORDINATOR, region=region)


@pytest.fixture
def schools(district: District) -> list[School]:
    """Eight schools of 200 seniors: School n completes 20 + 5n, n more than the week before."""
    found = []
    for number in range(8):
        school = make_school(district, number)
        seniors(school, "2025-26", 200)
        seniors(school, "2024-25", 200)
        publish(school, "2026-03-06", 100, 20 + 4 * number)
        publish(school, "2026-03-13", 100, 20 + 5 * number)
        publish(school, "2025-03-13", 100, 60)
        found.append(school)
    return found


def sent() -> mail.EmailMultiAlternatives:
    [message] = mail.outbox
    assert isinstance(message, mail.EmailMultiAlternatives)
    return message


def part(text: str, title: str) -> str:
    return text.split(title)[1].split("\n\n")[0]


def test_three_that_moved_most_and_three_that_need_help(
    coordinator: User, schools: list[School]
) -> None:
    assert digest.send(now=NOW) == 1
    message = sent()
    assert message.to == [coordinator.email]
    assert "March 13, 2026" in message.subject
    body = str(message.body)
    moved = part(body, "Moved most since the last figures")
    assert [n for n in range(8) if f"School 0{n}:" in moved] == [5, 6, 7]
    assert "27.5% completed, +3.5 points" in moved
    behind = part(body, "May need help this week")
    assert [n for n in range(8) if f"School 0{n}:" in behind] == [0, 1, 2]
    assert "10.0% completed, −20.0 points against the same week of last cycle" in behind
    assert "8 schools" in body


def test_it_speaks_the_readers_language(coordinator: User, schools: list[School]) -> None:
    DigestChoice.objects.create(user=coordinator, language="es")
    digest.send(now=NOW)
    message = sent()
    assert "13 de marzo de 2026" in message.subject
    html = message.alternatives[0][0]
    assert 'lang="es"' in html and "Las que más avanzaron" in html


def test_the_same_figures_are_told_once(coordinator: User, schools: list[School]) -> None:
    assert (digest.send(now=NOW), digest.send(now=NOW)) == (1, 0)
    publish(schools[0], "2026-03-20", 110, 30)
    assert digest.send(now=NOW) == 1


def test_without_figures_nothing_is_sent(coordinator: User) -> None:
    assert digest.send(now=NOW) == 0 and not mail.outbox


def test_small_counts_name_no_school(coordinator: User, district: District) -> None:
    small = make_school(district, 1)
    seniors(small, "2025-26", 40)
    publish(small, "2026-03-06", 30, "<5")
    publish(small, "2026-03-13", 30, 8)
    digest.send(now=NOW)
    assert "School 01" not in str(sent().body)


def test_a_school_far_behind_needs_help_even_if_it_moved_most(
    coordinator: User, schools: list[School]
) -> None:
    publish(schools[0], "2026-03-20", 100, 30)
    for school in schools[1:]:
        publish(school, "2026-03-20", 100, 70)
    publish(schools[0], "2025-03-20", 100, 90)
    found = movers.of(coordinator)
    assert found and schools[0] in {entry.school for entry in found.need_help}
    later = [entry.school for entry in found.need_help]
    assert later == [schools[0]]


def test_a_districts_own_later_day_hides_nobody_elses_week(
    coordinator: User, schools: list[School]
) -> None:
    content = f"school_id,date,submitted,completed\n{schools[0].nces_id},2026-03-17,110,50"
    bring_in("own.csv", content.encode(), cycle="2026-27")
    found = movers.of(coordinator)
    assert found and (found.through, found.schools) == (dt.date(2026, 3, 17), 8)
    assert {entry.school for entry in found.moved} == {schools[0], schools[6], schools[7]}


def test_only_coordinators_get_it_and_only_of_their_places(
    schools: list[School], district: District, washington: State
) -> None:
    person(Role.DISTRICT_ADMINISTRATOR, district=district)
    person(Role.COUNSELOR, school=schools[0])
    elsewhere = Region.objects.create(code="other", name="Other", state=washington)
    person(Role.COORDINATOR, region=elsewhere)
    away = person(Role.COORDINATOR, state=washington)
    User.objects.filter(pk=away.pk).update(is_active=False)
    assert digest.send(now=NOW) == 0


def test_one_click_in_the_mail_ends_it(
    coordinator: User, schools: list[School], client: Client
) -> None:
    digest.send(now=NOW)
    message = sent()
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = message.extra_headers["List-Unsubscribe"].strip("<>")
    path = "/" + link.split("/", 3)[3]
    assert client.get(path).status_code == 200
    assert DigestChoice.objects.get().wanted  # a program that only follows links ends nothing
    assert client.post(path).status_code == 200
    publish(schools[0], "2026-03-20", 110, 30)
    assert digest.send(now=NOW) == 0


def test_a_link_that_nobody_was_given_ends_nothing(coordinator: User, client: Client) -> None:
    for token in (f"{coordinator.pk}.x", "x", f"{coordinator.pk}"):
        assert client.post(f"/completion/digest/stop/{token}/").status_code == 404
    assert not DigestChoice.objects.exists()


def test_a_coordinator_chooses_on_a_page(coordinator: User, client: Client, school: School) -> None:
    client.force_login(coordinator)
    assert "Weekly digest" in client.get("/completion/").content.decode()
    client.post("/completion/digest/", {"language": "es"})
    choice = DigestChoice.objects.get(user=coordinator)
    assert (choice.wanted, choice.language) == (False, "es")
    client.force_login(person(Role.COUNSELOR, school=school))
    assert client.get("/completion/digest/").status_code == 403


def test_in_the_sandbox_no_mail_server_is_called(
    coordinator: User, schools: list[School], settings: object
) -> None:
    settings.EMAIL_URL = "smtp://mail.example:25"  # type: ignore[attr-defined]
    composed = movers.of(coordinator)
    assert composed
    choice = DigestChoice.objects.create(user=coordinator)
    message = digest.message(choice, composed, now=NOW)
    assert type(message.get_connection()).__module__.endswith("console")


def test_it_is_due_on_monday_mornings() -> None:
    [job] = [job for job in nights.jobs() if job.task == "completion.tasks.send_digests"]
    due = job.next_after(dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC))
    assert (due.date(), due.hour) == (dt.date(2026, 11, 30), 7)

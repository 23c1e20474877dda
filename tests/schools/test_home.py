"""Where each person begins, and what a monitor is told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Message, Reply, WorkerHeartbeat
from contacts.models import AidStatus, Contact
from schools.models import Role, School, User
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return builders.a_school(builders.a_district(region=builders.a_region()))


def home_of(client: Client, user: User) -> str:
    client.force_login(user)
    return client.get(reverse("home")).content.decode()


def menu(client: Client) -> set[str]:
    """The labels in both menus."""
    context = client.get(reverse("home")).context
    return {item.label for item in [*context["nav"], *context["user_nav"]]}


def test_a_counselor_without_families_is_led_to_the_import(client: Client, school: School) -> None:
    page = home_of(client, builders.a_user(Role.COUNSELOR, school))
    assert f'href="{reverse("contact-import-new")}"' in page
    assert reverse("campaign-new") not in page


def test_a_counselor_sees_where_their_own_seniors_stand(client: Client, school: School) -> None:
    for status in (AidStatus.COMPLETED, AidStatus.COMPLETED, AidStatus.SUBMITTED):
        builders.a_family(school, aid_status=status)
    builders.a_family(school, left_on=timezone.localdate())
    builders.a_family(aid_status=AidStatus.COMPLETED)  # at another school
    page = home_of(client, builders.a_user(Role.COUNSELOR, school))
    context = client.get(reverse("home")).context
    assert context["seniors"] == 3
    counts = {row["value"]: row["count"] for row in context["statuses"]}
    assert counts == dict.fromkeys(AidStatus.values, 0) | {"completed": 2, "submitted": 1}
    assert f'href="{reverse("campaign-new")}"' in page


def test_the_home_page_asks_no_more_of_a_larger_class(
    client: Client, school: School, django_assert_max_num_queries: Any
) -> None:
    user = builders.a_user(Role.COUNSELOR, school)
    builders.a_family(school)
    client.force_login(user)
    with django_assert_max_num_queries(40) as few:
        client.get(reverse("home"))
    for _more in range(10):
        builders.a_family(school)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(reverse("home"))


def a_question(contact: Contact) -> Reply:
    point = contact.points.get(channel="sms")
    return Reply.objects.create(
        contact=contact,
        contact_point=point,
        channel="sms",
        meaning=Reply.Meaning.QUESTION,
        received_at=timezone.now(),
    )


def test_the_inbox_counts_what_waits_for_me(client: Client, school: School) -> None:
    answered = a_question(builders.a_family(school))
    answered.handled_at = timezone.now()
    answered.save()
    a_question(builders.a_family(school))
    a_question(builders.a_family())  # someone else's
    client.force_login(builders.a_user(Role.COUNSELOR, school))
    context = client.get(reverse("home")).context
    assert {item.url: item.count for item in context["nav"]}[reverse("inbox")] == 1


def test_home_says_what_waits_for_me_and_only_that(client: Client, school: School) -> None:
    user = builders.a_user(Role.COUNSELOR, school)
    a_question(builders.a_family())  # someone else's
    assert "Nothing waits for you" not in home_of(client, user)  # with no family yet
    a_question(builders.a_family(school))
    page = home_of(client, user)
    waiting = client.get(reverse("home")).context["waiting"]
    assert [(each.url, each.count) for each in waiting] == [(reverse("inbox"), 1)]
    assert "Waiting for you" in page
    Reply.objects.update(handled_at=timezone.now())
    assert "Nothing waits for you today" in home_of(client, user)


def test_the_menu_holds_what_each_may_open_and_nothing_else(client: Client, school: School) -> None:
    district = school.district
    assert district is not None
    families = {"Home", "Families", "Campaigns", "Inbox", "Completion"}
    setting_up = {"People", "Settings", "Audit"}
    for user, expected in (
        (builders.a_user(Role.COUNSELOR, school), families),
        (builders.a_user(Role.DISTRICT_ADMINISTRATOR, district), families | setting_up),
        (builders.a_user(Role.COORDINATOR, district.region), {"Home", "Completion", "Packs"}),
        (builders.a_user(Role.TRANSLATOR, "es"), {"Home", "Translations"}),
        (builders.a_user(), families | setting_up | {"Translations"}),
        (User.objects.create_user("nobody@staff.example"), {"Home"}),
    ):
        client.force_login(user)
        assert menu(client) == expected
        home = client.get(reverse("home"))
        for item in [*home.context["nav"], *home.context["user_nav"]]:
            assert client.get(item.url).status_code == 200, item.url


def test_a_coordinator_finds_the_own_region(client: Client, school: School) -> None:
    district = school.district
    assert district is not None
    assert district.region is not None
    elsewhere = builders.a_region()
    page = home_of(client, builders.a_user(Role.COORDINATOR, district.region))
    assert district.region.get_absolute_url() in page
    assert elsewhere.get_absolute_url() not in page


@pytest.mark.parametrize("code", ["ZZ", "WA"])
def test_a_page_that_names_a_made_up_place_says_so(client: Client, code: str) -> None:
    region = builders.a_region(state=builders.a_state(code))
    client.force_login(builders.a_user(Role.COORDINATOR, region))
    assert client.get(reverse("home")).context["made_up"] == (code == "ZZ")


def test_someone_without_a_role_is_told_whom_to_ask(client: Client) -> None:
    page = home_of(client, User.objects.create_user("nobody@staff.example"))
    assert "Your account has no role yet" in page


def test_the_service_is_ready_when_its_tables_are(client: Client) -> None:
    assert client.get(reverse("healthz")).content == b"ok"
    assert client.get(reverse("readyz")).status_code == 200
    newest = MigrationLoader(connection).graph.leaf_nodes("schools")[0]
    MigrationRecorder(connection).record_unapplied(*newest)
    answer = client.get(reverse("readyz"))
    assert (answer.status_code, answer.content) == (503, b"migrations are pending")


def test_a_database_that_does_not_answer_is_told(client: Client) -> None:
    def refuse(*args: object) -> None:
        raise DatabaseError("no connection to 10.0.0.7 as aid")

    with connection.execute_wrapper(refuse):
        answer = client.get(reverse("readyz"))
    assert (answer.status_code, answer.content) == (503, b"the database does not answer")


def test_the_monitor_reads_counts_and_no_family(client: Client, school: School) -> None:
    family = builders.a_family(school, phone="+13605559371", email="rosa@home.example")
    now = timezone.now()
    for point in family.points.all():
        Message.objects.create(
            contact_point=point,
            school=school,
            channel=point.channel,
            address_index=point.address_index,
            state="sent",
            not_before=now,
            expires_at=now,
        )
    beat = now - dt.timedelta(seconds=90)
    WorkerHeartbeat.objects.create(worker="one-7", started_at=beat, beat_at=beat)
    text = client.get(reverse("metrics")).content.decode()
    assert 'aidbeacon_messages{channel="sms",state="sent"} 1\n' in text
    silence = text.split('aidbeacon_worker_silence_seconds{worker="one-7"} ')[1]
    assert int(silence) >= 90
    for secret in ("Lopez", "3605559371", "rosa@", school.name):
        assert secret not in text

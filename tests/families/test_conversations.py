"""Who looks after a family's messages, and what only a person may decide."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.inbox import conversations, office
from campaigns.models import Reply
from contacts.models import ConsentEntry, Contact, ContactPoint
from schools.models import Membership, Role, User
from tests.campaigns.conftest import Town
from tests.families.conftest import TUESDAY_MORNING, is_silent, text_in

pytestmark = pytest.mark.django_db
NUMBER = "+13605550111"


@pytest.fixture
def counselor(town: Town, family: Contact, phone: ContactPoint) -> User:
    return town.counselor()


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(user: User, show: str = "waiting") -> list[Contact]:
    rows = as_(user).get(reverse("inbox"), {"show": show}).context["rows"]
    return [row["contact"] for row in rows]


def unread(user: User) -> int:
    return conversations.unread(user, timezone.now())


def an_administrator(town: Town) -> User:
    number = User.objects.count()
    user = User.objects.create_user(f"administrator{number}@example.org", "secret")
    Membership.objects.create(user=user, role=Role.DISTRICT_ADMINISTRATOR, district=town.district)
    return user


# Whose it is ----------------------------------------------------------------------------------


def test_a_conversation_is_given_to_a_colleague(
    town: Town, counselor: User, family: Contact
) -> None:
    text_in("When is it?", NUMBER)
    colleague = town.counselor()
    address = reverse("inbox-assign", args=[family.pk])
    as_(counselor).post(address, {"to": colleague.pk})
    assert listed(colleague, "mine") == [family]
    assert listed(counselor, "mine") == []
    as_(counselor).post(address, {"to": ""})
    assert listed(colleague, "mine") == []


def test_nobody_gets_a_family_that_they_may_not_see(
    town: Town, counselor: User, family: Contact
) -> None:
    text_in("When is it?", NUMBER)
    elsewhere = town.counselor(town.other_school)
    address = reverse("inbox-assign", args=[family.pk])
    assert as_(counselor).post(address, {"to": elsewhere.pk}).status_code == 404
    assert listed(elsewhere, "mine") == []


def test_what_is_put_off_comes_back_on_a_school_days_morning(
    counselor: User, family: Contact, clock: time_machine.Traveller
) -> None:
    text_in("When is it?", NUMBER)
    assert unread(counselor) == 1
    as_(counselor).post(reverse("inbox-snooze", args=[family.pk]), {"until": "tomorrow"})
    assert listed(counselor) == []
    assert listed(counselor, "snoozed") == [family]
    assert unread(counselor) == 0
    clock.shift(dt.timedelta(hours=22))  # 8:00 on the next morning
    assert listed(counselor) == [family]
    assert unread(counselor) == 1


def test_what_is_put_off_comes_back_when_the_family_writes_again(
    counselor: User, family: Contact
) -> None:
    text_in("When is it?", NUMBER)
    as_(counselor).post(reverse("inbox-snooze", args=[family.pk]), {"until": "week"})
    text_in("Thank you, found it", NUMBER)
    assert listed(counselor) == [family]


# Perhaps an opt-out ---------------------------------------------------------------------------


def test_what_may_be_an_opt_out_is_shown_with_the_laws_last_day(
    counselor: User, family: Contact
) -> None:
    text_in("we are not interested", NUMBER)
    html = as_(counselor).get(reverse("inbox-thread", args=[family.pk])).content.decode()
    assert "Does this family want no more messages?" in html
    assert "Dec. 2, 2026" in html  # ten business days; Thanksgiving is none


def test_a_person_decides_that_it_is_one(
    counselor: User, family: Contact, phone: ContactPoint, mailbox: ContactPoint
) -> None:
    text_in("we are not interested", NUMBER)
    assert not is_silent(phone)
    reply = Reply.objects.get()
    address = reverse("inbox-opt-out", args=[family.pk])
    as_(counselor).post(address, {"reply": reply.pk, "is": "stop"})
    assert is_silent(phone)
    assert not is_silent(mailbox)
    entry = ConsentEntry.objects.get()
    assert (entry.basis, entry.recorded_by, entry.at) == (
        "own words",
        counselor,
        reply.received_at,
    )
    assert unread(counselor) == 0


def test_a_person_decides_what_a_stop_says_of_the_other_address(
    counselor: User, family: Contact, phone: ContactPoint, mailbox: ContactPoint
) -> None:
    text_in("Stop texting me, and do you hear me, my email is full of it as well", NUMBER)
    assert (is_silent(phone), is_silent(mailbox)) == (True, False)
    client, reply = as_(counselor), Reply.objects.get()
    thread = client.get(reverse("inbox-thread", args=[family.pk])).content.decode()
    assert "nothing at its other address either?" in thread
    address = reverse("inbox-opt-out", args=[family.pk])
    client.post(address, {"reply": reply.pk, "is": "stop"})
    assert is_silent(mailbox)
    assert unread(counselor) == 0


def test_a_person_decides_that_it_is_none(
    counselor: User, family: Contact, phone: ContactPoint
) -> None:
    text_in("Can we stop by? not interested in e-mail", NUMBER)
    reply = Reply.objects.get()
    address = reverse("inbox-opt-out", args=[family.pk])
    as_(counselor).post(address, {"reply": reply.pk, "is": "none"})
    reply.refresh_from_db()
    assert (reply.perhaps_stop, reply.handled_at) == (False, None)
    assert not is_silent(phone)


def test_a_later_yes_of_the_family_outlasts_a_late_decision(
    counselor: User, family: Contact, phone: ContactPoint, clock: time_machine.Traveller
) -> None:
    text_in("we are not interested", NUMBER)
    reply = Reply.objects.get()
    clock.shift(dt.timedelta(hours=1))
    text_in("START", NUMBER)
    conversations.is_opt_out(reply, by=counselor, now=timezone.now())
    clock.shift(dt.timedelta(hours=1))
    text_in("START", NUMBER)
    assert not is_silent(phone)


@pytest.mark.parametrize(
    ("received", "last_day"),
    [
        (dt.date(2026, 11, 17), dt.date(2026, 12, 2)),  # over Thanksgiving
        (dt.date(2026, 3, 2), dt.date(2026, 3, 16)),
        (dt.date(2026, 12, 23), dt.date(2027, 1, 8)),  # over Christmas and New Year
    ],
)
def test_ten_business_days_leave_out_weekends_and_holidays(
    received: dt.date, last_day: dt.date
) -> None:
    assert office.honour_by(received) == last_day


# Ready answers --------------------------------------------------------------------------------


def test_a_ready_answer_is_offered_in_the_familys_language_and_put_into_the_field(
    counselor: User, family: Contact
) -> None:
    family.language = "es"
    family.save()
    text_in("¿Cuándo es?", NUMBER)
    address = reverse("inbox-thread", args=[family.pk])
    page = as_(counselor).get(address, {"ready": 1})
    assert "Llámenos al (360) 555-0100" in page.context["draft"]
    assert "An interpreter is free" in page.content.decode()


def test_ours_are_offered_in_english_where_nobody_has_read_the_language(
    counselor: User, family: Contact
) -> None:
    family.language = "so"
    family.save()
    text_in("Goorma?", NUMBER)
    page = as_(counselor).get(reverse("inbox-thread", args=[family.pk]))
    assert ("Thank you for telling us. We have noted it.", "") in page.context["ready"]


def test_an_answer_is_kept_for_the_next_family_of_its_language(
    town: Town, counselor: User, family: Contact
) -> None:
    text_in("When is it?", NUMBER)
    words = "On Thursday at six, in the library."
    address = reverse("inbox-thread", args=[family.pk])
    as_(counselor).post(address, {"body": words, "keep": "1"})
    other = town.family("Luis", phone="+13605550122", email=None)
    text_in("When?", "+13605550122")
    ready = as_(counselor).get(reverse("inbox-thread", args=[other.pk])).context["ready"]
    assert ready[0] == (words, "")
    other.language = "vi"
    other.save()
    ready = as_(counselor).get(reverse("inbox-thread", args=[other.pk])).context["ready"]
    assert (words, "") not in ready


# Strangers ------------------------------------------------------------------------------------


def test_a_number_on_no_record_is_shown_to_administrators_only(town: Town, counselor: User) -> None:
    text_in("Who are you?", "+13605550199")
    administrator = an_administrator(town)
    address = reverse("inbox-strangers")
    assert "+13605550199" in as_(administrator).get(address).content.decode()
    assert as_(counselor).get(address).status_code == 403
    assert (unread(administrator), unread(counselor)) == (1, 0)
    as_(administrator).post(address, {"reply": Reply.objects.get().pk})
    assert unread(administrator) == 0


def test_a_stranger_who_wants_no_more_is_heard_by_an_administrator(
    town: Town, counselor: User
) -> None:
    text_in("not interested", "+13605550199")
    reply = Reply.objects.get()
    client = as_(an_administrator(town))
    assert "They want no more messages" in client.get(reverse("inbox-strangers")).content.decode()
    client.post(reverse("inbox-strangers"), {"reply": reply.pk, "is": "stop"})
    assert is_silent(town.family("Luis", phone="+13605550199", email=None).points.get())
    reply.refresh_from_db()
    assert reply.handled_at is not None


def test_another_districts_strangers_stay_unseen(town: Town, counselor: User) -> None:
    Town("0000002").family("Luis")  # now the stranger may be theirs
    text_in("Who are you?", "+13605550199")
    administrator = an_administrator(town)
    page = as_(administrator).get(reverse("inbox-strangers"))
    assert "+13605550199" not in page.content.decode()
    assert unread(administrator) == 0


# Hours ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "closed_since"),
    [
        (0, None),
        (6, TUESDAY_MORNING.replace(hour=16)),
        (-3, TUESDAY_MORNING.replace(hour=16) - dt.timedelta(days=1)),
        (24 * 4, TUESDAY_MORNING.replace(hour=16) + dt.timedelta(days=3)),  # a Saturday
        (24 * 9, TUESDAY_MORNING.replace(hour=16) + dt.timedelta(days=8)),  # Thanksgiving
    ],
)
def test_somebody_is_there_on_school_days(
    town: Town, hours: int, closed_since: dt.datetime | None
) -> None:
    moment = TUESDAY_MORNING + dt.timedelta(hours=hours)
    assert office.closed_since(moment, town.district) == closed_since

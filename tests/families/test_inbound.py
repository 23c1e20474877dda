"""What families send is kept before the provider hears back, and taken in once, in its order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.family_pages import links
from campaigns.inbox import inbound
from campaigns.models import Inbound, Message, MessageState, Reply
from campaigns.sending import claim, outgoing, pipeline, tick
from contacts import signals
from contacts.crypto import blind_index, new_key
from contacts.models import Channel, ConsentEntry, Contact, ContactPoint, Suppression
from schools.models import AuditEntry
from tests.campaigns.conftest import Town
from tests.families.conftest import is_silent, mail_in, post_mail, post_text, text_in, write_to
from tests.families.test_conversations import an_administrator, as_

pytestmark = pytest.mark.django_db
NUMBER, OTHER, STRANGER = "+13605550111", "+13605550122", "+13605550199"


def claimed() -> list[Message]:
    return claim.claim(Channel.SMS, limit=100, now=timezone.now()).messages


# At the door ----------------------------------------------------------------------------------


def test_what_comes_is_kept_sealed_and_the_provider_hears_nothing(phone: ContactPoint) -> None:
    answer = post_text("When is it due?", NUMBER)
    assert answer.content.decode().endswith("<Response/>")
    assert post_mail("When is it due?", "rosa@example.org").status_code == 204
    assert Inbound.objects.count() == 2
    for row in Inbound.objects.all():
        kept = " ".join(map(str, vars(row).values()))
        for part in ("due", NUMBER, "rosa"):
            assert part not in kept
    assert not Reply.objects.exists()


def test_what_is_told_again_waits_once_and_is_answered_once(phone: ContactPoint) -> None:
    for _delivery in range(3):
        post_text("STOP", NUMBER, MessageSid="SMsame")
    assert Inbound.objects.count() == 1
    inbound.take_in(timezone.now())
    text_in("STOP", NUMBER, MessageSid="SMsame")
    assert not Inbound.objects.exists()
    assert (Reply.objects.count(), Message.objects.count()) == (1, 1)


@pytest.mark.parametrize("word", ["START", "done", "español", "HELP", "When is it?"])
def test_nothing_is_sent_to_an_address_before_what_came_from_it_is_taken_in(
    town: Town, phone: ContactPoint, word: str
) -> None:
    write_to(phone, state=MessageState.PENDING)
    elsewhere = write_to(town.family("Luis", phone=OTHER).points.get(channel=Channel.SMS))
    Message.objects.filter(pk=elsewhere.pk).update(state=MessageState.PENDING)
    post_text(word, NUMBER)
    assert claimed() == [elsewhere]
    inbound.take_in(timezone.now())
    assert phone.address_index in {message.address_index for message in claimed()}


WORDS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from([NUMBER, OTHER]), st.sampled_from(["STOP", "START", "When?"])),
        st.tuples(st.just("take in"), st.integers(min_value=1, max_value=3)),
        st.just(("send", 0)),
    ),
    max_size=14,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(story=WORDS)
def test_a_stop_holds_from_the_moment_of_our_answer_however_the_workers_interleave(
    town: Town, phone: ContactPoint, story: list[tuple[str, object]]
) -> None:
    ConsentEntry.objects.all()._raw_delete("default")
    for model in (Inbound, Message, Reply, Suppression):
        model.objects.all().delete()
    ContactPoint.objects.filter(channel=Channel.SMS).update(consent="implied")
    if not ContactPoint.objects.filter(contact__first_name="Eva").exists():
        town.family("Luis", guardian="Eva", phone=OTHER, email=None)
    points = {point.address: point for point in ContactPoint.objects.filter(channel=Channel.SMS)}
    last = dict.fromkeys(points, "START")
    for who, what in story:
        if who == "send":
            for point in points.values():
                write_to(point, state=MessageState.PENDING)
            for message in claimed():
                assert message.contact_point is not None
                answers_stop = message.answers is not None and message.answers.meaning == "stop"
                assert answers_stop or last[message.contact_point.address] != "STOP"
        elif who == "take in":
            assert isinstance(what, int)
            inbound.take_in(timezone.now(), most=what)
        else:
            post_text(str(what), who)
            last[who] = last[who] if what == "When?" else str(what)
    inbound.take_in(timezone.now())
    assert {number: is_silent(point) for number, point in points.items()} == {
        number: word == "STOP" for number, word in last.items()
    }
    confirmed = Message.objects.filter(answers__meaning=Reply.Meaning.STOP)
    stops = Reply.objects.filter(meaning=Reply.Meaning.STOP)
    assert confirmed.count() <= stops.count()


# Exactly once ---------------------------------------------------------------------------------


def test_a_worker_that_dies_in_the_middle_leaves_all_or_nothing(
    phone: ContactPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    post_text("STOP", NUMBER)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(outgoing, "answer", die)
        inbound.take_in(timezone.now())
    assert not is_silent(phone)
    assert not Reply.objects.exists()
    assert inbound.take_in(timezone.now() + inbound.IN_HAND) == 1
    assert is_silent(phone)
    assert Message.objects.count() == 1


def test_workers_who_come_before_a_counted_try_is_made_use_up_no_tries(
    phone: ContactPoint,
) -> None:
    post_text("STOP", NUMBER)
    came = 0

    def another_comes(execute: Callable[..., object], sql: str, *more: object) -> object:
        nonlocal came
        done = execute(sql, *more)
        if sql.startswith("UPDATE") and 'SET "tries"' in sql and came <= inbound.TRIES:
            came += 1
            inbound.take_in(timezone.now())
        return done

    with connection.execute_wrapper(another_comes):
        inbound.take_in(timezone.now())
    assert came
    assert is_silent(phone)
    assert not Inbound.objects.exists()


def spoil(name: str) -> Callable[[], None]:
    """As if the key that sealed a message were missing; returns how to put it back."""
    row = Inbound.objects.get(name=name)
    Inbound.objects.filter(name=name).update(said_sealed=b"lost:" + bytes(row.said_sealed))
    return lambda: Inbound.objects.filter(name=name).update(said_sealed=row.said_sealed) and None


@pytest.fixture
def set_aside(town: Town, phone: ContactPoint, clock: time_machine.Traveller) -> Callable[[], None]:
    """A text that was tried in vain; returns how to give back the key."""
    post_text("STOP", NUMBER, MessageSid="SMpoison")
    give_back = spoil("SMpoison")
    for _try in range(inbound.TRIES):
        assert inbound.take_in(timezone.now()) == 0
        clock.shift(dt.timedelta(minutes=1))
    assert Inbound.objects.get().set_aside_at
    return give_back


def test_what_cannot_be_taken_in_stops_only_what_goes_to_its_own_address(
    town: Town, phone: ContactPoint, set_aside: object
) -> None:
    other = town.family("Luis", phone=OTHER, email=None).points.get()
    free = write_to(other, state=MessageState.PENDING)
    text_in("When is it?", OTHER)
    text_in("HELP", NUMBER)  # what the same family says later is heard all the same
    assert {reply.body for reply in Reply.objects.all()} == {"When is it?", "HELP"}
    assert Message.objects.filter(answers__meaning=Reply.Meaning.HELP).exists()
    assert claimed() == [free]


def test_a_persons_own_answer_passes_what_was_set_aside_and_nothing_untried(
    town: Town, phone: ContactPoint, family: Contact, set_aside: object
) -> None:
    student = family.students.get()
    answer = outgoing.put(phone, "It is on Friday.", student=student, now=timezone.now())
    text_in("HELP", NUMBER)  # whose automatic answer waits: the text set aside may be a STOP
    post_text("Thank you", NUMBER)
    assert claimed() == []
    inbound.take_in(timezone.now())
    assert claimed() == [answer]


def test_it_is_shown_to_administrators_and_to_nobody_else(
    town: Town, phone: ContactPoint, set_aside: Callable[[], None]
) -> None:
    address = reverse("inbox-set-aside")
    administrator, elsewhere = an_administrator(town), an_administrator(Town("0000002"))
    page = as_(administrator).get(address).content.decode()
    assert "Nobody can read it" in page
    assert "could not be taken in" in as_(administrator).get(reverse("inbox")).content.decode()
    set_aside()
    assert NUMBER in as_(administrator).get(address).content.decode()
    assert NUMBER not in as_(elsewhere).get(address).content.decode()
    assert as_(town.counselor()).get(address).status_code == 403
    row = Inbound.objects.get().pk
    assert as_(elsewhere).post(address, {"row": row, "asks": "stop"}).status_code == 404


def test_a_person_says_that_it_is_a_stop(
    town: Town, phone: ContactPoint, set_aside: Callable[[], None]
) -> None:
    client, row = as_(an_administrator(town)), Inbound.objects.get()
    client.post(reverse("inbox-set-aside"), {"row": row.pk, "asks": "stop"})
    assert Inbound.objects.exists()  # nobody can read it yet
    set_aside()
    client.post(reverse("inbox-set-aside"), {"row": row.pk, "asks": "stop"})
    assert is_silent(phone)
    reply = Reply.objects.get()
    assert (reply.body, reply.contact, reply.received_at) == (
        "STOP",
        phone.contact,
        row.received_at,
    )
    assert reply.handled_by is not None
    assert not Inbound.objects.exists()
    assert AuditEntry.objects.filter(action="inbound.settled").exists()


def test_two_people_who_settle_the_same_message_settle_it_once(
    town: Town, phone: ContactPoint, set_aside: Callable[[], None]
) -> None:
    set_aside()
    person = an_administrator(town)
    for row in (Inbound.objects.get(), Inbound.objects.get()):  # each has it on the page
        inbound.settle(row, stops=True, by=person, now=timezone.now())
    assert Reply.objects.count() == 1


def test_a_person_puts_it_into_the_inbox(
    town: Town, phone: ContactPoint, set_aside: Callable[[], None]
) -> None:
    set_aside()
    client = as_(an_administrator(town))
    row = Inbound.objects.get().pk
    client.post(reverse("inbox-set-aside"), {"row": row, "asks": "question"})
    reply = Reply.objects.get()
    assert (reply.meaning, reply.handled_at) == (Reply.Meaning.QUESTION, None)


def test_it_is_taken_in_when_it_is_tried_again(
    town: Town, phone: ContactPoint, set_aside: Callable[[], None]
) -> None:
    set_aside()
    row = Inbound.objects.get().pk
    as_(an_administrator(town)).post(reverse("inbox-set-aside"), {"row": row, "asks": "again"})
    inbound.take_in(timezone.now())
    assert is_silent(phone)
    assert not Inbound.objects.exists()


def test_a_key_that_is_added_opens_what_waits(phone: ContactPoint, settings: object) -> None:
    post_text("STOP", NUMBER)
    settings.FIELD_KEYS = f"{new_key('new')},{settings.FIELD_KEYS}"  # type: ignore[attr-defined]
    inbound.take_in(timezone.now())
    assert is_silent(phone)


# Pages ----------------------------------------------------------------------------------------


def test_pages_about_what_families_wrote_show_what_no_worker_took_in(
    town: Town, phone: ContactPoint, family: Contact
) -> None:
    client = as_(town.counselor())
    for n, address in enumerate(
        (
            reverse("inbox"),
            reverse("inbox-thread", args=[family.pk]),
            reverse("contact", args=[family.pk]),
            reverse("student", args=[family.students.get().pk]),
        )
    ):
        post_text(f"Question {n}?", NUMBER)
        assert f"Question {n}?" in client.get(address).content.decode()
    post_text("When?", NUMBER)
    assert "5" in client.get("/").content.decode()
    assert Reply.objects.count() == 5


def test_an_answer_goes_to_nobody_who_has_just_stopped(
    town: Town, phone: ContactPoint, family: Contact
) -> None:
    text_in("When is it?", NUMBER)
    post_text("STOP", NUMBER)
    address = reverse("inbox-thread", args=[family.pk])
    as_(town.counselor()).post(address, {"body": "Tomorrow."})
    assert not Message.objects.filter(channel=Channel.SMS, answers=None).exists()


def test_what_a_family_does_on_its_page_comes_after_what_it_texted(phone: ContactPoint) -> None:
    page = f"/f/{links.make_token(write_to(phone), links.FAMILY)}/"
    post_text("STOP", NUMBER)
    Client().post(page, {"action": "start"})
    inbound.take_in(timezone.now())
    assert not is_silent(phone)


def test_what_a_family_sent_last_is_given_out_and_erased_with_it(
    phone: ContactPoint, family: Contact
) -> None:
    post_text("STOP", NUMBER)
    found: dict[str, list[dict[str, object]]] = {}
    signals.exporting.send(Contact, contacts=[family], students=[], found=found)
    assert [reply["body"] for reply in found["replies"]] == ["STOP"]
    post_text("Are you there?", NUMBER)
    signals.erasing.send(Contact, contacts=[family], students=[])
    assert not Inbound.objects.exists()
    assert Suppression.objects.active().count() == 1


def test_what_was_set_aside_or_waits_for_another_try_is_given_out_and_erased_too(
    town: Town, phone: ContactPoint, family: Contact, set_aside: Callable[[], None]
) -> None:
    text_in("When?", OTHER)
    post_text("Are you there?", NUMBER, MessageSid="SMlater")
    later = timezone.now() + dt.timedelta(hours=1)
    Inbound.objects.filter(name="SMlater").update(not_before=later)
    post_text("Another family's", OTHER)
    set_aside()
    found: dict[str, list[dict[str, object]]] = {}
    signals.exporting.send(Contact, contacts=[family], students=[], found=found)
    assert [reply["body"] for reply in found["replies"]] == ["STOP", "Are you there?"]
    signals.erasing.send(Contact, contacts=[family], students=[])
    assert is_silent(phone)
    assert Inbound.objects.get().address_index == blind_index(Channel.SMS, OTHER)


def test_what_nobody_can_read_is_erased_all_the_same(
    phone: ContactPoint, family: Contact, set_aside: object
) -> None:
    found: dict[str, list[dict[str, object]]] = {}
    signals.exporting.send(Contact, contacts=[family], students=[], found=found)
    assert [reply["body"] for reply in found["replies"]] == [""]
    signals.erasing.send(Contact, contacts=[family], students=[])
    assert not Inbound.objects.exists()


# What a page and a tick take upon themselves ----------------------------------------------------


def test_a_familys_page_takes_in_only_what_the_family_sent(phone: ContactPoint) -> None:
    page = f"/f/{links.make_token(write_to(phone), links.FAMILY)}/"
    post_text("When?", OTHER)
    post_text("español", NUMBER)
    assert Client().get(page)["Content-Language"] == "es"
    assert Inbound.objects.get().address_index == blind_index(Channel.SMS, OTHER)


def test_a_page_of_staff_takes_in_no_more_than_its_reader_has_patience_for(
    town: Town, phone: ContactPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound, "MOST_A_PAGE", 2)
    for _text in range(3):
        post_text("When?", NUMBER)
    assert as_(town.counselor()).get(reverse("inbox")).status_code == 200
    assert Inbound.objects.count() == 1


def test_a_worker_that_is_asked_to_stop_takes_nothing_more_in(
    phone: ContactPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_text("When?", NUMBER)
    with monkeypatch.context() as stopping:
        stopping.setattr(tick, "asked_to_stop", lambda: True)
        assert tick.run(timezone.now()).taken_in == 0
    assert tick.run(timezone.now()).taken_in == 1


def test_what_may_go_does_not_wait_until_all_was_heard(
    town: Town, phone: ContactPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = town.family("Luis", phone=OTHER, email=None).points.get()
    waiting = write_to(other, state=MessageState.PENDING)
    post_text("When?", NUMBER)
    monkeypatch.setattr(tick, "SECONDS_OF_HEARING", -1)
    monkeypatch.setattr(pipeline, "HEARD_A_ROUND", 0)
    tick.run(timezone.now())
    waiting.refresh_from_db()
    assert waiting.sent_at
    assert Inbound.objects.exists()


# Answers --------------------------------------------------------------------------------------


def test_a_stop_is_confirmed_within_five_minutes_or_not_at_all(
    phone: ContactPoint, clock: time_machine.Traveller
) -> None:
    text_in("STOP", NUMBER)
    clock.shift(dt.timedelta(minutes=6))
    assert claimed() == []


def test_nobody_hears_in_the_morning_that_nobody_is_there(
    phone: ContactPoint, mailbox: ContactPoint, clock: time_machine.Traveller
) -> None:
    clock.shift(dt.timedelta(hours=9))
    text_in("When is it?", NUMBER)
    mail_in("When is it?", "rosa@example.org")
    clock.shift(dt.timedelta(hours=14))
    assert Message.objects.count() == 1  # once a night and family
    assert claimed() == []


def test_after_a_stop_its_confirmation_and_what_is_asked_for_are_all_that_goes(
    phone: ContactPoint,
) -> None:
    text_in("STOP", NUMBER)
    for words in ("done", "español", "When is it?", "STOP"):
        text_in(words, NUMBER)
    assert [message.answers and message.answers.meaning for message in claimed()] == ["stop"]
    text_in("HELP", NUMBER)
    assert [message.answers and message.answers.meaning for message in claimed()] == ["help"]


def test_a_start_that_a_later_no_outlasts_promises_nothing(
    phone: ContactPoint, clock: time_machine.Traveller
) -> None:
    post_text("START", NUMBER)
    clock.shift(dt.timedelta(minutes=1))
    outgoing_before = Message.objects.count()
    Suppression.objects.create(
        channel=phone.channel, address_index=phone.address_index, reason="staff",
        created_at=timezone.now(),
    )  # fmt: skip
    ConsentEntry.objects.create(
        channel=phone.channel, address_index=phone.address_index, action="withdrawn",
        basis="asked the school", at=timezone.now(),
    )  # fmt: skip
    inbound.take_in(timezone.now())
    assert Message.objects.count() == outgoing_before

"""What families write back is understood, obeyed, kept and answered."""

from __future__ import annotations

import datetime as dt
import json
import tomllib

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns.inbox import inbound, inbound_mail, keywords, replies
from campaigns.models import Message, MessageState, Reply
from campaigns.sending import claim
from contacts import statuses
from contacts.models import (
    AidStatus,
    AidStatusEntry,
    Channel,
    Consent,
    ConsentEntry,
    Contact,
    ContactPoint,
    Suppression,
)
from tests.campaigns.conftest import Town
from tests.families.conftest import (
    SECRET,
    answer_to,
    is_silent,
    mail_in,
    post_text,
    text_in,
    write_to,
)

pytestmark = pytest.mark.django_db
TABLE = tomllib.loads(keywords.TABLE.read_text(encoding="utf-8"))
NUMBER = "+13605550111"


@pytest.mark.parametrize(
    ("language", "word"),
    [(code, word) for code, words in TABLE["stop"].items() for word in words],
)
def test_stop_works_in_every_word_and_language(
    phone: ContactPoint, language: str, word: str
) -> None:
    phone.contact.language = language
    phone.contact.save()
    assert text_in(word, NUMBER).status_code == 200
    assert is_silent(phone)


def test_a_family_that_stopped_hears_nothing_more(phone: ContactPoint) -> None:
    waiting = write_to(phone, state=MessageState.PENDING)
    text_in("STOP", NUMBER)
    later = write_to(phone, state=MessageState.PENDING)
    claimed = claim.claim(Channel.SMS, limit=10, now=timezone.now()).messages
    assert [message.answers and message.answers.meaning for message in claimed] == ["stop"]
    states = {m.pk: (m.state, m.reason) for m in Message.objects.filter(answers=None)}
    assert states == dict.fromkeys((waiting.pk, later.pk), (MessageState.SKIPPED, "suppressed"))


def test_stop_is_confirmed_once_in_the_familys_language_without_marketing(
    phone: ContactPoint,
) -> None:
    said = answer_to("STOP", NUMBER, MessageSid="SMsame")
    assert said.startswith("Lincoln High School: you will get no more texts")
    assert "http" not in said
    assert answer_to("STOP", NUMBER, MessageSid="SMsame") == ""
    assert Reply.objects.count() == 1


def test_where_the_provider_has_confirmed_we_do_not_again(phone: ContactPoint) -> None:
    said = answer_to("Genug", NUMBER, OptOutType="STOP")
    assert said == ""
    assert is_silent(phone)


def test_a_stop_from_a_number_on_no_record_is_kept_too(db: None) -> None:
    text_in("STOP", "+13605550199")
    assert Suppression.objects.active().count() == 1


def test_a_text_that_the_provider_did_not_sign_is_refused(phone: ContactPoint) -> None:
    answer = Client().post(
        "/webhooks/twilio/inbound/",
        {"From": NUMBER, "Body": "STOP", "MessageSid": "SM1"},
        headers={"X-Twilio-Signature": "bm8="},
    )
    assert answer.status_code == 403
    assert not is_silent(phone)
    assert not Reply.objects.exists()


def test_free_wording_stops_and_waits_for_a_person(phone: ContactPoint) -> None:
    text_in("please stop texting me", NUMBER)
    assert is_silent(phone)
    assert Reply.objects.get().handled_at is None


def test_a_question_changes_nothing_and_waits_for_a_person(phone: ContactPoint) -> None:
    said = answer_to("stop by the school tonight?", NUMBER)
    assert said == ""
    assert not is_silent(phone)
    reply = Reply.objects.get()
    assert (reply.meaning, reply.handled_at) == (Reply.Meaning.QUESTION, None)
    assert reply.body == "stop by the school tonight?"


def test_help_says_who_we_are_how_to_reach_a_person_and_how_to_stop(phone: ContactPoint) -> None:
    said = answer_to("HELP", NUMBER)
    for part in ("Lincoln High School", "(360) 555-0100", "STOP"):
        assert part in said


@pytest.mark.parametrize("word", ["START", "unstop", "Yes", "empezar"])
def test_only_the_family_opens_its_number_again(phone: ContactPoint, word: str) -> None:
    text_in("STOP", NUMBER)
    text_in(word, NUMBER)
    assert not is_silent(phone)
    phone.refresh_from_db()
    assert phone.consent == "explicit"


def test_a_yes_to_a_counselors_question_is_put_before_the_counselor(phone: ContactPoint) -> None:
    assert answer_to("Yes", NUMBER) == ""
    assert Reply.objects.get().handled_at is None


def test_done_is_submitted_and_not_yet_complete(phone: ContactPoint, family: Contact) -> None:
    write_to(phone)
    text_in("Done!", NUMBER)
    student = family.students.get()
    assert student.aid_status == AidStatus.SUBMITTED
    entry = AidStatusEntry.objects.get()
    assert (entry.source, entry.student) == (AidStatusEntry.Source.FAMILY, student)


def test_done_takes_nothing_back_that_a_file_knows_better(
    phone: ContactPoint, family: Contact
) -> None:
    student = family.students.get()
    statuses.record(student, AidStatus.COMPLETED, source="file", as_of=timezone.now())
    text_in("done", NUMBER)
    student.refresh_from_db()
    assert student.aid_status == AidStatus.COMPLETED


def test_done_while_something_is_missing_is_shown_to_a_person(
    phone: ContactPoint, family: Contact
) -> None:
    student = family.students.get()
    statuses.record(student, AidStatus.ACTION_NEEDED, source="file", as_of=timezone.now())
    text_in("done", NUMBER)
    assert Reply.objects.get().handled_at is None


def test_an_adult_who_may_not_be_contacted_changes_no_students_status(
    town: Town, phone: ContactPoint, family: Contact
) -> None:
    family.guardianships.update(may_contact=False)
    text_in("done", NUMBER)
    assert family.students.get().aid_status == AidStatus.NOT_STARTED


def test_a_shared_phone_answers_for_whom_we_wrote_to_last(town: Town, phone: ContactPoint) -> None:
    aunt = town.family("Luis", guardian="Eva", phone=NUMBER, email=None)
    write_to(phone)
    write_to(aunt.points.get())
    text_in("When is the deadline?", NUMBER)
    assert Reply.objects.get().contact == aunt
    text_in("STOP", NUMBER)
    assert is_silent(phone)
    assert is_silent(aunt.points.get())


def test_an_email_that_says_stop_silences_the_address_only(
    phone: ContactPoint, mailbox: ContactPoint
) -> None:
    quoted = "Stop\n\nOn Tue, Nov 17, 2026 Lincoln High School wrote:\n> The form is open."
    assert mail_in(quoted, "Rosa@Example.org").status_code == 204
    assert is_silent(mailbox)
    assert not is_silent(phone)


def test_an_email_without_the_secret_is_refused(mailbox: ContactPoint, settings: object) -> None:
    assert mail_in("stop", "rosa@example.org", key="").status_code == 403
    assert mail_in("stop", "rosa@example.org", key="guess").status_code == 403
    settings.SENDGRID_INBOUND_SECRET = ""  # type: ignore[attr-defined]
    assert mail_in("stop", "rosa@example.org", key="").status_code == 403
    assert not is_silent(mailbox)


def test_a_repeated_email_is_kept_once(mailbox: ContactPoint) -> None:
    for _again in range(2):
        mail_in("When is it due?", "rosa@example.org", headers="Message-ID: <x@example.org>\n")
    assert Reply.objects.count() == 1


def test_a_machines_answer_is_no_familys(mailbox: ContactPoint) -> None:
    mail_in("I am away.", "rosa@example.org", headers="Auto-Submitted: auto-replied\n")
    assert not Reply.objects.exists()


def test_an_html_only_email_is_read(mailbox: ContactPoint) -> None:
    mail_in("", "rosa@example.org", html="<p>When is it due?</p>")
    assert Reply.objects.get().body == "When is it due?"


def test_two_deliveries_of_one_text_are_obeyed_once(phone: ContactPoint) -> None:
    now = timezone.now()
    first = replies.receive(phone, "done", now=now, provider_id="SM9")
    second = replies.receive(phone, "done", now=now, provider_id="SM9")
    assert first == second
    assert AidStatusEntry.objects.count() == 1


# One confirmation, and what comes back at once ------------------------------------------------


def test_a_second_stop_gets_no_second_confirmation(phone: ContactPoint) -> None:
    assert answer_to("STOP", NUMBER)
    assert answer_to("unsubscribe", NUMBER) == ""
    assert ConsentEntry.objects.filter(action="withdrawn").count() == 1


def test_free_wording_gets_the_one_confirmation_too(phone: ContactPoint) -> None:
    assert "no more texts" in answer_to("please stop texting me", NUMBER)


def test_a_stop_silences_the_number_in_every_district(town: Town, phone: ContactPoint) -> None:
    elsewhere = Town("0000002").family("Luis", phone=NUMBER, email=None).points.get()
    text_in("STOP", NUMBER)
    assert is_silent(phone)
    assert is_silent(elsewhere)


def test_a_stop_silences_numbers_that_are_imported_later(town: Town, db: None) -> None:
    text_in("STOP", NUMBER)
    later = town.family("Luis", phone=NUMBER, email=None).points.get()
    assert is_silent(later)


def test_proof_of_a_stop_is_in_the_ledger(phone: ContactPoint) -> None:
    text_in("STOP", NUMBER)
    entry = ConsentEntry.objects.get()
    assert (entry.action, entry.basis, entry.contact_point) == ("withdrawn", "reply", phone)
    assert entry.at == Reply.objects.get().received_at


# Language -------------------------------------------------------------------------------------


def test_the_name_of_a_language_changes_it_and_is_answered_in_it(
    phone: ContactPoint, family: Contact
) -> None:
    said = answer_to("Español", NUMBER)
    assert "desde ahora" in said
    family.refresh_from_db()
    assert (family.language, family.by_hand) == ("es", ["language"])
    assert Reply.objects.get().handled_at is not None


def test_drafts_are_never_sent(phone: ContactPoint, family: Contact) -> None:
    family.language = "so"
    family.save()
    assert "you will get no more texts" in answer_to("jooji", NUMBER)


def test_a_start_told_again_does_not_undo_the_stop_after_it(phone: ContactPoint) -> None:
    text_in("START", NUMBER, MessageSid="SMstart")
    text_in("STOP", NUMBER)
    said = answer_to("START", NUMBER, MessageSid="SMstart")
    assert is_silent(phone)
    assert said == ""
    phone.refresh_from_db()
    assert phone.consent == Consent.WITHDRAWN


def test_a_text_at_night_is_taken_in_by_few_questions(
    phone: ContactPoint,
    clock: time_machine.Traveller,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    clock.shift(dt.timedelta(hours=9))
    with django_assert_max_num_queries(1):
        post_text("When is it?", NUMBER)
    with django_assert_max_num_queries(23):  # four of them savepoints; one counts the try
        inbound.take_in(timezone.now())
    assert Message.objects.get().answers


# Out of hours ---------------------------------------------------------------------------------


def test_at_night_a_family_is_told_once_that_nobody_is_there(
    phone: ContactPoint, family: Contact, clock: time_machine.Traveller
) -> None:
    family.language = "es"
    family.save()
    clock.shift(dt.timedelta(hours=9))
    assert "Ahora no hay nadie" in answer_to("¿Cuándo es?", NUMBER)
    clock.shift(dt.timedelta(hours=3))
    assert answer_to("¿Hola?", NUMBER) == ""
    clock.shift(dt.timedelta(hours=20))  # the next evening
    assert answer_to("¿Y ahora?", NUMBER)


def test_while_somebody_is_there_nothing_automatic_is_said(phone: ContactPoint) -> None:
    assert answer_to("When is it?", NUMBER) == ""


def test_a_weekend_is_one_night(phone: ContactPoint, clock: time_machine.Traveller) -> None:
    clock.shift(dt.timedelta(days=4))
    assert answer_to("When is it?", NUMBER)
    clock.shift(dt.timedelta(days=1))
    assert answer_to("Hello?", NUMBER) == ""


def test_who_may_want_silence_hears_nothing_automatic(
    phone: ContactPoint, clock: time_machine.Traveller
) -> None:
    clock.shift(dt.timedelta(hours=9))
    assert answer_to("not interested", NUMBER) == ""


def test_a_mailbox_is_told_through_the_outbox(
    mailbox: ContactPoint, clock: time_machine.Traveller
) -> None:
    clock.shift(dt.timedelta(hours=9))
    mail_in("When is it?", "rosa@example.org")
    mail_in("Hello?", "rosa@example.org")
    told = Message.objects.get()
    assert (told.channel, told.state) == (Channel.EMAIL, MessageState.PENDING)
    assert "Nobody is at the school" in told.body


# Mail -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "forged",
    [
        {"SPF": "fail"},
        {"SPF": "pass", "envelope": '{"from": "someone@elsewhere.example"}'},
        {"SPF": "", "dkim": "{@elsewhere.example : pass}"},
        {"SPF": "", "dkim": "{@example.org : fail}"},
    ],
)
@pytest.mark.parametrize("words", ["done", "START", "español"])
def test_what_nobody_vouches_for_only_asks(
    mailbox: ContactPoint, family: Contact, words: str, forged: dict[str, str]
) -> None:
    mail_in("stop", "rosa@example.org")
    mail_in(words, "rosa@example.org", **forged)
    assert is_silent(mailbox)
    family.refresh_from_db()
    assert family.language == "en"
    assert family.students.get().aid_status == AidStatus.NOT_STARTED
    assert Reply.objects.filter(meaning=Reply.Meaning.QUESTION, handled_at=None).count() == 1


def test_a_stop_is_obeyed_whoever_vouches_for_it(mailbox: ContactPoint) -> None:
    mail_in("stop", "rosa@example.org", SPF="fail")
    assert is_silent(mailbox)


def test_help_by_mail_waits_for_a_person(mailbox: ContactPoint) -> None:
    mail_in("help", "rosa@example.org")
    reply = Reply.objects.get()
    assert (reply.meaning, reply.handled_at) == (Reply.Meaning.QUESTION, None)


def test_mail_in_any_character_set_is_read(mailbox: ContactPoint) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="from"\r\n\r\nrosa@example.org\r\n'
        b'--b\r\nContent-Disposition: form-data; name="charsets"\r\n\r\n'
        b'{"from":"UTF-8","text":"windows-1251"}\r\n'
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n'
        + "Когда собрание?".encode("windows-1251")
        + b"\r\n--b--\r\n"
    )
    path = f"/webhooks/sendgrid/inbound/?key={SECRET}"
    Client().post(path, body, content_type="multipart/form-data; boundary=b")
    inbound.take_in(timezone.now())
    assert Reply.objects.get().body == "Когда собрание?"


@pytest.mark.parametrize(
    "charset", ["unicode_escape", "idna", "punycode", "hex", "no-such", "\x00"]
)
def test_mail_that_names_a_strange_character_set_is_heard(
    mailbox: ContactPoint, charset: str
) -> None:
    mail_in(r"stop \ud800", "rosa@example.org", charsets=json.dumps({"text": charset}))
    assert Reply.objects.get().sender == ""
    mail_in("stop", "rosa@example.org", headers="Message-ID: <x\x00y@example.org>\n")
    assert is_silent(mailbox)


@pytest.mark.parametrize(
    "line",
    [
        "On Tue, Nov 17, 2026 Lincoln High School wrote:",
        "El mar, 17 nov 2026, Lincoln High School escribió:",
        "вт, 17 нояб. 2026 г. в 10:00, Lincoln High School пишет:",
        "Vào Th 3, 17 thg 11, 2026 Lincoln High School đã viết:",
        "في الثلاثاء، ١٧ نوفمبر ٢٠٢٦ كتب Lincoln High School:",
        "Lincoln High School 于2026年11月17日周二写道：",
        "-----Original Message-----",
        "> The form is open.",
    ],
)
def test_what_is_quoted_is_not_the_familys(line: str) -> None:
    assert inbound_mail.own_words(f"Thanks\n\n{line}\n> reply STOP to stop") == "Thanks"


@pytest.mark.parametrize(
    ("words", "silent"),
    [("please stop texting me", True), ("leave us alone", True), ("stop", False)],
)
def test_what_a_mail_says_of_texts_is_obeyed_for_texts(
    phone: ContactPoint, mailbox: ContactPoint, words: str, silent: bool
) -> None:
    mail_in(words, "rosa@example.org")
    assert is_silent(mailbox)
    assert is_silent(phone) is silent


def test_nobody_silences_a_phone_by_a_mail_that_nobody_vouches_for(
    phone: ContactPoint, mailbox: ContactPoint
) -> None:
    mail_in("please stop texting me", "rosa@example.org", SPF="fail")
    assert is_silent(mailbox)
    assert not is_silent(phone)
    assert Reply.objects.get().handled_at is None  # a person sees it


def test_a_text_that_asks_for_no_more_mails_gets_none(
    phone: ContactPoint, mailbox: ContactPoint
) -> None:
    text_in("Stop e-mailing us", NUMBER)
    assert is_silent(mailbox)


@pytest.mark.parametrize(
    "words",
    [
        "Stop texting me, please email me instead",
        "no quiero mensajes, manden correo",
        "Wrong number. Use my email",
        "Wrong number, email me",
    ],
)
def test_who_asks_for_mail_instead_of_texts_gets_mail(
    phone: ContactPoint, mailbox: ContactPoint, words: str
) -> None:
    text_in(words, NUMBER)
    assert (is_silent(phone), is_silent(mailbox)) == (True, False)
    reply = Reply.objects.get()
    assert (reply.perhaps_stop, reply.handled_at) == (True, None)  # a person reads of the other


@pytest.mark.parametrize(
    "words",
    [
        "Stop these emails.\n\nRosa Lopez\nPhone: 206-555-0100",
        "Please unsubscribe me from these emails",
        "Quítenme de la lista de correos",
    ],
)
def test_who_wants_no_mails_still_gets_texts(
    phone: ContactPoint, mailbox: ContactPoint, words: str
) -> None:
    mail_in(words, "rosa@example.org")
    assert (is_silent(phone), is_silent(mailbox)) == (False, True)


@pytest.mark.parametrize("words", ["stop all", "Stop everything!", "Paren todo, por favor"])
def test_who_wants_nothing_gets_nothing(
    phone: ContactPoint, mailbox: ContactPoint, words: str
) -> None:
    text_in(words, NUMBER)
    assert (is_silent(phone), is_silent(mailbox)) == (True, True)


def test_a_subject_that_says_unsubscribe_counts_above_a_signature(mailbox: ContactPoint) -> None:
    mail_in("Sent from my phone", "rosa@example.org", subject="Unsubscribe")
    assert is_silent(mailbox)


OUR_SUBJECT = "No more reminders after Friday"


@pytest.mark.parametrize(
    "prefix", ["Re: ", "RE:", "Fwd: ", "Fw: ", "Rv: ", "AW: ", "Sv: ", "Re[2]: ", "Отв: ", "回复："]
)
@pytest.mark.parametrize("words", ["Thank you! How do I sign?", ""])
def test_the_subject_of_what_is_answered_is_no_wish_of_the_family(
    mailbox: ContactPoint, prefix: str, words: str
) -> None:
    mail_in(words, "rosa@example.org", subject=prefix + OUR_SUBJECT)
    assert not is_silent(mailbox)
    reply = Reply.objects.get()
    assert (reply.meaning, reply.body) == (Reply.Meaning.QUESTION, words)


@pytest.mark.parametrize("header", ["In-Reply-To", "References"])
def test_an_answer_is_known_by_its_headers_too(mailbox: ContactPoint, header: str) -> None:
    headers = f"Message-ID: <y@example.org>\n{header}: <x@example.org>\n"
    mail_in("How do I sign?", "rosa@example.org", subject=OUR_SUBJECT, headers=headers)
    assert not is_silent(mailbox)


@pytest.mark.parametrize("subject", ["Stop", "STOP, please!", "Please stop e-mailing me", "Alto"])
def test_a_subject_of_the_familys_own_stops(mailbox: ContactPoint, subject: str) -> None:
    mail_in("Rosa Lopez", "rosa@example.org", subject=subject)
    assert is_silent(mailbox)


def test_a_stop_from_a_mailbox_on_no_record_waits_for_a_person(mailbox: ContactPoint) -> None:
    mail_in("stop", "rosa.other@example.org")
    assert Suppression.objects.active().count() == 1
    assert Reply.objects.get().handled_at is None


@pytest.mark.parametrize("silent", [False, True])
def test_a_yes_that_the_provider_took_for_a_start(phone: ContactPoint, silent: bool) -> None:
    if silent:
        text_in("STOP", NUMBER)
    text_in("Yes", NUMBER, OptOutType="START")
    reply = Reply.objects.first()
    assert reply is not None
    assert reply.meaning == (Reply.Meaning.START if silent else Reply.Meaning.QUESTION)
    assert not is_silent(phone)
    phone.refresh_from_db()
    assert phone.consent == (Consent.EXPLICIT if silent else Consent.IMPLIED)


# Repeated, replayed, out of order -------------------------------------------------------------


def test_a_replayed_stop_does_not_silence_who_has_started_again(phone: ContactPoint) -> None:
    text_in("STOP", NUMBER, MessageSid="SMold")
    text_in("START", NUMBER)
    text_in("STOP", NUMBER, MessageSid="SMold")
    assert not is_silent(phone)


def test_a_replayed_start_does_not_open_who_has_stopped(phone: ContactPoint) -> None:
    text_in("STOP", NUMBER)
    text_in("START", NUMBER, MessageSid="SMold")
    text_in("STOP", NUMBER)
    text_in("START", NUMBER, MessageSid="SMold")
    assert is_silent(phone)


def test_a_text_without_an_id_is_refused(phone: ContactPoint) -> None:
    assert text_in("done", NUMBER, MessageSid="").status_code == 400
    assert not Reply.objects.exists()


def test_a_mail_without_an_id_is_kept_once(mailbox: ContactPoint) -> None:
    for _again in range(2):
        mail_in("When is it due?", "rosa@example.org", headers="Date: Tue, 17 Nov 2026\n")
    assert Reply.objects.count() == 1


@pytest.mark.parametrize("given", ["<same@example.org>", "<" + "x" * 900 + ">"])
def test_a_mail_that_repeats_anothers_id_is_heard(mailbox: ContactPoint, given: str) -> None:
    headers = f"Message-ID: {given}\n"
    for words in ("When is it due?", "When is it due?", "stop", "stop"):
        mail_in(words, "rosa@example.org", headers=headers)
    mail_in("stop", "someone@example.org", headers=headers)
    assert is_silent(mailbox)
    assert Reply.objects.count() == 3


def test_a_mail_that_bears_the_id_of_a_text_is_heard(
    phone: ContactPoint, mailbox: ContactPoint
) -> None:
    text_in("When is it due?", NUMBER, MessageSid="SMsame")
    mail_in("stop", "rosa@example.org", headers="Message-ID: SMsame\n")
    assert is_silent(mailbox)


@pytest.mark.parametrize(
    ("count", "seen"), [("2", "📎📎"), ("12", "📎" * 9), ("9" * 5000, "📎" * 9), ("-1", "")]
)
def test_a_picture_alone_is_seen_to_have_come(phone: ContactPoint, count: str, seen: str) -> None:
    assert text_in("", NUMBER, NumMedia=count).status_code == 200
    assert Reply.objects.get().body == seen


def test_what_a_stranger_says_is_kept_with_the_number(db: None) -> None:
    text_in("Who are you?", "+13605550199")
    reply = Reply.objects.get()
    assert (reply.contact, reply.sender, reply.handled_at) == (None, "+13605550199", None)

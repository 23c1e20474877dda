"""What one family reads."""

import datetime as dt

import pytest
from django.utils import timezone

from campaigns import packs
from campaigns.models import Message, MessageState, StepText
from campaigns.words import wording
from contacts.models import Channel
from schools.models import Deadline


@pytest.fixture
def campaign(town):
    return town.adopts("form-opens")


def message_to(contact, campaign, channel=Channel.SMS, **more):
    now = timezone.now()
    point = contact.points.filter(channel=channel).first()
    return Message.objects.create(
        step=campaign.steps.get(),
        campaign=campaign,
        contact_point=point,
        household=contact.students.first().household,
        school=contact.students.first().school,
        channel=channel,
        address_index=point.address_index,
        language=contact.language,
        time_zones="America/Los_Angeles",
        not_before=now,
        expires_at=now + dt.timedelta(days=3),
        **more,
    )


def words(message):
    return wording.render_batch([message])[message.pk]


def set_text(campaign, channel, language, body, **more):
    """Words that a reader has compared with the English ones of now."""
    text, _made = StepText.objects.update_or_create(
        step=campaign.steps.get(),
        channel=channel,
        language=language,
        defaults={"body": body, "review": StepText.Review.APPROVED, **more},
    )
    if language != "en":
        text.source = text.english_words()
        text.save()


def test_siblings_are_named_together_in_the_familys_own_language(town, campaign):
    english = words(message_to(town.family("Ana", "Luis"), campaign))
    spanish = words(message_to(town.family("Ana", "Luis", language="es"), campaign))
    assert "Ana and Luis" in english.body
    assert "Ana y Luis" in spanish.body


def test_a_text_begins_with_the_school_and_the_first_one_says_how_to_stop(town, campaign):
    contact = town.family("Ana")
    first = message_to(contact, campaign)
    assert words(first).body.startswith("Lincoln High School: ")
    assert words(first).body.endswith("Reply STOP to stop.")


def test_within_a_month_the_way_to_stop_is_not_repeated(town, campaign):
    contact = town.family("Ana")
    now = timezone.now()
    message_to(contact, campaign, state=MessageState.SENT, sent_at=now - dt.timedelta(days=3))
    campaign.steps.all().update(position=2)
    later = packs.adopt(
        packs.ready()["form-opens"],
        district=town.district,
        schools=[town.school],
        cycle=town.cycle,
        by=None,
        now=now,
    )
    assert "STOP" not in words(message_to(contact, later)).body


def test_dates_follow_the_language(town, campaign):
    Deadline.objects.create(
        cycle=town.cycle, state=town.state, name="Priority", on=dt.date(2099, 3, 1)
    )
    set_text(campaign, "sms", "en", "By {deadline}. {link}")
    set_text(campaign, "sms", "es", "Antes del {deadline}. {link}")
    assert "March 1, 2099" in words(message_to(town.family(), campaign)).body
    assert "1 de marzo de 2099" in words(message_to(town.family(language="es"), campaign)).body


def test_a_missing_value_has_gentle_words_and_no_braces(town, campaign):
    town.district.help_phone = ""
    town.district.save()
    set_text(campaign, "sms", "en", "{guardian}: {deadline}, {days_left}, {help_phone}")
    body = words(message_to(town.family(guardian=""), campaign)).body
    assert "family: coming soon, a short time, your school" in body


def test_a_language_without_approved_words_falls_back_to_english(town, campaign):
    set_text(campaign, "sms", "vi", "Xin chào {student}", review=StepText.Review.DRAFT)
    body = words(message_to(town.family(language="vi"), campaign)).body
    assert "The new FAFSA and WASFA forms are open" in body


def test_without_approved_words_in_any_fallback_nothing_is_worded(town, campaign):
    campaign.steps.get().texts.update(review=StepText.Review.DRAFT)
    assert wording.render_batch([message_to(town.family(), campaign)]) == {}


def test_a_familys_own_text_is_passed_over_if_it_pushes_the_other_form(town, campaign):
    message = message_to(town.family(language="es", path="wasfa"), campaign)
    set_text(campaign, "sms", "es", "Llene la FAFSA: {link}")
    body = words(message).body
    assert "FAFSA and WASFA" in body


def test_an_e_mail_has_two_twins_with_address_and_ways_out(town, campaign):
    set_text(campaign, "email", "en", "Hello {link}", subject="For {student}")
    set_text(campaign, "email", "es", "Hola <b>\n\nSegundo {link}", subject="Para {student}")
    worded = words(message_to(town.family("Ana", language="es"), campaign, Channel.EMAIL))
    assert worded.subject == "Para Ana"
    assert 'lang="es" dir="ltr"' in worded.html
    assert "<b>" not in worded.html
    for twin in (worded.body, worded.html):
        assert "1 Main Street" in twin
        assert "/u/" in twin
        assert "/l/" in twin


def test_right_to_left_languages_are_laid_out_so(town, campaign):
    set_text(campaign, "email", "en", "Hello", subject="Hello")
    set_text(campaign, "email", "ar", "مرحبا", subject="مرحبا")
    worded = words(message_to(town.family(language="ar"), campaign, Channel.EMAIL))
    assert 'lang="ar" dir="rtl"' in worded.html


def test_a_name_with_braces_stays_a_name(town, campaign):
    assert "{link}" in words(message_to(town.family("{link}"), campaign)).body


def test_a_batch_takes_as_many_queries_as_one_message(
    town, campaign, django_assert_max_num_queries
):
    messages = [message_to(town.family(f"S{n}"), campaign) for n in range(10)]
    messages = list(Message.objects.select_related("campaign", "school__district"))
    with django_assert_max_num_queries(14):
        assert len(wording.render_batch(messages)) == 10


def test_english_amid_words_from_right_to_left_keeps_its_full_stop(town, campaign):
    set_text(campaign, "sms", "en", "FAFSA, WASFA: {link}")
    set_text(campaign, "sms", "ar", "طلبات FAFSA و WASFA مفتوحة: {link}")
    body = words(message_to(town.family(language="ar"), campaign)).body
    assert body.startswith("\u200fLincoln")
    assert body.endswith("\u200eReply STOP to stop.\u200e")


def test_a_sentence_that_falls_back_names_siblings_as_its_own_language_does(town, campaign):
    set_text(campaign, "email", "en", "Hello", subject="Hello")
    set_text(campaign, "email", "ps", "سلام", subject="سلام")
    contact = town.family("Ana", "Luis", language="ps")
    body = words(message_to(contact, campaign, Channel.EMAIL)).body
    assert "has this address for Ana and Luis." in body

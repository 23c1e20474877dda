"""A reader of a language decides what families get, and that is remembered."""

from __future__ import annotations

import pytest
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from campaigns import readiness
from campaigns.models import Campaign, ReviewedText, StepText
from campaigns.targeting.reach import reach_of
from campaigns.words import library, phrases, previews, reviews, segments
from campaigns.words.fixed_sentences import KINDS
from campaigns.words.word_diff import word_diff
from contacts.models import Channel
from schools.models import Membership, Role, User
from tests.campaigns.conftest import Town
from tests.campaigns.test_wording import message_to, set_text, words


def translator(town: Town, language: str = "ru", *, of_district: bool = False) -> User:
    user = User.objects.create_user(f"{language}{User.objects.count()}@example.org", "secret")
    Membership.objects.create(user=user, role=Role.TRANSLATOR, language=language)
    if of_district:
        user.home = town.district
        user.save()
    return user


def text_of(campaign: Campaign, language: str, channel: str = "sms") -> StepText:
    return StepText.objects.get(step__campaign=campaign, language=language, channel=channel)


def approve(client, text: StepText, **changed: str):
    data = {"subject": text.subject, "body": text.body, "action": "approve", **changed}
    return client.post(f"/translations/{text.pk}/", data)


def test_a_draft_is_not_sent_until_a_reader_approves_it(town, client):
    campaign = town.adopts()
    message = message_to(town.family(language="ru"), campaign)
    assert "The new FAFSA" in words(message).body
    client.force_login(translator(town))
    approve(client, text_of(campaign, "ru"))
    assert "Открыты новые анкеты" in words(message).body


def test_what_was_approved_once_starts_approved_in_the_next_campaign(town, client):
    first, waiting = town.adopts(), town.adopts()
    client.force_login(translator(town))
    approve(client, text_of(first, "ru"))
    assert text_of(waiting, "ru").review == "approved"
    assert text_of(town.adopts(), "ru").review == "approved"
    assert text_of(town.adopts(), "ru", "email").review == "draft"


def test_a_readers_own_wording_is_what_the_next_campaign_has(town, client):
    client.force_login(translator(town))
    approve(client, text_of(town.adopts(), "ru"), body="Начните FAFSA и WASFA, {student}: {link}")
    assert text_of(town.adopts(), "ru").body == "Начните FAFSA и WASFA, {student}: {link}"


def test_a_districts_own_translator_speaks_for_that_district_only(town, client):
    other = Town("0000002")
    client.force_login(translator(town, of_district=True))
    approve(client, text_of(town.adopts(), "ru"))
    assert text_of(town.adopts(), "ru").review == "approved"
    assert text_of(other.adopts(), "ru").review == "draft"


def test_other_english_words_are_another_text(town, client):
    client.force_login(translator(town))
    approve(client, text_of(town.adopts(), "ru"))
    assert text_of(town.adopts("not-too-late"), "ru").review == "draft"


def test_new_english_words_make_a_translation_stale_and_show_what_changed(town, client):
    campaign = town.adopts()
    message = message_to(town.family(language="es"), campaign)
    assert "Ya están abiertas" in words(message).body
    english = text_of(campaign, "en")
    english.body = english.body.replace("Start it tonight", "Start it tomorrow")
    english.save()
    spanish = text_of(campaign, "es")
    assert spanish.review == "draft"
    assert "tomorrow" in words(message).body

    client.force_login(translator(town, "es"))
    page = client.get(f"/translations/{spanish.pk}/").content.decode()
    assert "<del> tonight:</del><ins> tomorrow:</ins>" in page
    approve(client, spanish)
    assert "Ya están abiertas" in words(message).body
    assert "<del>" not in client.get(f"/translations/{spanish.pk}/").content.decode()


def test_english_changed_behind_the_back_of_the_review_is_noticed_too(town):
    campaign = town.adopts()
    message = message_to(town.family(language="es"), campaign)
    StepText.objects.filter(pk=text_of(campaign, "en").pk).update(
        body="FAFSA, WASFA, {student}: {link}"
    )
    assert "FAFSA, WASFA, Ana" in words(message).body


def test_changes_asked_for_keep_a_text_from_families_and_out_of_the_memory(town, client):
    campaign = town.adopts()
    message = message_to(town.family(language="ru"), campaign)
    client.force_login(translator(town))
    text = text_of(campaign, "ru")
    approve(client, text)
    client.post(f"/translations/{text.pk}/", {"action": "changes", "note": "Слишком длинно"})
    assert text_of(campaign, "ru").note == "Слишком длинно"
    assert "The new FAFSA" in words(message).body
    assert text_of(town.adopts(), "ru").review == "draft"
    assert "Слишком длинно" in client.get(f"/translations/{text.pk}/").content.decode()


def test_changes_are_asked_for_in_words(town, client):
    text = text_of(town.adopts(), "ru")
    client.force_login(translator(town))
    client.post(f"/translations/{text.pk}/", {"action": "changes", "note": " "})
    assert text_of(text.step.campaign, "ru").review == "draft"


@pytest.mark.parametrize(
    "body",
    [
        "Открыты FAFSA и WASFA: {link}",  # lost {student}
        "Открыты FAFSA и WASFA, {student}: {link} {ссылка}",
        "Открыты FAFSA и WASFA, {student}: {link",
        "Открыта FAFSA, {student}: {link}",  # lost a form
        "Открыты FAFSA и WASFA, {student}: {link} STOP",
    ],
)
def test_a_translation_that_lost_or_invented_something_cannot_be_saved(town, client, body):
    text = text_of(town.adopts(), "ru")
    client.force_login(translator(town))
    for action in ("approve", "save"):
        answer = approve(client, text, body=body, action=action)
        assert answer.status_code == 200
    text.refresh_from_db()
    assert (text.review, text.body == body) == ("draft", False)


def test_a_lost_placeholder_never_reaches_a_family_however_it_came_there(town):
    campaign = town.adopts()
    message = message_to(town.family("Ana", language="es"), campaign)
    for body in ("Ya: FAFSA y WASFA {link}", "FAFSA y WASFA {student} {link} {nombre}"):
        set_text(campaign, "sms", "es", body)
        assert "The new FAFSA" in words(message).body


def test_the_wizard_keeps_placeholders_of_translations_too(town, counselor, client):
    campaign = town.adopts()
    url = f"/campaigns/{campaign.pk}/words/?language=es"
    spanish = {t.channel: t for t in campaign.steps.get().texts.filter(language="es")}
    data = {
        "sms": "FAFSA y WASFA, {student}",
        "subject": spanish["email"].subject,
        "email": spanish["email"].body,
    }
    page = client.post(url, {**data, "then": "save"}).content.decode()
    assert "{link}" in page
    assert text_of(campaign, "es").body == spanish["sms"].body


def test_money_is_written_as_the_language_writes_it(town):
    campaign = town.adopts()
    for code, expected in [("en", "$4,500"), ("es", "$4,500"), ("ru", "4 500 $")]:
        set_text(campaign, "sms", code, "FAFSA WASFA {student} {usd:4500} {link}")
        body = words(message_to(town.family(language=code), campaign)).body
        assert expected in body.replace("\xa0", " ")


def test_families_of_unreviewed_languages_are_counted_before_the_launch(town):
    campaign = town.adopts()
    for _n in range(3):
        town.family(language="so")
    notes = readiness.check(campaign, reach_of(campaign), today=timezone.localdate()).notes
    assert any("go out in English" in note and "Somali (6)" in note for note in notes), notes
    assert not any("Russian" in note for note in notes)


# The library ----------------------------------------------------------------------------------


def test_the_ready_packs_are_reviewed_before_any_campaign_uses_them(town, client):
    client.force_login(translator(town, "ar"))
    page = client.get("/translations/ar/").content.decode()
    assert "The forms are open" in page
    draft = library.texts("ar", None)[0]
    url = f"/translations/ar/{draft.pack.name}/{draft.step}/{draft.channel}/"
    assert 'dir="rtl"' in client.get(url).content.decode()
    client.post(url, {"body": draft.body, "action": "approve"})
    assert text_of(town.adopts(draft.pack.name), "ar").review == "approved"


def test_a_reader_reviews_the_languages_that_they_read(town, client):
    client.force_login(translator(town, "ar"))
    assert client.get("/translations/ru/").status_code == 403
    assert client.get("/translations/tlh/").status_code == 404


def test_fixed_sentences_are_said_once_approved(town, client):
    client.force_login(translator(town, "so"))
    drafts = {each.name: each.words for each in KINDS["sentences"].sentences("so")}
    assert phrases.phrase("stop", "so") == "Reply STOP to stop."
    client.post("/translations/so/sentences/", {**drafts, "stop": "Joojin"})
    assert not ReviewedText.objects.exists()
    client.post("/translations/so/sentences/", drafts)
    assert phrases.phrase("stop", "so") == drafts["stop"]


def test_fixed_sentences_are_not_a_districts_to_decide(town, client):
    client.force_login(translator(town, "so", of_district=True))
    assert client.get("/translations/so/sentences/").status_code == 403


# What it costs --------------------------------------------------------------------------------


def hints(body: str) -> str:
    return " ".join(previews.hints(body, segments.count(body)))


def test_a_page_says_what_makes_a_text_long_and_what_would_not():
    spanish = "Está abierta la solicitud, ¿ya la llenó? " * 3
    assert "Without accents it would take 1 part" in hints(spanish)
    assert "“ → " in hints("“Hello” " * 12)
    assert "Its letters take more room" in hints("Здравствуйте")
    assert hints("Hello") == ""


def test_a_counselors_approval_counts_in_the_own_district(town):
    other = Town("0000002")
    text = text_of(town.adopts(), "vi")
    reviews.approve(text, by=town.counselor(), now=timezone.now())
    assert text_of(town.adopts(), "vi").review == "approved"
    assert text_of(other.adopts(), "vi").review == "draft"


@given(st.text(max_size=60), st.text(max_size=60))
@settings(deadline=None)
@example("Start it tonight, please", "Start tonight with us, please ")
def test_a_word_diff_holds_both_texts_whole(old, new):
    pieces = word_diff(old, new)
    assert "".join(p.words for p in pieces if p.kind != "new") == old
    assert "".join(p.words for p in pieces if p.kind != "gone") == new


def test_an_e_mail_has_a_preview_while_it_is_written(town, client):
    text = text_of(town.adopts(), "ru", Channel.EMAIL)
    client.force_login(translator(town))
    answer = approve(client, text, body="Привет, {student}", action="preview").content.decode()
    assert "Привет, Ana и Luis" in answer
    text.refresh_from_db()
    assert "Привет" not in text.body

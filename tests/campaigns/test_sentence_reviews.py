"""What the product says by itself is reviewed like any other words of a family."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.forms.isolated import BEGIN, END
from campaigns.inbox import auto_answers
from campaigns.models import ReviewedText, StepText
from campaigns.models.review import digest
from campaigns.words import family_words, library, phrases, reviews
from campaigns.words.fixed_sentences import KINDS, Sentence
from tests.campaigns.conftest import Town
from tests.campaigns.test_reviews import text_of, translator

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(town: Town, client: Client) -> Client:
    """Someone who reads Arabic for the whole install, signed in."""
    client.force_login(translator(town, "ar"))
    return client


def sentence(kind: str, source: str, language: str = "ar") -> Sentence:
    return next(each for each in KINDS[kind].sentences(language) if each.source == source)


def page(kind: str, each: Sentence, language: str = "ar") -> str:
    return f"/translations/{language}/{kind}/{each.name}/"


def answer(words: str, **more: str) -> dict[str, str]:
    return {"body": words, "action": "approve", **more}


def test_each_sentence_has_a_page_with_its_english_words_of_aid_and_a_phone(
    reader: Client,
) -> None:
    help_ = sentence("answers", auto_answers.HELP)
    html = reader.get(page("answers", help_)).content.decode()
    assert "writes to you about financial aid" in html
    assert "Words of aid in this text" in html
    assert "phone__bubble" in html and "segments" in html
    assert "Lincoln High School" in html and "%(school)s</p>" not in html


def test_a_preview_follows_what_is_typed(reader: Client) -> None:
    stopped = sentence("answers", auto_answers.STOPPED)
    typed = {"body": "%(school)s: كلمات START", "action": "preview"}
    shown = reader.post(page("answers", stopped), typed).content.decode()
    assert "كلمات" in shown and "%(school)s" not in shown
    broken = {"body": "50% %(nothing)s", "action": "preview"}
    assert "50%" in reader.post(page("answers", stopped), broken).content.decode()
    assert not ReviewedText.objects.exists()


def test_a_placeholder_stays_in_one_piece_among_arabic_letters_and_is_kept_bare(
    reader: Client,
) -> None:
    stopped = sentence("answers", auto_answers.STOPPED)
    shown = reader.get(page("answers", stopped)).context["form"]["body"].as_widget()
    marked = f"{BEGIN}%(school)s{END}"
    assert marked in shown
    typed = stopped.words.replace("%(school)s", marked) + " شكرا"
    reader.post(page("answers", stopped), answer(typed))
    assert ReviewedText.objects.get().body == stopped.words + " شكرا"


def test_an_approved_sentence_is_said_from_then_on(reader: Client) -> None:
    done = sentence("answers", auto_answers.DONE)
    reader.post(page("answers", done), answer("%(school)s: شكرا"))
    assert family_words.for_message("ar").translated(auto_answers.DONE) == "%(school)s: شكرا"


@pytest.mark.parametrize("kind", ["answers", "sentences", "pages"])
def test_changes_asked_for_make_it_a_draft_and_come_back_to_the_next_reader(
    reader: Client, town: Town, kind: str
) -> None:
    each = KINDS[kind].sentences("ar")[0]
    reader.post(page(kind, each), answer(each.words))
    other = Client()
    other.force_login(translator(town, "ar"))
    other.post(page(kind, each), {"action": "changes", "note": "Too stiff for a mother."})
    now = sentence(kind, each.source)
    assert (now.approved, now.note, now.words) == (False, "Too stiff for a mother.", each.words)
    assert "Too stiff" in reader.get(page(kind, each)).content.decode()
    assert "Too stiff" in reader.get(f"/translations/ar/{kind}/").content.decode()
    assert "Changes asked for" in reader.get("/translations/").content.decode()
    assert "Words that a reader wants changed" in reader.get("/").content.decode()
    reader.post(page(kind, each), answer(each.words))
    assert sentence(kind, each.source).approved
    assert "Words that a reader wants changed" not in reader.get("/").content.decode()


def test_what_is_asked_to_change_is_sent_no_more_and_its_page_says_that_it_is_a_draft(
    town: Town, client: Client
) -> None:
    client.force_login(translator(town, "es"))  # shipped as approved
    stop = sentence("sentences", phrases.PHRASES["stop"], "es")
    assert phrases.phrase("stop", "es") == stop.words
    client.post(page("sentences", stop, "es"), {"action": "changes", "note": "Not so."})
    assert phrases.phrase("stop", "es") == phrases.PHRASES["stop"]
    done = sentence("answers", auto_answers.DONE, "es")
    client.post(page("answers", done, "es"), {"action": "changes", "note": "Not so."})
    assert family_words.for_message("es").translated(auto_answers.DONE) == auto_answers.DONE
    shown = sentence("pages", "We finished", "es")
    assert not family_words.for_page("es").has_drafts(apart_from=[auto_answers.DONE])
    client.post(page("pages", shown, "es"), {"action": "changes", "note": "Not so."})
    assert family_words.for_page("es").has_drafts(apart_from=[auto_answers.DONE])
    assert family_words.for_page("es").translated("We finished") == shown.words


def test_changes_are_asked_for_in_words(reader: Client) -> None:
    each = KINDS["pages"].sentences("ar")[0]
    reader.post(page("pages", each), {"action": "changes", "note": " "})
    assert not ReviewedText.objects.exists()


def test_approving_all_does_not_pass_over_what_somebody_wants_changed(reader: Client) -> None:
    each = sentence("answers", auto_answers.DONE)
    reader.post(page("answers", each), {"action": "changes", "note": "Warmer."})
    drafts = {s.name: s.words for s in KINDS["answers"].sentences("ar")}
    reader.post("/translations/ar/answers/", drafts | {"then": "all"})
    assert not sentence("answers", auto_answers.DONE).approved
    assert sentence("answers", auto_answers.STOPPED).approved
    reader.post("/translations/ar/answers/", drafts | {each.name: each.words + "!", "then": "all"})
    assert sentence("answers", auto_answers.DONE).approved


def test_new_english_shows_what_changed_and_what_was_approved_before(
    reader: Client, town: Town
) -> None:
    old = auto_answers.DONE.replace("We have noted that you filed.", "We noted that you sent it.")
    ReviewedText.objects.create(
        channel=ReviewedText.FAMILY, language="ar", source=old, source_digest=digest(old),
        body="%(school)s: شكرا قديم", reviewed_at=timezone.now(),
    )  # fmt: skip
    each = sentence("answers", auto_answers.DONE)
    assert not each.approved
    html = reader.get(page("answers", each)).content.decode()
    assert "<del> noted" in html or "<del>" in html
    assert "شكرا قديم" in html
    assert sentence("answers", auto_answers.HELP).before is None  # nothing like it
    listed = reader.get("/translations/ar/answers/").content.decode()
    assert "Its English has changed since it was approved." in listed


def test_a_districts_translator_decides_nothing_that_all_districts_say(
    town: Town, client: Client
) -> None:
    client.force_login(translator(town, "ar", of_district=True))
    each = KINDS["answers"].sentences("ar")[0]
    assert client.get(page("answers", each)).status_code == 403
    asked = {"action": "changes", "note": "Mine."}
    assert client.post(page("answers", each), asked).status_code == 403
    assert not ReviewedText.objects.exists()


def test_changes_asked_of_a_ready_message_come_back_in_the_next_campaign(
    reader: Client, town: Town
) -> None:
    draft = library.texts("ar", None)[0]
    url = f"/translations/ar/{draft.pack.name}/{draft.step}/{draft.channel}/"
    reader.post(url, answer(draft.body, subject=draft.subject))
    assert library.texts("ar", None)[0].approved
    reader.post(url, {"action": "changes", "note": "Say “form” as they do."})
    text = text_of(town.adopts(draft.pack.name), "ar", draft.channel)
    assert (text.review, text.note) == (StepText.Review.CHANGES, "Say “form” as they do.")
    listed = reader.get("/translations/").content.decode()
    assert "Say “form” as they do." in listed


def test_the_nearest_english_is_the_forerunner_and_a_far_one_is_none() -> None:
    near, far = ReviewedText(source="We noted that you filed it."), ReviewedText(source="Stop")
    assert reviews.forerunner("We have noted that you filed.", [far, near]) is near
    assert reviews.forerunner("We have noted that you filed.", [far]) is None

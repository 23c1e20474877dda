"""Every ready text in every language, with every placeholder at its longest."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

import pytest

from campaigns import packs
from campaigns.family_pages import links
from campaigns.words import catalogue, catalogue_upkeep, family_values, phrases, segments, wording
from contacts import languages
from contacts.models import Channel
from schools import web_addresses
from schools.models import District, School

TODAY = dt.date(2026, 12, 1)
# The longest address of a district's own that no page warns of.
SCHOOL = School(district=District(link_host="x" * web_addresses.FITS))
TEXTS = [
    pytest.param(pack, text, id=f"{pack.name}-{text.channel}-{text.language}")
    for pack in packs.ready().values()
    for step in pack.steps
    for text in step.texts
]
LANGUAGES = ["en", *catalogue_upkeep.REQUIRED]
# The letters of the languages that are not written in Latin ones.
SCRIPTS = {
    **dict.fromkeys(["ru", "uk"], "CYRILLIC"),
    **dict.fromkeys(["ar", "fa-AF", "ps"], "ARABIC"),
    **dict.fromkeys(["zh-Hans", "zh-Hant"], "CJK"),
    **dict.fromkeys(["am", "ti"], "ETHIOPIC"),
    "ko": "HANGUL",
    "pa": "GURMUKHI",
}


def longest_family(language: str) -> family_values.Family:
    """Three siblings, a long school, and the date that is longest in words."""
    locale = family_values.locale_for(language)
    days = [dt.date(2027, month, 28) for month in range(1, 13)]
    longest = max(days, key=lambda day: len(family_values.date_in_words(day, locale)))
    return family_values.Family(
        students=("Alexandra", "Maximiliano", "Guadalupe"),
        guardian="Maria Guadalupe",
        school="Beacon Valley Senior High School",
        help_phone="(360) 555-0100 ext. 2214",
        link=links.samples(SCHOOL)[0],
        unsubscribe=links.samples(SCHOOL)[1],
        postal_address="1 Main Street",
        today=TODAY,
        deadline=longest,
    )


def worded(text: packs.PackText, drafts: phrases.PhraseBook) -> wording.Wording:
    family = longest_family(text.language)
    return wording.word(text.channel, text.language, text.subject, text.body, family, drafts)


@pytest.fixture(scope="module")
def drafts() -> phrases.PhraseBook:
    """Fixed sentences as they will be once readers have approved the drafts."""
    found = {
        (language, source): draft.words
        for language in LANGUAGES
        for source in phrases.PHRASES.values()
        if (draft := catalogue.look_up(language, source, catalogue.PHRASE))
    }
    return phrases.PhraseBook(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_pack_speaks_every_language(language):
    for pack in packs.ready().values():
        channels = [Channel.SMS] if pack.invites else Channel.values
        assert all(pack.text(channel, language) for channel in channels), pack.name


@pytest.mark.parametrize(("pack", "text"), TEXTS)
def test_a_text_is_whole_with_its_longest_names(pack, text, drafts):
    found = worded(text, drafts)
    words = f"{found.subject} {found.body}"
    assert not re.search(r"[{}]|duration-|None", words), words
    assert "Alexandra" in words
    if text.channel == Channel.EMAIL:
        assert len(found.subject) <= 150
        assert not re.search(r"[\r\n]", found.subject)


@pytest.mark.parametrize(("pack", "text"), [p for p in TEXTS if p.values[1].channel == "sms"])
def test_a_text_message_stays_within_its_budget(pack, text, drafts):
    cost = segments.count(worded(text, drafts).body)
    assert not cost.over_budget, (cost.segments, cost.encoding, cost.units)
    if text.language == "en":
        assert cost.encoding == segments.GSM7, cost.forcing


@pytest.mark.parametrize(("pack", "text"), TEXTS)
def test_a_text_is_laid_out_in_the_direction_of_its_language(pack, text, drafts):
    found = worded(text, drafts)
    rtl = languages.get(text.language).rtl
    lines = [found.body] if text.channel == Channel.SMS else [found.subject]
    assert [first_direction(line) for line in lines] == ["R" if rtl else "L"]
    if text.channel == Channel.EMAIL:
        assert f'dir="{"rtl" if rtl else "ltr"}"' in found.html
        assert f'lang="{text.language}"' in found.html


def first_direction(line: str) -> str:
    """The direction that a phone gives a line: that of its first letter or mark (UAX #9, P2)."""
    strong = {"L": "L", "R": "R", "AL": "R"}
    kinds = (strong.get(unicodedata.bidirectional(char)) for char in line)
    return next(kind for kind in kinds if kind)


@pytest.mark.parametrize(("pack", "text"), TEXTS)
def test_a_text_is_written_in_the_letters_of_its_language(pack, text):
    if script := SCRIPTS.get(text.language):
        words = re.sub(r"\{\w+\}", "", text.body)
        names = [unicodedata.name(char, "") for char in words if char.isalpha()]
        own = sum(script in name for name in names)
        strange = [n for n in names if script not in n and "LATIN" not in n]
        # Names of forms, websites and words to answer stay as they are written on the screen.
        assert own > 0.25 * len(names), text.body
        assert not strange, strange[:3]


@pytest.mark.parametrize(("language", "letters"), [("zh-Hans", "gb2312"), ("zh-Hant", "big5")])
def test_the_two_ways_to_write_chinese_are_not_mixed(language, letters):
    for pack in packs.ready().values():
        for channel in Channel.values:
            if text := pack.text(channel, language):
                (text.subject + text.body).encode(letters)


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_have_the_plural_of_their_language(language):
    locale = family_values.locale_for(language)
    words = {n: family_values.days_in_words(n, locale) for n in (1, 2, 3, 5, 11, 21, 101)}
    assert all(not re.search("[A-Z]|duration|hour|week|month", said) for said in words.values())
    forms = {locale.plural_form(n) for n in words}
    shapes = {re.sub(r"\d+", "", said).strip() for said in words.values()}
    assert len(shapes) <= len(forms)
    if language in ("ru", "uk"):
        assert re.sub(r"\d+", "", words[1]) == re.sub(r"\d+", "", words[21])
        assert len({words[n].split()[-1] for n in (1, 2, 5)}) == 3
    if language == "ar":
        assert words[2] == "يومان"
        assert len(shapes) >= 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_siblings_are_listed_as_their_language_lists(language):
    said = family_values.values(longest_family(language), language, phrases.PhraseBook())["student"]
    assert re.search("Alexandra.+Maximiliano.+Guadalupe", said)


def test_only_what_readers_approved_ships_as_reviewed():
    for pack in packs.ready().values():
        for step in pack.steps:
            assert {t.language for t in step.texts if t.reviewed} == {"en", "es"}


@pytest.mark.parametrize("language", catalogue_upkeep.REQUIRED)
def test_a_draft_of_a_fixed_sentence_is_never_said(language):
    said = phrases.PhraseBook().say("stop", language)
    assert said == phrases.PhraseBook().say("stop", "es" if language == "es" else "en")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("Hola, {guardia}", "placeholders differ"),
        ("Hola", "placeholders differ"),
        ("Hola, {guardian", "placeholders differ"),
        ("Hola, {guardian}: la FAFSA", "names other forms"),
        ("Hola, {guardian} STOP", "STOP differs"),
    ],
)
def test_a_translation_that_lost_or_invented_something_is_found(words, fault):
    assert fault in catalogue_upkeep.faults("Hello {guardian},", words)


def test_what_the_catalogues_need_is_there():
    for language in catalogue_upkeep.REQUIRED:
        assert catalogue_upkeep.gaps(language) == []

"""An e-mail to a family: two twins, its own language and direction, and a way out."""

from __future__ import annotations

import re

import pytest

from campaigns.transports.sendgrid_email import SUBSTITUTION_BYTES
from campaigns.words.email_page import email_page, email_text

PAGE = ("Your page", "https://aid.example.org/l/AAAAAAGZsNZYdRBJ")
FOOT = {
    "why": "You receive this because Lincoln High has this address for Ana.",
    "postal_address": "Lincoln High, 1 Main Street, Beacon, WA 98000",
    "page": PAGE,
    "unsubscribe": ("Stop these e-mails", "https://aid.example.org/u/AAAAAAGqmTlPjZbaMA4/"),
}
WORDS = f"Hello Rosa,\n\nThe forms are open.\nBoth are free.\n\n{PAGE[1]}\n\n<b>Lincoln</b>"


def made(language: str = "en", words: str = WORDS) -> str:
    return email_page(
        words, subject="Financial aid", school="Lincoln High", language=language, **FOOT
    )


@pytest.mark.parametrize(
    ("language", "direction"),
    [("en", "ltr"), ("es", "ltr"), ("ar", "rtl"), ("fa-AF", "rtl"), ("ps", "rtl"), ("am", "ltr")],
)
def test_language_and_direction_hold_even_where_a_mail_program_drops_the_document(
    language: str, direction: str
) -> None:
    html = made(language)
    said = f'lang="{language}" dir="{direction}"'
    assert f"<html {said}>" in html
    assert re.search(rf"<div [^>]*{said}", html)


def test_both_twins_say_who_writes_from_where_and_how_to_stop() -> None:
    for twin in (made(), email_text(WORDS, **FOOT)):
        for part in (FOOT["why"], FOOT["postal_address"], PAGE[1], FOOT["unsubscribe"][1]):
            assert part in twin


def test_the_familys_page_on_a_line_of_its_own_is_a_button() -> None:
    html = made()
    assert re.search(rf'<a class="button" href="{PAGE[1]}"[^>]*>Your page</a>', html)
    assert "open.<br>Both" in html


def test_a_link_within_words_stays_a_link() -> None:
    html = made(words=f"Go to {PAGE[1]} tonight.")
    assert 'class="button"' not in html
    assert f'<a href="{PAGE[1]}"' in html


def test_a_link_after_words_without_spaces_is_only_the_link() -> None:
    html = made("zh-Hans", f"今晚开始：{PAGE[1]}。谢谢 (https://wsac.wa.gov/wasfa).")
    assert f'今晚开始：<a href="{PAGE[1]}">{PAGE[1]}</a>。谢谢' in html
    assert '<a href="https://wsac.wa.gov/wasfa">https://wsac.wa.gov/wasfa</a>).' in html


def test_words_are_never_taken_for_html() -> None:
    assert "&lt;b&gt;Lincoln" in made()


def test_it_speaks_light_and_dark_and_asks_for_nothing_from_elsewhere() -> None:
    html = made()
    assert "prefers-color-scheme: dark" in html
    for outside in ("<img", "<script", "<link", "@import", "url("):
        assert outside not in html


def test_a_long_letter_still_fits_one_request_with_the_others() -> None:
    words = "\n\n".join(["Lorem ipsum dolor sit amet. " * 8] * 8)
    assert len((words + made(words=words)).encode()) < SUBSTITUTION_BYTES

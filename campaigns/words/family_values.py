"""What each placeholder says of one family, in the family's language."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass
from unicodedata import bidirectional

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_timedelta
from babel.lists import format_list

from campaigns.words.phrases import PhraseBook
from contacts import languages

# Families read these in this country: $4,500 and not 4.500 US$.
HERE = {"en": "en_US", "es": "es_US"}


@dataclass(frozen=True)
class Family:
    """What a text may say of one family; `deadline` is the next one after today, if any."""

    students: tuple[str, ...]
    guardian: str
    school: str
    help_phone: str
    link: str
    unsubscribe: str
    postal_address: str
    today: dt.date
    deadline: dt.date | None
    names_stop: bool = True  # a first text, or the first in a month, says how to stop


def locale_for(language: str) -> Locale:
    """Babel's locale of a language, or of its nearest fallback that Babel knows."""
    for code in [language, *languages.fallbacks(language)]:
        try:
            return Locale.parse(HERE.get(code, code.replace("-", "_")))
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def values(family: Family, language: str, book: PhraseBook) -> dict[str, str]:
    """Each placeholder's value for a family, in a language; a missing one has gentle words."""
    locale = locale_for(language)
    first_names = [name for name in family.students if name]
    found = {
        "student": format_list(first_names, locale=locale) if first_names else "",
        "guardian": family.guardian,
        "school": family.school,
        "link": family.link,
        "help_phone": in_order(family.help_phone, language),
        "deadline": "",
        "days_left": "",
    }
    if family.deadline:
        days = (family.deadline - family.today).days
        found["deadline"] = date_in_words(family.deadline, locale)
        found["days_left"] = (
            days_in_words(days, locale) if days > 0 else book.say("today", language)
        )
    return {
        name: value or (book.say(name, language) if name not in ("link", "school") else "")
        for name, value in found.items()
    }


def date_in_words(day: dt.date, locale: Locale) -> str:
    """A date as its language writes it out."""
    return format_date(day, format="long", locale=locale)


def days_in_words(days: int, locale: Locale) -> str:
    """A number of days with the plural that its language has for it."""
    # Not format_unit: where CLDR keeps only the short pattern, it writes "3 duration-day".
    return format_timedelta(
        dt.timedelta(days=days), granularity="day", threshold=days + 1, locale=locale
    )


def money(dollars: int, language: str) -> str:
    """Whole dollars as a language writes them: $4,500, 4 500 $."""
    locale = locale_for(language)
    pattern = copy.copy(locale.currency_formats["standard"])
    pattern.frac_prec = (0, 0)
    return pattern.apply(dollars, locale, currency="USD", currency_digits=False)


RIGHT_TO_LEFT, LEFT_TO_RIGHT = "\u200f", "\u200e"  # marks that are never seen


def in_order(words: str, language: str) -> str:
    """A phone number or a Latin sentence that keeps its order amid words from right to left."""
    if not words or not languages.get(language).rtl:
        return words
    if any(bidirectional(char) in ("R", "AL") for char in words):
        return words
    return f"{LEFT_TO_RIGHT}{words}{LEFT_TO_RIGHT}"


def leading(words: str, language: str) -> str:
    """A line that phones lay out from right to left where its language is, whatever comes first.

    They look at the first letter, which is often that of a school's English name.
    """
    return f"{RIGHT_TO_LEFT}{words}" if words and languages.get(language).rtl else words

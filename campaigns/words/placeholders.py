"""The words in braces that each family's own values replace."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

MEANINGS = {
    "student": _("first names of their students"),
    "guardian": _("the guardian's name"),
    "school": _("the school's name"),
    "link": _("the family's own page"),
    "deadline": _("the next deadline"),
    "days_left": _("days until that deadline"),
    "help_phone": _("the phone for questions"),
    "usd:500": _("500 dollars, or another amount, as the language writes it"),
}
KNOWN = frozenset(name for name in MEANINGS if ":" not in name)

# What families answer with; the same in every language, as phone companies know no other.
ANSWERS = ("STOP", "START", "YES")

_BRACED = re.compile(r"\{([^{}]*)\}")
_MONEY = re.compile(r"usd:(\d{1,7})")


def used(text: str) -> set[str]:
    """Names in braces in `text`, known or not."""
    return {name.strip() for name in _BRACED.findall(text)}


def unknown(text: str) -> list[str]:
    """Names in braces that mean nothing to us, sorted; a text with any cannot be saved."""
    return sorted(name for name in used(text) - KNOWN if not _MONEY.fullmatch(name))


def has_stray_brace(text: str) -> bool:
    """True where a brace has no partner: a placeholder that was mistyped."""
    rest = _BRACED.sub("", text)
    return "{" in rest or "}" in rest


def lost(source: str, words: str) -> list[str]:
    """Names in braces that `source` has and its translation `words` has not, sorted."""
    return sorted(used(source) - used(words))


def missing_answers(words: str, source: str) -> list[str]:
    """Words to answer that a translation lost or invented."""
    return [answer for answer in ANSWERS if (answer in source) != (answer in words)]


def is_sound(words: str, source: str = "") -> bool:
    """True for words that may reach a family: nothing mistyped, unknown, or lost on the way."""
    return not (has_stray_brace(words) or unknown(words) or lost(source, words))


def faults(words: str, source: str = "") -> list[str]:
    """Why words must not be saved, in words for whoever wrote them; nothing where they are sound.

    A translation keeps every placeholder of its source: without {link} a family cannot go on.
    """
    found = []
    if has_stray_brace(words):
        found.append(_t("A brace has no partner: write placeholders like {student}."))
    if names := unknown(words):
        found.append(
            _t("We do not know %(names)s. Use only the placeholders listed below.")
            % {"names": _listed(names)}
        )
    if names := lost(source, words):
        found.append(_t("Lost in translation: %(names)s.") % {"names": _listed(names)})
    return found


def _listed(names: list[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def fill(text: str, values: Mapping[str, str], money: Callable[[int], str] = "${:,}".format) -> str:
    """`text` with each placeholder replaced in one pass: a value's own braces stay as they are."""

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        if amount := _MONEY.fullmatch(name):
            return money(int(amount[1]))
        return values.get(name, match[0])

    return _BRACED.sub(value, text)

"""The words in braces that each family's own values replace."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

MEANINGS = {
    "student": _("first names of their students"),
    "guardian": _("the guardian's name"),
    "school": _("the school's name"),
    "link": _("the family's own page"),
    "deadline": _("the next deadline"),
    "days_left": _("days until that deadline"),
    "help_phone": _("the phone for questions"),
}
KNOWN = frozenset(MEANINGS)

_BRACED = re.compile(r"\{([^{}]*)\}")


def used(text: str) -> set[str]:
    """Names in braces in `text`, known or not."""
    return {name.strip() for name in _BRACED.findall(text)}


def unknown(text: str) -> list[str]:
    """Names in braces that mean nothing to us, sorted; a text with any cannot be saved."""
    return sorted(used(text) - KNOWN)


def has_stray_brace(text: str) -> bool:
    """True where a brace has no partner: a placeholder that was mistyped."""
    rest = _BRACED.sub("", text)
    return "{" in rest or "}" in rest


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with each placeholder replaced in one pass: a value's own braces stay as they are."""
    return _BRACED.sub(lambda match: values.get(match[1].strip(), match[0]), text)

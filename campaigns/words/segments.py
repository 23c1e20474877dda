"""How many segments a text message costs, and why.

GSM 03.38 septets when every character is in its alphabet, else UCS-2 (RULES: 160 alone and 153
each when joined; 70 alone and 67 each). Accents are never stripped here: a person sees the cost
and decides; only marks that look the same straight (quotes, dashes) are offered as replacements.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

# 3GPP TS 23.038 §6.2.1 (basic set) and §6.2.1.1 (extension: two septets each).
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")

STRAIGHT = {
    "‘": "'",
    "’": "'",
    "‚": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
    "–": "-",
    "—": "-",
    "‑": "-",
    "…": "...",
    "\u00a0": " ",
    "\u202f": " ",
    "•": "-",
}

GSM7, UCS2 = "GSM-7", "UCS-2"
# (alone, each when joined), in septets or 16-bit units.
ROOM = {GSM7: (160, 153), UCS2: (70, 67)}
# The most segments that a ready text may take, with every placeholder at its longest.
BUDGET = {GSM7: 3, UCS2: 5}
LONGEST = 1600  # characters; Twilio refuses more (error 21617)


@dataclass(frozen=True)
class Segments:
    """The cost of one text message."""

    encoding: str
    units: int  # septets in GSM-7, 16-bit units in UCS-2
    segments: int
    forcing: list[str] = field(default_factory=list)  # characters that forbid GSM-7
    replacements: dict[str, str] = field(default_factory=dict)  # of those, what is free to swap

    @property
    def over_budget(self) -> bool:
        """True where it takes more segments than families read and districts like to buy."""
        return self.segments > BUDGET[self.encoding]


def _widths(text: str, encoding: str) -> list[int]:
    if encoding == GSM7:
        return [2 if char in EXTENSION else 1 for char in text]
    return [2 if ord(char) > 0xFFFF else 1 for char in text]


def count(text: str) -> Segments:
    """The encoding, units and segments that `text` takes; an empty text takes none."""
    forcing = list(
        dict.fromkeys(char for char in text if char not in BASIC and char not in EXTENSION)
    )
    encoding = UCS2 if forcing else GSM7
    widths = _widths(text, encoding)
    alone, joined = ROOM[encoding]
    units = sum(widths)
    if units <= alone:
        segments = 1 if text else 0
    else:
        # A character of two units is never cut in half: it moves to the next segment whole.
        segments, room = 1, joined
        for width in widths:
            if width > room:
                segments, room = segments + 1, joined
            room -= width
    replacements = {char: STRAIGHT[char] for char in forcing if char in STRAIGHT}
    return Segments(encoding, units, segments, forcing, replacements)


def straighten(text: str) -> str:
    """`text` with curly quotes, long dashes and the like made plain; accents stay."""
    return text.translate({ord(curly): plain for curly, plain in STRAIGHT.items()})


def without_accents(text: str) -> str:
    """`text` with the bare letters beneath its accents: only to tell what accents cost."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(char for char in parts if not unicodedata.combining(char))

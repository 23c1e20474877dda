"""Which school a file's school column means, within one district."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from schools.models import School


class SchoolFinder:
    """Finds a district's schools by NCES id, state code or name, however written."""

    def __init__(self, schools: Iterable[School]) -> None:
        self._by_key: dict[str, int | None] = {}
        self._by_number: dict[str, int | None] = {}
        for school in schools:
            for key in {school.nces_id, school.state_code, _folded(school.name)} - {""}:
                _put(self._by_key, key.lower(), school.pk)
            # "WA-17001-2285" is also known by its last part, with or without leading zeros
            for code in {school.nces_id, school.state_code.rpartition("-")[2]} - {""}:
                _put(self._by_number, code.lstrip("0"), school.pk)

    def find(self, text: str) -> int | None:
        """The school's primary key; None if it is unknown or two schools fit."""
        written = text.strip()
        if not written:
            return None
        for key in (written.lower(), _folded(written)):
            if key in self._by_key:
                return self._by_key[key]
        return self._by_number.get(written.lstrip("0"))


def _put(index: dict[str, int | None], key: str, pk: int) -> None:
    """A key that two schools share means neither."""
    index[key] = pk if index.get(key, pk) == pk else None


def _folded(name: str) -> str:
    """A name without case, accents, and the ways to write “senior high school”."""
    letters = unicodedata.normalize("NFKD", name.lower().replace("'", "").replace("’", ""))
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    words = re.sub(r"[^a-z0-9]+", " ", plain.replace("h.s.", "hs")).split()
    return " ".join(w for w in words if w not in {"school", "senior", "sr", "high", "hs"})

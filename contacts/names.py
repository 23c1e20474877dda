"""Names as they are compared and searched for: without case, accents and doubled spaces."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

WORD_LENGTH = 40


@lru_cache(maxsize=50_000)
def folded(name: str) -> str:
    """A name without case, accents and doubled spaces: equal for equal people's names."""
    if name.isascii():
        return " ".join(name.lower().split())
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def words_of(name: str) -> list[str]:
    """The words of a name, folded, each once: what the search for its beginning finds."""
    return list(dict.fromkeys(word[:WORD_LENGTH] for word in folded(name).split()))

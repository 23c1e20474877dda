"""Words of financial aid, and what a language calls them: one table for all who translate."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("glossary.csv")


@dataclass(frozen=True)
class Term:
    """A word of aid: in English, what it means, and in one other language."""

    english: str
    meaning: str
    word: str


@cache
def _rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def terms(language: str, source: str) -> list[Term]:
    """The terms that an English text uses and a language has a word for."""
    return [
        Term(row["term"], row["meaning"], row[language])
        for row in _rows()
        if row.get(language) and re.search(rf"\b(?:{row['found_as']})\b", source, re.IGNORECASE)
    ]

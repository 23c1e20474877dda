"""A file of an unknown layout as a table: where its header is, and what its columns look like."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from completion.readers.grids import Grid, sheets_of
from completion.readers.rows import BadFile
from completion.readers.values import text_of

HEAD_ROWS = 15  # titles and dates may stand above the header
SAMPLES = 5
SAMPLE_ROWS = 200
MOST_COLUMNS = 200


@dataclass(frozen=True)
class Table:
    """The one table of a file; no two of its headers are alike."""

    sheet: str
    header_row: int  # as a spreadsheet numbers it
    headers: list[str]
    grid: Grid

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """The filled rows below the header with their numbers, each as long as the header."""
        width = len(self.headers)
        for number, row in enumerate(self.grid[self.header_row :], start=self.header_row + 1):
            if any(text_of(value) for value in row):
                yield number, [*row[:width], *[""] * (width - len(row))]

    def values(self) -> list[list[str]]:
        """The different values of each column in the first rows."""
        columns: list[dict[str, None]] = [{} for _header in self.headers]
        for index, (_number, row) in enumerate(self.rows()):
            if index == SAMPLE_ROWS:
                break
            for column, value in zip(columns, row, strict=True):
                column[text_of(value)] = None
        return [[value for value in column if value] for column in columns]

    @property
    def signature(self) -> str:
        """Equal for files with the same columns, in whatever order and case."""
        lines = sorted(header.casefold() for header in self.headers)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def table_of(content: bytes) -> Table:
    """The table of the first sheet that has one. Raises BadFile."""
    for name, grid in sheets_of(content):
        at = _header_row(grid)
        if at is not None:
            return Table(name, at + 1, _headers(grid[at]), grid)
    raise BadFile(_("The file has no table: a row of headers, and rows below it."))


def _header_row(grid: Grid) -> int | None:
    """The first row with as many words as any near the top, and something below it."""
    filled = [sum(map(_is_word, row)) for row in grid[:HEAD_ROWS]]
    most = max(filled, default=0)
    if most < 2:
        return None
    at = filled.index(most)
    return at if any(any(text_of(value) for value in row) for row in grid[at + 1 :]) else None


def _is_word(value: Any) -> bool:
    text = text_of(value)
    return bool(text) and not text.replace(",", "").replace(".", "").isdigit()


def _headers(row: Sequence[Any]) -> list[str]:
    """The headers, numbered where one repeats or is empty."""
    seen: Counter[str] = Counter()
    headers = []
    texts = [text_of(value) for value in row][:MOST_COLUMNS]
    while texts and not texts[-1]:
        texts.pop()
    for index, text in enumerate(texts, start=1):
        name = text[:120] or _("Column %(n)s") % {"n": index}
        seen[name.casefold()] += 1
        again = seen[name.casefold()]
        headers.append(name if again == 1 else f"{name} ({again})")
    return headers

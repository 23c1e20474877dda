"""Prints the rows of the spreadsheet on its standard input, one JSON list of texts a line.

Reads XLSX and XLS, and what many systems call XLS: a web page with a table, or the XML of 2003.

Run by `sheets.py` as a process of its own, with limits of memory (bytes) and time (seconds):
it knows nothing of the project, and how it ends says what was wrong.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import itertools
import json
import os
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import IO, Any

PROTECTED, EMPTY, DAMAGED = 3, 4, 5
LOOKED_AT = 1000  # rows in which a sheet must show something, or it is passed over
_SEALED = "EncryptedPackage".encode("utf-16-le")  # how a workbook under a password is kept
MAX_CELL = 100_000  # characters; Excel itself holds 32,767
MAX_WIDTH = 20_000  # cells; Excel itself has 16,384 columns
BLOCK = 64 * 1024
_ROWS, _CELLS = {"tr", "row"}, {"td", "th", "cell"}


def rows(file: IO[bytes]) -> Iterator[list[str]]:
    """The rows of the first sheet that has any, cells as their owner sees them."""
    if file.read(1) not in (b"P", b"\xd0"):  # neither a zip nor a compound file
        yield from marked_up(file)
        return
    file.seek(0)
    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_filelike(file)
    for name in workbook.sheet_names:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.height and _shows_something(sheet.iter_rows()):
            for row in sheet.iter_rows():
                yield [text(cell) for cell in row]
            return


def _shows_something(lines: Iterator[list[Any]]) -> bool:
    return any(cell != "" for row in itertools.islice(lines, LOOKED_AT) for cell in row)


def marked_up(file: IO[bytes]) -> Iterator[list[str]]:
    """The rows of the first table of two or more columns in a web page or the XML of 2003."""
    file.seek(0)
    page = _decoded(file.read())
    reader = _TableReader()
    for start in range(0, len(page), BLOCK):
        reader.feed(page[start : start + BLOCK])
        if len(reader.rawdata) > MAX_CELL:
            raise ValueError("a tag or remark without end")  # looking for it anew takes for ever
        yield from reader.taken()
        if reader.ended:
            return
    yield from reader.last()


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        with contextlib.suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return content.decode("latin-1")


class _TableReader(HTMLParser):
    """Gathers the rows of a table; what stands in a table inside one of its cells is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = False
        self._depth = 0  # tables that are open
        self._chosen: int | None = None  # the depth of the table whose rows are taken
        self._open: list[tuple[int, list[list[str]]]] = []  # rows, each with its table's depth
        self._cell: list[str] = []
        self._ready: list[list[str]] = []

    def taken(self) -> list[list[str]]:
        """The rows that were completed since the last time."""
        ready, self._ready = self._ready, []
        return ready

    def last(self) -> list[list[str]]:
        """The row that the end of the file cut off."""
        self._end_row()
        return self.taken()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = tag.rpartition(":")[2]
        if name == "table":
            self._depth += 1
        elif name in _ROWS:
            self._end_row()
            self._open.append((self._depth, []))
        elif name in _CELLS and self._open:
            self._begin_cell(dict(attrs))
        elif name in ("br", "p", "div"):
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in _CELLS:
            self._cell = []
        elif name in _ROWS:
            self._end_row()
        elif name == "table":
            self._end_row()
            self.ended = self.ended or self._depth == self._chosen
            self._depth = max(0, self._depth - 1)
            if self._open and (outer := self._open[-1][1]):
                self._cell = outer[-1]

    def handle_data(self, data: str) -> None:
        self._cell.append(data)

    def _begin_cell(self, attrs: dict[str, str | None]) -> None:
        cells = self._open[-1][1]
        place = _number(attrs.get("ss:index"))  # the XML leaves out empty cells
        while len(cells) + 1 < min(place, MAX_WIDTH):
            cells.append([])
        self._cell = []
        cells.append(self._cell)
        for _more in range(min(_number(attrs.get("colspan")) - 1, MAX_WIDTH - len(cells))):
            cells.append([])

    def _end_row(self) -> None:
        if not self._open or self._open[-1][0] != self._depth:
            return
        row = [text("".join(cell).strip()) for cell in self._open.pop()[1]]
        if self._chosen is None and sum(map(bool, row)) > 1:
            self._chosen = self._depth
        # Rows above the table count too: a spreadsheet would show them, and number them.
        if self._chosen in (None, self._depth) and not self.ended:
            self._ready.append(row)


def _number(written: str | None) -> int:
    """A whole number written in an attribute; 0 for anything else."""
    return int(written) if written and written.isdecimal() and len(written) < 7 else 0


def text(cell: Any) -> str:
    """A cell as its owner sees it: ids and phones without a spreadsheet's `.0`."""
    if isinstance(cell, str):
        return cell[:MAX_CELL].replace("\0", "")
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    return str(cell)


def is_refusal(error: BaseException) -> bool:
    """True for what a damaged file raises; a panic of the library is a bare BaseException."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def _limit(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in limits.items():
        # Where the machine is stricter, or knows no such limit, its own word stands.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))


def main() -> int:
    """Prints the rows; returns the exit status."""
    _limit(*map(int, sys.argv[1:3]))
    content = sys.stdin.buffer.read()
    if content.startswith(b"\xd0\xcf") and _SEALED in content:
        return PROTECTED
    found = False
    try:
        for row in rows(io.BytesIO(content)):
            found = True
            sys.stdout.buffer.write(json.dumps(row).encode() + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        return 0  # nobody listens any more
    except BaseException as error:
        if not is_refusal(error):
            raise
        return PROTECTED if "assword" in f"{type(error).__name__} {error}" else DAMAGED
    return 0 if found else EMPTY


if __name__ == "__main__":
    os._exit(main())  # at once: a pipe that nobody reads must not be flushed again

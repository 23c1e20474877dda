"""Any file of families made into one table of texts, read row by row so that memory stays flat."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from contacts import emails, phones
from contacts.imports import sheets, texts
from contacts.imports.problems import BadFile
from schools.models import District

MAX_BYTES = 250 * 1024 * 1024
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
MAX_COLUMNS = 400
MAX_ROWS = 1_500_000
HEADER_IN_FIRST_ROWS = 10

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_EMPTY_ZIP = b"PK\x05\x06"
_PICTURES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x1f\x8b", b"Rar!", b"7z")
_PAGES = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"<style", b"<head", b"<!--")


@dataclass
class Table:
    """A header and the rows under it. `rows` can be walked once; its numbers are the file's."""

    headers: list[str]
    rows: Iterator[tuple[int, list[str]]]
    encoding: str = ""
    whole: bool = True  # False for a delta: who is not named has not left


def read(name: str, file: IO[bytes] | bytes, *, district: District | None = None) -> Table:
    """The table in a CSV, XLSX, XLS or OneRoster file. Raises BadFile where none can be read.

    The rows come as they are walked, so that what is wrong far down is raised there. The file
    stays open; `district` is whose roster it is (a delta needs to know).
    """
    file = io.BytesIO(file) if isinstance(file, bytes) else file
    start = _start(file)
    if start.startswith((_ZIP, _EMPTY_ZIP)):
        return _zip(file, district)
    if start.startswith(_OLE) or _is_page(start):
        return _table(sheets.rows(file, max_unpacked=MAX_UNPACKED_BYTES))
    if name.lower().endswith((".xlsx", ".xlsm", ".zip")):
        raise BadFile(_("The file is damaged and cannot be opened."))
    if start.startswith(_PICTURES):
        raise BadFile(_("This is not a table. Save it as CSV or XLSX and try again."))
    lines, encoding = texts.rows(file)
    return _table(lines, encoding)


def _is_page(start: bytes) -> bool:
    """True for a web page or XML: what many systems call an XLS."""
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES)


def _start(file: IO[bytes]) -> bytes:
    """The first bytes of a file that is neither empty nor too large."""
    size = file.seek(0, io.SEEK_END)
    if size is None:  # some wrappers of files do not answer
        size = file.tell()
    if size > MAX_BYTES:
        raise BadFile(
            _("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024 // 1024}
        )
    file.seek(0)
    start = file.read(4000)
    if not start.strip() and not start.strip() + file.read(texts.BLOCK).strip():
        raise BadFile(_("The file is empty."))
    return start


def _zip(file: IO[bytes], district: District | None) -> Table:
    """A roster's zip or a spreadsheet; any other is refused."""
    from contacts.imports import oneroster  # it makes tables too

    with sheets.opened(file) as archive:
        names = {name.lower().replace("\\", "/") for name in archive.namelist()}
    if any(name.rpartition("/")[2] == "users.csv" and name.count("/") <= 1 for name in names):
        return oneroster.read(file, district)
    if "[content_types].xml" not in names:
        raise BadFile(
            _("This zip is no OneRoster export. Unpack it and choose the CSV or XLSX file inside.")
        )
    return _table(sheets.rows(file, max_unpacked=MAX_UNPACKED_BYTES))


def _table(lines: Iterable[list[str]], encoding: str = "") -> Table:
    """Finds the header: the first row with two or more filled cells, else the first filled one."""
    numbered = enumerate(lines, start=1)
    head = list(itertools.islice(numbered, HEADER_IN_FIRST_ROWS))
    filled = [(n, row) for n, row in head if any(cell.strip() for cell in row)]
    if not filled:
        # Lines that are all empty may be many; what counts is whether any has words.
        first = next(((n, row) for n, row in numbered if any(map(str.strip, row))), None)
        if first is None:
            raise BadFile(_("The file is empty."))
        filled = [first]
    number, header = next(
        ((n, row) for n, row in filled if sum(1 for cell in row if cell.strip()) > 1), filled[0]
    )
    while header and not header[-1].strip():
        header = header[:-1]
    if len(header) > MAX_COLUMNS:
        raise BadFile(
            _("The file has %(count)s columns; more than %(limit)s is not a list of families.")
            % {"count": len(header), "limit": MAX_COLUMNS}
        )
    if any(map(_is_address, header)):
        raise BadFile(
            _(
                "The first row holds a person's phone or e-mail where the names of the columns "
                "should stand. Add a row of names above it, and choose the file again."
            )
        )
    rest = itertools.chain((pair for pair in head if pair[0] > number), numbered)
    return Table(_headers(header), _body(rest, len(header)), encoding)


def _is_address(cell: str) -> bool:
    """True for a phone or an e-mail: a cell that no column is called by."""
    try:
        digits = sum(map(str.isdigit, cell))
        return bool(emails.read(cell) if "@" in cell else digits >= 10 and phones.read(cell))
    except (emails.BadEmail, phones.BadPhone):
        return False


def _headers(row: list[str]) -> list[str]:
    """Header texts in one line each, a second `Phone` named `Phone (2)`."""
    seen: set[str] = set()
    headers = []
    for position, cell in enumerate(row, start=1):
        name = " ".join(cell.replace("\0", "").split())[:120] or f"Column {position}"
        unique = (n for n in itertools.count(1) if _nth(name, n).lower() not in seen)
        headers.append(_nth(name, next(unique)))
        seen.add(headers[-1].lower())
    return headers


def _nth(name: str, number: int) -> str:
    return name if number == 1 else f"{name} ({number})"


def _body(numbered: Iterable[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    for count, (number, row) in enumerate(numbered):
        if count >= MAX_ROWS:
            raise BadFile(_("The file has more than %(limit)s rows.") % {"limit": MAX_ROWS})
        cells = [_in_one_line(cell) for cell in row[:width]]
        if any(cells):
            yield number, cells + [""] * (width - len(cells))


def _in_one_line(cell: str) -> str:
    """A cell without line ends and doubled spaces; addresses one a line stay apart."""
    if "\n" in cell:
        lines = [" ".join(line.split()) for line in cell.splitlines() if line.strip()]
        if all("@" in line or sum(map(str.isdigit, line)) >= 7 for line in lines):
            return "; ".join(lines)
    return " ".join(cell.split())

"""Bytes of a CSV, XLSX or XLS file made into one table of texts.

Encodings are tried in a fixed order and never guessed by statistics, which turn a Spanish ñ
into a Polish ń: byte order mark, UTF-16 without one, strict UTF-8, Windows-1252, Latin-1.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from contacts.imports.problems import BadFile
from schools.models import District

MAX_BYTES = 60 * 1024 * 1024
MAX_UNPACKED_BYTES = 400 * 1024 * 1024
MAX_COLUMNS = 400
MAX_ROWS = 1_500_000
DELIMITERS = ",;\t|"
HEADER_IN_FIRST_ROWS = 10


@dataclass
class Table:
    """A header and the rows under it. `rows` can be walked once; its numbers are the file's."""

    headers: list[str]
    rows: Iterator[tuple[int, list[str]]]
    encoding: str = ""
    whole: bool = True  # False for a delta: who is not named has not left


def read(name: str, file: IO[bytes] | bytes, *, district: District | None = None) -> Table:
    """The table in a file. Raises BadFile where there is none that can be read."""
    if isinstance(file, bytes):
        content = file
    else:
        file.seek(0)
        content = file.read()
    if not content.strip():
        raise BadFile(_("The file is empty."))
    if len(content) > MAX_BYTES:
        raise BadFile(
            _("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024 // 1024}
        )
    if content.startswith(b"PK\x03\x04") or name.lower().endswith(".zip"):
        _check_zip(content)
        return _table(_spreadsheet(content))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return _table(_spreadsheet(content))
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf")):
        raise BadFile(_("This is not a table. Save it as CSV or XLSX and try again."))
    text, encoding = decode(content)
    return _table(_csv(text), encoding)


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file and the encoding that fitted. Raises BadFile for binary content."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        ladder = ["utf-16"]
    elif content.startswith(b"\xef\xbb\xbf"):
        ladder = ["utf-8-sig"]
    elif b"\0" in content[:4000]:
        ladder = ["utf-16-le" if content[1:2] == b"\0" else "utf-16-be"]
    else:
        ladder = ["utf-8", "cp1252", "latin-1"]
    for encoding in ladder:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise BadFile(_("This is not a text file that can be read. Save it as CSV (UTF-8) or XLSX."))


def _csv(text: str) -> Iterator[list[str]]:
    first, _newline, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:  # Excel's own hint
        delimiter, text = first.strip()[4], rest
    else:
        lines = [line for line in text[:20_000].splitlines() if line.strip()][:HEADER_IN_FIRST_ROWS]
        delimiter = max(DELIMITERS, key=lambda d: max((line.count(d) for line in lines), default=0))
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise BadFile(_("The file stops being a table: %(why)s.") % {"why": error}) from None


def _check_zip(content: bytes) -> None:
    """An XLSX is a zip; anything else in one, or one that unpacks too large, is refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise BadFile(_("The file is damaged and cannot be opened.")) from None
    if "xl/workbook.xml" not in names:
        raise BadFile(
            _("Zip files are not read yet. Unpack it and choose the CSV or XLSX file inside.")
        )
    if unpacked > MAX_UNPACKED_BYTES:
        raise BadFile(_("The spreadsheet unpacks to far too much. Save it as CSV instead."))


def _spreadsheet(content: bytes) -> Iterator[list[str]]:
    """The rows of the first sheet that holds any."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in workbook.sheet_names:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if any(cell != "" for row in rows[:HEADER_IN_FIRST_ROWS] for cell in row):
                for row in rows:
                    yield [_text(cell) for cell in row]
                return
    except BadFile:
        raise
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise BadFile(_("The spreadsheet is damaged or protected by a password.")) from error
    raise BadFile(_("No sheet of the file has any rows."))


def _text(cell: Any) -> str:
    """A cell as its owner sees it: ids and phones without a spreadsheet's `.0`."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    return str(cell)


def _table(lines: Iterable[list[str]], encoding: str = "") -> Table:
    """Finds the header: the first row with two or more filled cells, else the first filled one."""
    numbered = enumerate(lines, start=1)
    head = list(itertools.islice(numbered, HEADER_IN_FIRST_ROWS))
    filled = [(n, row) for n, row in head if any(cell.strip() for cell in row)]
    if not filled:
        raise BadFile(_("The file is empty."))
    number, header = next(
        ((n, row) for n, row in filled if sum(1 for cell in row if cell.strip()) > 1), filled[0]
    )
    if len(header) > MAX_COLUMNS:
        raise BadFile(
            _("The file has %(count)s columns; more than %(limit)s is not a list of families.")
            % {"count": len(header), "limit": MAX_COLUMNS}
        )
    rest = itertools.chain((pair for pair in head if pair[0] > number), numbered)
    return Table(_headers(header), _body(rest, len(header)), encoding)


def _headers(row: list[str]) -> list[str]:
    """Header texts in one line each, a second `Phone` named `Phone (2)`."""
    seen: dict[str, int] = {}
    headers = []
    for position, cell in enumerate(row, start=1):
        name = " ".join(cell.replace("\0", "").split())[:120] or f"Column {position}"
        seen[name.lower()] = seen.get(name.lower(), 0) + 1
        headers.append(name if seen[name.lower()] == 1 else f"{name} ({seen[name.lower()]})")
    return headers


def _body(numbered: Iterable[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    for count, (number, row) in enumerate(numbered):
        if count >= MAX_ROWS:
            raise BadFile(_("The file has more than %(limit)s rows.") % {"limit": MAX_ROWS})
        cells = [" ".join(cell.split()) for cell in row[:width]]
        if any(cells):
            yield number, cells + [""] * (width - len(cells))

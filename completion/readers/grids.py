"""Files as sheets of cells: .xls, .xlsx, .csv."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from python_calamine import CalamineError, CalamineWorkbook

from completion.readers.rows import BadFile

Grid = list[list[Any]]

MOST_BYTES = 40 * 1024 * 1024
MOST_UNZIPPED = 400 * 1024 * 1024
UNREADABLE = gettext_lazy(
    "The workbook cannot be opened: it is damaged or cut short. Download it again, or save it as "
    ".xlsx or .csv."
)
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"


def sheets_of(content: bytes) -> list[tuple[str, Grid]]:
    """The file's sheets by name; a CSV is one sheet without a name. Raises BadFile."""
    if not content.strip():
        raise BadFile(_("The file is empty. Download it again, or export it again."))
    if len(content) > MOST_BYTES:
        raise BadFile(_("The file is larger than 40 MB, which no completion file is."))
    if content.startswith((_OLE, _ZIP)):
        return _workbook(content)
    return [("", _csv(content))]


def _workbook(content: bytes) -> list[tuple[str, Grid]]:
    if content.startswith(_ZIP):
        _refuse_bomb(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        ]
    except BaseException as error:
        # A damaged .xls makes the library panic, which Python sees as a bare BaseException.
        if (
            isinstance(error, CalamineError | ValueError | OSError)
            or type(error).__name__ == "PanicException"
        ):
            raise BadFile(str(UNREADABLE)) from error
        raise


def _refuse_bomb(content: bytes) -> None:
    """Raises BadFile for an archive that is broken, or far larger unpacked than a table is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise BadFile(str(UNREADABLE)) from error
    if size > MOST_UNZIPPED:
        raise BadFile(_("The workbook is far larger unpacked than it should be."))


def _csv(content: bytes) -> Grid:
    """Strict UTF-8 first, then Windows-1252: the two that spreadsheets write."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise BadFile(_("This is neither a workbook nor a CSV file."))
    first = text.lstrip().splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise BadFile(_("The CSV file cannot be read: %(why)s") % {"why": error}) from error

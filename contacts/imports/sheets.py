"""Spreadsheets read by a process of their own, so that a hostile one can break nothing but that.

The library that knows these formats lays a sheet out in memory as a whole and aborts where that
does not fit: two cells in opposite corners are enough. In a process with a limit to its memory
and time such a file ends in words, and our own memory stays flat.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from contacts.imports import sheet_process
from contacts.imports.problems import BadFile

READER = Path(sheet_process.__file__)
BLOCK = 1024 * 1024
MAX_MEMORY_BYTES = 2 * 1024 * 1024 * 1024
MAX_SECONDS = 300
_ZIP = b"PK\x03\x04"
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def rows(file: IO[bytes], *, max_unpacked: int) -> Iterator[list[str]]:
    """The rows of the first sheet that holds any. Raises BadFile."""
    file.seek(0)
    if file.read(4) == _ZIP:
        weigh(file, max_unpacked)
    with tempfile.TemporaryFile() as own:
        file.seek(0)
        shutil.copyfileobj(file, own, BLOCK)
        own.seek(0)
        yield from _rows(own)


def _rows(file: IO[bytes]) -> Iterator[list[str]]:
    limits = [str(MAX_MEMORY_BYTES), str(MAX_SECONDS)]
    process = subprocess.Popen(
        [sys.executable, "-I", str(READER), *limits],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.endswith(b"\n"):  # else it died in the middle of a row
                yield json.loads(line)
        ended = process.wait()
    finally:
        process.kill()
        process.communicate()
    if ended:
        raise BadFile(_why(ended))


def _why(ended: int) -> str:
    if ended == sheet_process.PROTECTED:
        return _("The spreadsheet is protected by a password. Save it without one and try again.")
    if ended == sheet_process.EMPTY:
        return _("No sheet or table of the file has any rows.")
    if ended == sheet_process.DAMAGED:
        return _("The spreadsheet is damaged and cannot be read. Save it again, or as CSV.")
    return _("The spreadsheet is damaged or unpacks to far too much. Save it as CSV instead.")


def weigh(file: IO[bytes], limit: int) -> None:
    """Counts the bytes that truly come out of a zip, whatever it claims of itself.

    Raises BadFile for a broken archive, one that unpacks to more than `limit` bytes, and one
    with XML that declares entities: they multiply, and no spreadsheet program writes them.
    """
    total = 0
    with opened(file) as archive:
        for entry in archive.infolist():
            if entry.flag_bits & 1:
                raise BadFile(
                    _("The file is protected by a password. Save it without one and try again.")
                )
            if entry.compress_type not in _PACKINGS:
                raise BadFile(_("The file is packed in an unusual way. Save it again, or as CSV."))
            for block in _unpacked(archive, entry, limit):
                total += len(block)
                if total > limit:
                    raise BadFile(
                        _("The spreadsheet unpacks to far too much. Save it as CSV instead.")
                    )


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    # Without this, the reading would stop where the header claims that the entry ends.
    entry.file_size = limit + 1
    is_xml, tail = entry.filename.lower().endswith((".xml", ".rels")), b""
    with archive.open(entry) as raw:
        while block := raw.read(BLOCK):
            yield block
            if is_xml and (b"<!DOCTYPE" in tail + block or b"<!ENTITY" in tail + block):
                raise BadFile(
                    _("The spreadsheet holds definitions that none should. Save it as CSV instead.")
                )
            tail = block[-9:]


@contextlib.contextmanager
def opened(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """The archive in a file; whatever is broken in it is told by a BadFile."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except BadFile:
        raise
    except Exception as error:  # a broken zip breaks zipfile in many ways
        raise BadFile(_("The file is damaged and cannot be opened.")) from error

"""A zip of CSV files, opened with care: nothing is unpacked to disk, and no claim is believed."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext as _

from contacts.imports import readers
from contacts.imports.problems import BadFile

Row = dict[str, str]

MAX_DIRECTORY_BYTES = 1024 * 1024
CHUNK = 256 * 1024
MAX_LINE = 1024 * 1024
DELIMITERS = ",;\t|"
BULK, DELTA, ABSENT = "bulk", "delta", "absent"
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1

# Names of users' columns seen in real exports → the standard's, lower-cased.
ALIASES = {
    "grade": "grades",
    "agents": "agentsourcedids",
    "agentsourcedid": "agentsourcedids",
    "userid": "userids",
    "orgsourcedid": "orgsourcedids",
    "preferredfirstname": "preferredgivenname",
    "preferredlastname": "preferredfamilyname",
}


class Archive:
    """The files of a OneRoster zip by their plain names, and what its manifest says of each.

    `with Archive(file) as archive: archive.rows("users.csv")`. Everything raises BadFile only.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._unpacked = 0
        self.encodings: dict[str, str] = {}
        with _telling():
            _check_directory(file)
            self._zip = zipfile.ZipFile(file)
        self._files = _checked(self._zip.infolist())
        self._told: dict[str, str] = {}
        if "manifest.csv" in self._files:
            self._read_manifest()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *exc: object) -> None:
        self._zip.close()

    def _read_manifest(self) -> None:
        told = {}
        for _number, row in itertools.islice(self.rows("manifest.csv"), 1000):
            told[row.get("propertyname", "").lower()] = row.get("value", "").lower()
        version = told.get("oneroster.version", "")
        if version and not re.match(r"1\.\d", version):
            raise BadFile(
                _("This is OneRoster %(version)s; 1.1 and 1.2 can be read.")
                % {"version": version[:20]}
            )
        self._told = {
            name.removeprefix("file."): value
            for name, value in told.items()
            if name.startswith("file.")
        }

    def mode(self, name: str) -> str:
        """`bulk`, `delta` or `absent`. Raises BadFile where a promised file is missing."""
        told = self._told.get(name.removesuffix(".csv"), "")
        if told not in {"", BULK, DELTA, ABSENT}:
            raise BadFile(
                _("manifest.csv says “%(word)s” of %(file)s; bulk, delta or absent can be read.")
                % {"word": told[:20], "file": name}
            )
        if name not in self._files:
            if told in {BULK, DELTA}:
                raise BadFile(
                    _("manifest.csv names %(file)s, but the zip does not hold it.") % {"file": name}
                )
            return ABSENT
        return told or BULK

    def headers(self, name: str) -> list[str]:
        """The file's column names, lower-cased, by their standard names."""
        with self._lines(name) as lines:
            return lines.headers

    def rows(self, name: str) -> Iterator[tuple[int, Row]]:
        """Numbered rows (the header is row 1) as dictionaries by lower-cased column name."""
        with self._lines(name) as lines:
            yield from lines

    @contextlib.contextmanager
    def _lines(self, name: str) -> Iterator[_Lines]:
        entry = self._files[name]
        if name not in self.encodings:
            self.encodings[name] = self._weigh(name, entry)
        encoding = self.encodings[name]
        with (
            _telling(name),
            self._zip.open(entry) as raw,
            io.TextIOWrapper(raw, encoding, errors="replace", newline="") as text,
        ):
            yield _Lines(name, text)

    def _weigh(self, name: str, entry: zipfile.ZipInfo) -> str:
        """Counts the bytes that truly come out, and finds the encoding that fits them all."""
        encoding, decoder, nul = "", codecs.getincrementaldecoder("utf-8")(), False
        with _telling(name), self._zip.open(entry) as raw:
            first = True
            while chunk := raw.read(CHUNK):
                self._unpacked += len(chunk)
                if self._unpacked > readers.MAX_UNPACKED_BYTES:
                    raise BadFile(
                        _("The zip unpacks to more than %(limit)s MB. Export fewer files or years.")
                        % {"limit": readers.MAX_UNPACKED_BYTES // 1024 // 1024}
                    )
                if first and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    encoding = "utf-16"
                first = False
                nul = nul or b"\0" in chunk
                if not encoding:
                    try:
                        decoder.decode(chunk)
                    except UnicodeDecodeError:
                        encoding = "cp1252"
            if not encoding:
                try:
                    decoder.decode(b"", final=True)
                except UnicodeDecodeError:
                    encoding = "cp1252"
        if nul and encoding != "utf-16":
            raise BadFile(_("%(file)s is not a text file.") % {"file": name})
        return encoding or "utf-8-sig"


class _Lines:
    """One CSV file: its headers, then its rows."""

    def __init__(self, name: str, text: IO[str]) -> None:
        self.name = name
        self._number = 0
        lines = _bounded(name, text)
        first = next(lines, "")
        delimiter = max(DELIMITERS, key=first.count)
        # What comes last shows whether a quotation mark was left open.
        self._end = "\x1aend\x1a"
        lines = itertools.chain([first] if first else [], lines, [self._end])
        self._reader = csv.reader(lines, delimiter=delimiter)
        header = self._next() or []
        if len(header) > readers.MAX_COLUMNS:
            raise BadFile(
                _("%(file)s has %(count)s columns; more than %(limit)s is not a roster.")
                % {"file": name, "count": len(header), "limit": readers.MAX_COLUMNS}
            )
        aliases = ALIASES if name == "users.csv" else {}
        plain = ("".join(cell.replace("\ufeff", "").split()).lower() for cell in header)
        self.headers = [aliases.get(cell, cell) for cell in plain]
        self._number = 1

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        width = len(self.headers)
        while (cells := self._next()) is not None:
            self._number += 1
            if self._number > readers.MAX_ROWS * 20:
                raise BadFile(_("%(file)s has too many rows.") % {"file": self.name})
            if not any(cells):
                continue
            if len(cells) > width and any(cell.strip() for cell in cells[width:]):
                raise BadFile(
                    _(
                        "%(file)s, row %(row)s has more cells than the header: a comma in a cell "
                        "must stand between quotation marks."
                    )
                    % {"file": self.name, "row": self._number}
                )
            yield (
                self._number,
                {
                    header: " ".join(cell.split())
                    for header, cell in zip(self.headers, cells, strict=False)
                },
            )

    def _next(self) -> list[str] | None:
        try:
            cells = next(self._reader)
        except StopIteration:
            raise BadFile(
                _("%(file)s: a quotation mark is opened and never closed.") % {"file": self.name}
            ) from None
        except csv.Error as error:
            raise BadFile(
                _("%(file)s stops being a table at row %(row)s: %(why)s.")
                % {"file": self.name, "row": self._number + 1, "why": error}
            ) from None
        return None if cells == [self._end] else cells


def _bounded(name: str, text: IO[str]) -> Iterator[str]:
    """The lines of a file, none of which may fill the memory alone."""
    while line := text.readline(MAX_LINE):
        if len(line) >= MAX_LINE:
            raise BadFile(_("%(file)s has a line that is far too long.") % {"file": name})
        yield line


def _checked(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Entries by plain lower-case name. Raises BadFile for what no honest roster holds."""
    files: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
            raise BadFile(
                _("The zip holds a file with an unsafe name (%(name)s). Export it again.")
                % {"name": entry.filename[:60]}
            )
        if entry.is_dir() or "__macosx" in name.lower():
            continue
        plain = name.rpartition("/")[2].lower()
        if not plain.endswith(".csv"):
            continue
        if entry.flag_bits & _ENCRYPTED:
            raise BadFile(
                _("%(file)s is protected by a password. Export it without one.") % {"file": plain}
            )
        if entry.compress_type not in _PACKINGS:
            raise BadFile(
                _("%(file)s is packed in an unusual way. Zip it again.") % {"file": plain}
            )
        if plain in files:
            raise BadFile(_("The zip holds %(file)s twice.") % {"file": plain})
        files[plain] = entry
    return files


def _check_directory(file: IO[bytes]) -> None:
    """Refuses a zip whose list of files alone would fill the memory (zipfile reads it whole)."""
    size = file.seek(0, io.SEEK_END)
    start = max(0, size - 65_557)
    file.seek(start)
    tail = file.read()
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) < found + 22:
        raise zipfile.BadZipFile
    length = struct.unpack_from("<L", tail, found + 12)[0]
    if found >= 20 and tail[found - 20 : found - 16] == b"PK\x06\x07":  # the Zip64 form
        file.seek(max(0, start + found - 20 - 56))
        record = file.read(56)
        if len(record) == 56 and record.startswith(b"PK\x06\x06"):
            length = struct.unpack_from("<Q", record, 40)[0]
    if length > MAX_DIRECTORY_BYTES:
        raise BadFile(_("The zip holds far more files than a roster has."))
    file.seek(0)


@contextlib.contextmanager
def _telling(name: str = "") -> Iterator[None]:
    """What can go wrong inside a damaged zip, in words for a person."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        NotImplementedError,
    ):
        what = name or _("The zip")
        raise BadFile(
            _("%(what)s is damaged and cannot be opened. Export it again.") % {"what": what}
        ) from None

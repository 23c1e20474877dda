"""A CSV file read as a stream: its encoding found first, then its rows one by one.

Encodings are tried in a fixed order and never guessed by statistics, which turn a Spanish ñ
into a Polish ń: byte order mark, UTF-16 without one, strict UTF-8, Windows-1252, Latin-1.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext as _

from contacts.imports.problems import BadFile

DELIMITERS = ",;\t|"
BLOCK = 1024 * 1024
SAMPLE = 64 * 1024
SAMPLE_ROWS = 10
MAX_ROW = 1024 * 1024  # characters; the widest table that is allowed needs far fewer


def rows(file: IO[bytes]) -> tuple[Iterator[list[str]], str]:
    """The rows of a CSV file, and the encoding that fits all its bytes. Raises BadFile."""
    encoding = find_encoding(file)
    sample = _sample(file, encoding)
    hint = _hint(sample)
    return _rows(file, encoding, hint or _delimiter(sample), skip_first=bool(hint)), encoding


def find_encoding(file: IO[bytes]) -> str:
    """Reads the file through, block by block. Raises BadFile for what is no text."""
    file.seek(0)
    start = file.read(4000)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        ladder = ["utf-16"]
    elif start.startswith(codecs.BOM_UTF8):
        ladder = ["utf-8-sig"]
    else:
        wide = _wide(start)
        ladder = [wide] if wide else ["utf-8", "cp1252", "latin-1"]
    for encoding in ladder:
        if _fits(file, encoding):
            return encoding
    raise BadFile(_("This is not a text file that can be read. Save it as CSV (UTF-8) or XLSX."))


def _wide(start: bytes) -> str:
    """UTF-16 without a mark shows: in plain letters every other byte is zero."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd and not even and odd * 4 >= len(start) // 2:
        return "utf-16-le"
    if even and not odd and even * 4 >= len(start) // 2:
        return "utf-16-be"
    return ""


def _fits(file: IO[bytes], encoding: str) -> bool:
    """Can all bytes be decoded? Raises BadFile if zero characters are among them."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    while True:
        block = file.read(BLOCK)
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError:
            return False
        if "\0" in text:
            raise BadFile(
                _(
                    "The file holds zero characters (NUL), so it is damaged or not a text file. "
                    "Save it again as CSV (UTF-8) or XLSX."
                )
            )
        if not block:
            return True


def _sample(file: IO[bytes], encoding: str) -> str:
    file.seek(0)
    text = codecs.getincrementaldecoder(encoding)().decode(file.read(SAMPLE))
    return text.lstrip("\ufeff")


def _hint(sample: str) -> str:
    """The delimiter in Excel's own first line `sep=;`, or nothing."""
    first = sample.lstrip("\r\n").splitlines()[:1]
    line = first[0].rstrip("\r\n ").strip('"') if first else ""
    return line[4] if len(line) == 5 and line.lower().startswith("sep=") else ""


def _delimiter(sample: str) -> str:
    """The one by which most of the first rows are equally wide; then the widest."""

    def fit(delimiter: str) -> tuple[int, int]:
        lines = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        try:
            first = list(itertools.islice((row for row in lines if any(row)), SAMPLE_ROWS))
        except csv.Error:
            return 0, 0
        widths = Counter(len(row) for row in first if len(row) > 1)
        return max(((count, width) for width, count in widths.items()), default=(0, 0))

    return max(DELIMITERS, key=fit)


def _rows(
    file: IO[bytes], encoding: str, delimiter: str, *, skip_first: bool
) -> Iterator[list[str]]:
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    pending = 0  # characters given to the reader since its last row

    def lines() -> Iterator[str]:
        nonlocal pending
        while line := text.readline(MAX_ROW):
            pending += len(line)
            if pending >= MAX_ROW:
                raise BadFile(
                    _(
                        "A row of the file is far too long. Perhaps a quotation mark was opened "
                        "and never closed, or it is not a table."
                    )
                )
            yield line

    reader = csv.reader(lines(), delimiter=delimiter)
    try:
        if skip_first:
            next(reader, None)
        for row in reader:
            pending = 0
            yield row
    except csv.Error as error:
        raise BadFile(
            _("The file stops being a table at line %(line)s: %(why)s.")
            % {"line": reader.line_num, "why": _why(error)}
        ) from None
    finally:
        # The file is its owner's to close; by then it may be closed already.
        with contextlib.suppress(ValueError):
            text.detach()


def _why(error: csv.Error) -> str:
    if "field larger" in str(error):
        return _("a cell is far too long; perhaps a quotation mark was never closed")
    return str(error)

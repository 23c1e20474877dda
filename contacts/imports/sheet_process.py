"""Prints the rows of the spreadsheet on its standard input, one JSON list of texts a line.

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
from typing import IO, Any

PROTECTED, EMPTY, DAMAGED = 3, 4, 5
LOOKED_AT = 1000  # rows in which a sheet must show something, or it is passed over
_SEALED = "EncryptedPackage".encode("utf-16-le")  # how a workbook under a password is kept
MAX_CELL = 100_000  # characters; Excel itself holds 32,767


def rows(file: IO[bytes]) -> Iterator[list[str]]:
    """The rows of the first sheet that has any, cells as their owner sees them."""
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


def text(cell: Any) -> str:
    """A cell as its owner sees it: ids and phones without a spreadsheet's `.0`."""
    if isinstance(cell, str):
        return cell[:MAX_CELL]
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

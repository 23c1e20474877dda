"""Which reader a file is for."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from completion.readers import federal, own
from completion.readers.grids import sheets_of
from completion.readers.rows import Problem, Reading, UnknownLayout


def read(content: bytes, *, cycle: str = "", as_of: dt.date | None = None) -> Reading:
    """A completion file's rows, whatever its layout. Raises BadFile, in words; UnknownLayout for
    a table whose columns a person must name.

    `cycle` and `as_of` are what a person says of a file that does not say it itself.
    """
    sheets = sheets_of(content)
    if federal.recognises(sheets):
        return federal.read(sheets, cycle=cycle)
    if own.recognises(sheets):
        return own.read(sheets, cycle=cycle, as_of=as_of)
    name, grid = next(((n, g) for n, g in sheets if g), ("", []))
    first = ", ".join(str(value) for value in (grid[0] if grid else []) if value)[:200]
    raise UnknownLayout(
        Problem(
            _(
                "This is not a completion file that Aidbeacon knows; it begins with “%(first)s”. "
                "It reads Federal Student Aid's files by high school (.xls, .xlsx, .csv), tables "
                "with the columns school_id, date, submitted, completed, and any table whose "
                "columns a person has named once, on the import's page or with --mapping."
            )
            % {"first": first},
            name,
            1,
        )
    )

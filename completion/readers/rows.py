"""What every completion reader gives back."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Trouble(TextChoices):
    """What kind of problem it is, in words without any value of a cell: for whoever sees what
    came of a file but does not have it."""

    UNREADABLE = "unreadable", _("A cell that cannot be read.")
    CONTRADICTION = "contradiction", _("More completed than submitted.")
    REPEATED = "repeated", _("A school that stands in several rows of the same day.")
    CODE = "code", _("A school code that cannot be read.")
    UNKNOWN = "unknown", _("Rows that name no school that is known here.")
    LEFT_OUT = "left_out", _("Lines that are left out, such as totals and empty ones.")
    OTHER = "", _("Something worth knowing; whoever brought the file in can read what.")


@dataclass(frozen=True)
class Problem:
    """Something about a file that a person should know, and how to mend it."""

    message: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    kind: str = Trouble.OTHER

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"kind": str(self.kind)}


class BadFile(Exception):
    """The file cannot be read as what it claims to be; carries what is wrong, and where."""

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = [p if isinstance(p, Problem) else Problem(p) for p in problems]
        super().__init__("; ".join(p.message for p in self.problems))


class UnknownLayout(BadFile):
    """A readable table, but of a layout that nobody knows: a person may say what its columns
    hold (completion/columns)."""


@dataclass(frozen=True)
class Cell:
    """A published count: a number, or None where `<5` hides 0 to 4. Never a zero for hidden."""

    known: int | None

    @property
    def hidden(self) -> bool:
        return self.known is None

    def __str__(self) -> str:
        return "<5" if self.known is None else str(self.known)


@dataclass(frozen=True)
class Row:
    """One line of a file for one pair of columns: a school (or part of one) on a date."""

    code: str  # empty where the file names schools without a code
    name: str
    city: str
    state: str
    cycle: str
    as_of: dt.date
    submitted: Cell
    completed: Cell
    line: int
    sheet: str = ""


@dataclass(frozen=True)
class Band:
    """The federal sheet’s word on a district: whole percents, None where data are missing."""

    leaid: str
    name: str
    state: str
    cycle: str
    as_of: dt.date
    low: int | None
    high: int | None
    line: int
    sheet: str = ""


@dataclass(frozen=True)
class Seniors:
    """A line's grade 12 of a school year, beside its counts."""

    row: Row
    school_year: str
    text: str


@dataclass
class Reading:
    """A file's rows, the pair of columns that is newest, and notes that do not stop an import."""

    kind: str  # a SourceFile.Kind
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)  # nothing to mend, but worth knowing
    left_out: int = 0  # rows that could not be read, where a person agreed
    seniors: list[Seniors] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)

    @property
    def newest(self) -> tuple[str, dt.date]:
        """The newest cycle in the file and its newest date; raises BadFile without any row."""
        if not self.rows:
            raise BadFile("The file has a header but no rows below it.")
        return max((row.cycle, row.as_of) for row in self.rows)

    def only_state(self, state: str) -> Reading:
        """The rows of one state (own files carry no state: theirs stay)."""
        rows = [row for row in self.rows if not row.state or row.state == state]
        bands = [band for band in self.bands if band.state == state]
        return replace(self, rows=rows, bands=bands)

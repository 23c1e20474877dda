"""Which columns of an enrolment file hold the school, the year and the seniors.

Known layouts: NCES's table generator (`Grade 12 Students [Public School] 2023-24`), NCES's
membership file (a row a school and grade), OSPI's report card (`SchoolCode`, `GradeLevel`,
`All Students`), and any table whose three columns a person names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from completion.readers.grids import Grid
from completion.readers.rows import BadFile, Problem, UnknownLayout
from completion.readers.values import text_of

_ELSI = re.compile(r"grade 12 students.*?(\d{4})-(\d{2})(?:\d{2})?$", re.IGNORECASE)
_YEAR = re.compile(r"(\d{4})\s*[-–/]\s*(?:\d{2})?(\d{2})")
_TWELVE = re.compile(r"(grade\s*12|12(th)?( grade)?|g12)", re.IGNORECASE)
SCHOOL = ("nces_school_id", "nces_id", "nces id", "ncessch", "nces school id", "school_id",
          "school id", "schoolcode", "school code", "state_school_id")  # fmt: skip
SENIORS = ("grade12", "grade 12", "seniors", "grade12_2018_19", "student_count", "all students",
           "grade 12 students", "12th grade")  # fmt: skip
YEAR = ("school_year", "school year", "schoolyear", "year")
GRADE = ("grade", "gradelevel", "grade level")
TOTAL = "total_indicator"  # NCES's membership file also breaks each grade down
BY_GRADE = "subtotal 4 - by grade"
LEVEL = "organizationlevel"  # OSPI's report card also has districts and the state
_HEAD_ROWS = 15  # the table generator writes some lines above


@dataclass(frozen=True)
class Columns:
    """A person's word on the columns; empty where the header should say it."""

    school: str = ""
    seniors: str = ""
    year: str = ""
    name: str = ""
    where: str = ""

    @classmethod
    def of(cls, mapping: Mapping[str, str]) -> Columns:
        """By a confirmed mapping (completion/columns)."""
        where = mapping.get("city", "") or mapping.get("district", "")
        return cls(
            mapping.get("school_id", ""),
            mapping.get("seniors", ""),
            mapping.get("school_year", ""),
            mapping.get("school", ""),
            where,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file that speaks of a school's seniors, as text."""

    number: int
    school: str
    seniors: str
    year: str
    name: str = ""
    where: str = ""


def lines(grid: Grid, named: Columns, year: str) -> Iterator[Line]:
    """The rows about grade 12. Raises UnknownLayout where a column is missing, naming
    what is there."""
    at, header = _header(grid, named)
    school = None if named.name and not named.school else _find(header, named.school, SCHOOL)
    name, where = (_find(header, each, ()) for each in (named.name, named.where))
    if school is None and name is None:
        school = next((i for i, text in enumerate(header) if "nces assigned" in text), None)
    wide = {i: m for i, text in enumerate(header) if (m := _ELSI.search(text))}
    seniors = _find(header, named.seniors, SENIORS)
    if (school is None and name is None) or (seniors is None and not wide):
        raise UnknownLayout(_unknown([text_of(value) for value in grid[at]], at))
    years = _find(header, named.year, YEAR)
    grade = _find(header, "", GRADE)
    total, level = _find(header, "", (TOTAL,)), _find(header, "", (LEVEL,))

    for number, row in enumerate(grid[at + 1 :], start=at + 2):
        cells = [text_of(value) for value in row] + [""] * (len(header) - len(row))
        code = cells[school].removesuffix(".0") if school is not None else ""
        called = (
            cells[name] if name is not None else "",
            cells[where] if where is not None else "",
        )
        if not code and not called[0]:
            continue
        if grade is not None and not _TWELVE.fullmatch(cells[grade]):
            continue
        if total is not None and cells[total].casefold() != BY_GRADE:
            continue
        if level is not None and cells[level].casefold() != "school":
            continue
        if seniors is not None:
            said = school_year(cells[years]) if years is not None else year
            yield Line(number, code, cells[seniors], said, *called)
        else:
            for column, found in wide.items():
                yield Line(number, code, cells[column], f"{found[1]}-{found[2]}", *called)


def school_year(text: str) -> str:
    """`2023-24`, `2023-2024`, `2023/24` → 2023-24; empty for anything else."""
    found = _YEAR.fullmatch(text.strip())
    return f"{found[1]}-{found[2]}" if found else ""


def _header(grid: Grid, named: Columns) -> tuple[int, list[str]]:
    """The first row that has a column for the school; else the first with more than one cell."""
    said = named.school or named.name
    wanted = (said.casefold(),) if said else SCHOOL
    rows = [[text_of(v).casefold() for v in row] for row in grid[:_HEAD_ROWS]]
    for index, texts in enumerate(rows):
        if any(text in wanted or "nces assigned" in text for text in texts):
            return index, texts
    for index, texts in enumerate(rows):
        if sum(map(bool, texts)) > 1:
            return index, texts
    raise BadFile(_("The file has no rows with columns."))


def _find(header: list[str], named: str, known: tuple[str, ...]) -> int | None:
    wanted = (named.strip().casefold(),) if named.strip() else known
    return next((header.index(each) for each in wanted if each in header), None)


def _unknown(header: list[str], at: int) -> Problem:
    return Problem(
        _(
            "The file needs a column with the school's id and one with its seniors; its columns "
            "are: %(columns)s. A person can name them once, on the import's page."
        )
        % {"columns": ", ".join(text for text in header if text)[:400]},
        row=at + 1,
    )

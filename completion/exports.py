"""Tables as CSV and XLSX that spreadsheets open rightly and safely; a place as PDF."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import xlsxwriter
from django.http import HttpResponse
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from completion.bands import Told
from completion.changes import Changes
from completion.charts.frame import Chart
from completion.figures import Row
from completion.suppression import Shown

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_WIDE = 45  # characters
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_WORDLESS = re.compile(r"[-+.–\d]+")


def defused(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run as a formula."""
    if text[:1] in "=+-@\t\r" and text and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    """A download in UTF-8 with a byte-order mark, so that Excel reads accents."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(header)
    writer.writerows([defused(cell) for cell in row] for row in rows)
    return response


def pdf_response(name: str, content: bytes) -> HttpResponse:
    """A PDF that opens in the browser."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


@dataclass(frozen=True)
class Table:
    """A table of a page, by the name that its download is asked for with."""

    key: str
    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def download(name: str, tables: Sequence[Table], form: str, key: str = "") -> HttpResponse | None:
    """One table as CSV (`key`, else the first), or all as one XLSX; None for another form."""
    if form == "xlsx":
        return xlsx_response(name, tables)
    if form == "csv":
        table = next((each for each in tables if each.key == key), tables[0])
        return csv_response(
            name if table is tables[0] else f"{name}-{table.key}", table.header, table.rows
        )
    return None


def xlsx_response(name: str, tables: Sequence[Table]) -> HttpResponse:
    """A workbook with a sheet a table; plain numbers as numbers, all else as text."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True})
        for table in tables:
            sheet = book.add_worksheet(_sheet_name(table.title, book))
            sheet.write_row(0, 0, table.header, bold)
            for line, row in enumerate(table.rows, start=1):
                for column, cell in enumerate(row):
                    if _NUMBER.fullmatch(cell) and len(cell) < 10:
                        sheet.write_number(line, column, float(cell))
                    else:
                        sheet.write_string(line, column, cell)
            for column, width in enumerate(_widths(table)):
                sheet.set_column(column, column, width)
            sheet.freeze_panes(1, 1)
    response = HttpResponse(content.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _widths(table: Table) -> list[int]:
    """Room for each column's longest text, within reason."""
    columns = zip(table.header, *table.rows, strict=True)
    return [min(MOST_WIDE, max(map(len, column)) + 2) for column in columns]


def _sheet_name(title: str, book: xlsxwriter.Workbook) -> str:
    """At most 31 characters, none of those that Excel forbids, and unlike the others."""
    short = re.sub(r"[\[\]:*?/\\]", " ", title)[:28]
    taken = {sheet.name.casefold() for sheet in book.worksheets()}
    return short if short.casefold() not in taken else f"{short} {len(taken)}"


def chart_table(key: str, chart: Chart) -> Table:
    """The numbers behind a picture."""
    rows = [[strip_tags(cell) for cell in row] for row in chart.rows]
    return Table(key, chart.title, chart.columns, rows)


def changes_table(moved: Changes) -> Table:
    """The lines of the change panel."""
    header = [
        _("Compared with"), _("Date"),
        _("Completed before"), _("Completed, change"),
        _("Submitted before"), _("Submitted, change"),
    ]  # fmt: skip
    rows = [
        [
            line.label,
            line.day,
            *(
                _plain(figure)
                for each in (line.completed, line.submitted)
                for figure in (each.before, each.change)
            ),
        ]
        for line in moved.lines
    ]
    return Table("change", pgettext("of a figure", "Change"), header, rows)


def bands_table(bands: Iterable[Told]) -> Table:
    """The federal file's own bands of a district, beside the sum of its schools."""
    header = [
        _("Date"), _("Federal band, percent"), _("Completed"), _("Completion rate, percent"),
        _("File"), _("Row"),
    ]  # fmt: skip
    rows = [
        [
            each.as_of.isoformat(),
            "" if each.band.empty else each.band.text,
            _plain(each.completed),
            _plain(each.rate),
            each.source.name,
            str(each.row),
        ]
        for each in bands
    ]
    return Table("federal-band", _("The federal file's own band"), header, rows)


def schools_table(lines: Iterable[Sequence[str]]) -> Table:
    """The table of schools (`line` of each), every figure as the page shows it."""
    header = [
        _("School id"), _("School"), _("City"), _("District"), _("Cycle"), _("As of"),
        _("Seniors"), _("Seniors of"), _("Submitted"), _("Completed"),
        _("Submission rate, percent"), _("Completion rate, percent"),
        _("Completed since the last snapshot"),
        _("Completed against the same week of last cycle"),
        _("Rate change in points against the same week of last cycle"),
    ]  # fmt: skip
    return Table("schools", _("Schools"), header, list(lines))


def line(row: Row) -> list[str]:
    """A school's cells: which school it is, then `cells`."""
    school = row.standing.school
    district = school.district.name if school.district else ""
    return [school.nces_id, school.name, school.city, district, *cells(row)]


def cells(row: Row) -> list[str]:
    """A school's cycle, day and figures."""
    standing = row.standing
    return [
        standing.cycle,
        standing.latest.as_of.isoformat() if standing.latest else "",
        _plain(row.seniors),
        standing.seniors.school_year if standing.seniors else "",
        *(_plain(figure) for figure in _told(row)),
    ]


def in_no_language(row: Row) -> bool:
    """True where a school's cells are the same to every reader: no words, no small counts."""
    return all(f.empty or _WORDLESS.fullmatch(f.plain) for f in (row.seniors, *_told(row)))


def _told(row: Row) -> list[Shown]:
    return [
        row.submitted, row.completed, row.submitted_rate, row.rate, row.change, row.last_year,
        row.rate_change,
    ]  # fmt: skip


def _plain(figure: Shown) -> str:
    return "" if figure.empty else (figure.plain or figure.text)

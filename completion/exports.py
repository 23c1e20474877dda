"""Tables as CSV that spreadsheets open rightly and safely."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.translation import gettext as _

from completion.figures import Row
from completion.suppression import Shown

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


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


def schools_csv(name: str, rows: Iterable[Row]) -> HttpResponse:
    """The table of schools, every figure as the page shows it."""
    header = [
        _("School id"), _("School"), _("City"), _("District"), _("Cycle"), _("As of"),
        _("Seniors"), _("Seniors of"), _("Submitted"), _("Completed"),
        _("Completion rate, percent"), _("Completed since the last snapshot"),
        _("Completed against the same week of last cycle"),
        _("Rate change in points against the same week of last cycle"),
    ]  # fmt: skip
    return csv_response(name, header, (_cells(row) for row in rows))


def _cells(row: Row) -> list[str]:
    standing, school = row.standing, row.standing.school
    figures = [row.submitted, row.completed, row.rate, row.change, row.last_year, row.rate_change]
    return [
        school.nces_id,
        school.name,
        school.city,
        school.district.name if school.district else "",
        standing.cycle,
        standing.latest.as_of.isoformat() if standing.latest else "",
        _plain(row.seniors),
        standing.seniors.school_year if standing.seniors else "",
        *(_plain(figure) for figure in figures),
    ]


def _plain(figure: Shown) -> str:
    return "" if figure.empty else (figure.plain or figure.text)

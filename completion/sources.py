"""What became of a file, as facts to read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from completion import formats, suppression
from completion.enrolments.intake import Report
from completion.models import SourceFile
from completion.rates import Count
from completion.readers.rows import Trouble

Facts = list[tuple[str, str]]


def of_counts(source: SourceFile, *, sums: bool) -> Facts:
    """Of a completion file; its sums, and how many of its cells say `<5` and not `8`, only for
    whoever has the file anyway."""
    summary = source.summary
    numbers = [
        (_("Rows"), "rows"),
        (_("Schools"), "schools"),
        (_("Schools added"), "created_schools"),
        (_("Rows of no known school"), "unmatched"),
        (_("Rows left out as unreadable"), "left_out"),
        (_("Schools whose seniors are set"), "seniors"),
        (_("Districts with a federal band"), "bands"),
    ]
    always = ("rows", "schools", "unmatched")
    facts = [
        (_("Newest cycle"), source.cycle_id),
        (_("Figures through"), formats.day(source.as_of)),
        *(
            (label, formats.number(summary.get(name, 0)))
            for label, name in numbers
            if summary.get(name) or name in always
        ),
    ]
    if sums:
        facts += [
            (_("Hidden cells (<5)"), formats.number(summary.get("suppressed_cells", 0))),
            (_("Submitted, without hidden cells"), _sum(summary.get("sum_submitted", 0))),
            (_("Completed, without hidden cells"), _sum(summary.get("sum_completed", 0))),
        ]
    return facts


def troubles(source: SourceFile, *, values: bool) -> list[dict[str, Any]]:
    """A file's problems and notes; without `values` where they are and of what kind, and nothing
    that stands in a cell."""
    summary = source.summary
    found = [*summary.get("problems", []), *summary.get("notes", [])]
    if values:
        return found
    places = ("sheet", "row", "column")
    return [
        {name: each.get(name) for name in places}
        | {"message": Trouble(each.get("kind", Trouble.OTHER)).label}
        for each in found
    ]


def of_seniors(report: Report) -> Facts:
    """Of an enrolment file."""
    numbers = [
        (_("Rows about grade 12"), report.rows),
        (_("Schools with a first number"), report.created),
        (_("Schools with another number than before"), report.updated),
        (_("Unchanged"), report.unchanged),
        (_("Left as a person typed them in"), report.kept),
        (_("Published only as too few"), report.hidden),
        (_("Without a number"), report.blank),
        (_("Rows of no school known here"), len(report.unmatched)),
    ]
    years = ", ".join(report.school_years)
    return [(_("School years"), years), *((label, formats.number(n)) for label, n in numbers)]


def _sum(count: int) -> str:
    return suppression.count(Count(count, count)).text

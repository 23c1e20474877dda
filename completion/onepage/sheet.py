"""What stands on the sheet, from top to bottom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from completion import figures, formats
from completion.changes import Changes
from completion.charts.lines import Mark
from completion.figures import Row
from completion.onepage import trend
from completion.onepage.paper import LINE, MARGIN, MARK, MUTED, WIDTH, Paper, cut, wrapped
from completion.standing import GroupStanding, Measure, SchoolStanding

MOST_ROWS, MOST_LINES = 8, 4


def one_page(
    place: Any,
    standing: SchoolStanding | GroupStanding,
    *,
    today: dt.date,
    changes: Changes | None = None,
    marks: Sequence[Mark] = (),
    rows: Sequence[Row] = (),
    rank: str = "",
    made_up: bool = False,
) -> bytes:
    """A PDF of one page in the reader's language; each figure as the place's page shows it."""
    paper = Paper.blank(str(place), get_language() or "en")
    _head(paper, place, standing, made_up)
    if standing.latest:
        _tiles(paper, figures.tiles(standing))
        _trend(paper, standing, marks)
        if changes:
            _changes(paper, changes, rank)
        if rows:
            _schools(paper, rows)
    else:
        paper.paragraph(_("No completion file yet."))
    _foot(paper, today)
    return paper.done()


def _head(
    paper: Paper, place: Any, standing: SchoolStanding | GroupStanding, made_up: bool
) -> None:
    paper.write(MARGIN, paper.y, _("Financial aid forms"), size=9, ink=MARK, bold=True)
    if made_up:
        paper.write(WIDTH - MARGIN, paper.y, _("Made up"), size=9, ink=MUTED, end=True)
    paper.y -= 24
    paper.write(MARGIN, paper.y, cut(str(place), WIDTH - 2 * MARGIN, 20), size=20, bold=True)
    if standing.latest:
        paper.y -= 15
        text = _("Cycle %(cycle)s, figures through %(day)s.") % {
            "cycle": standing.cycle,
            "day": formats.day(standing.latest.as_of),
        }
        paper.write(MARGIN, paper.y, text, size=9, ink=MUTED)
    paper.y -= 14


def _tiles(paper: Paper, tiles: Sequence[dict[str, Any]]) -> None:
    width, below = (WIDTH - 2 * MARGIN) / len(tiles), 0
    for index, tile in enumerate(tiles):
        x, room = MARGIN + index * width, width - 10
        paper.line([(x, paper.y + 2), (x + room, paper.y + 2)], ink=LINE)
        paper.write(x, paper.y - 11, cut(tile["label"], room, 7), size=7, ink=MUTED)
        paper.write(x, paper.y - 30, cut(tile["value"], room, 15), size=15, bold=True)
        texts = [
            " ".join(str(tile.get(key) or "") for key in ("change", "unit", "change_label"))
            if tile.get("change")
            else "",
            str(tile.get("hint") or ""),
        ]
        lines = [line for text in texts for line in wrapped(text, room, 7)][:MOST_LINES]
        for line, text in enumerate(lines):
            paper.write(x, paper.y - 42 - 9.5 * line, text, size=7, ink=MUTED)
        below = max(below, len(lines))
    paper.y -= 40 + 9.5 * below


def _trend(paper: Paper, standing: SchoolStanding | GroupStanding, marks: Sequence[Mark]) -> None:
    """Completed by week; submitted where completions are published for less than three."""
    measures: list[tuple[Measure, str]] = [
        ("completed", _("Completed")),
        ("submitted", _("Submitted")),
    ]
    drawn = [
        (title, figures.dots(standing.points, measure), measure) for measure, title in measures
    ]
    title, now, measure = next(
        (each for each in drawn if sum(dot.solid for dot in each[1]) > 2), drawn[0]
    )
    paper.heading(_("%(measure)s so far, and in the last cycle (dashed)") % {"measure": title})
    last = figures.dots(standing.last_points, measure)
    trend.draw(paper, standing.cycle, now, last, marks)


def _changes(paper: Paper, moved: Changes, rank: str) -> None:
    paper.heading(pgettext("of a figure", "Change"))
    rows = []
    for line in moved.lines:
        label = f"{line.label} ({line.day})" if line.day else line.label
        cells = [
            each.change.text + (f" ({each.relative})" if not each.relative.empty else "")
            for each in (line.completed, line.submitted)
        ]
        rows.append([label, *cells])
    header = [_("Compared with"), _("Completed"), _("Submitted")]
    paper.table(header, rows, [WIDTH - MARGIN - 110, WIDTH - MARGIN])
    for text in (moved.beside_state, moved.gap, rank):
        if text:
            paper.paragraph(text, size=8.5)


def _schools(paper: Paper, rows: Sequence[Row]) -> None:
    """The schools with the most seniors, which is what `rows` are."""
    paper.heading(_("The largest schools"))
    cells = [
        [
            row.standing.school.name,
            row.seniors.text,
            row.submitted.text,
            row.completed.text,
            row.rate.text,
            row.last_year.text,
        ]
        for row in rows[:MOST_ROWS]
    ]
    header = [_("School"), _("Seniors"), _("Submitted"), _("Completed"), _("Rate"), _("Last cycle")]
    right = WIDTH - MARGIN
    paper.table(header, cells, [right - 62 * n for n in (4, 3, 2, 1, 0)])


def _foot(paper: Paper, today: dt.date) -> None:
    paper.y = MARGIN + 34
    paper.line([(MARGIN, paper.y), (WIDTH - MARGIN, paper.y)], ink=LINE)
    paper.paragraph(
        _(
            "Completed: submitted and not rejected; the rate is completed over grade-12 enrolment. "
            "The WASFA is not in these figures. Small counts are ranges."
        ),
        size=7,
        ink=MUTED,
    )
    paper.paragraph(_("Printed on %(day)s.") % {"day": formats.day(today)}, size=7, ink=MUTED)

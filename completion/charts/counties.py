"""A state's counties, coloured by completion rate or, before any file, by their seniors."""

from __future__ import annotations

import json
from functools import cache, partial
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from completion import suppression
from completion.charts.frame import Chart, drawing, shape
from completion.standing import GroupStanding
from completion.suppression import Shown
from schools.models import State

DATA = Path(__file__).parent.parent / "data"
CLASSES = 5


@cache
def _outlines(code: str) -> dict[str, Any] | None:
    path = DATA / f"{code.lower()}_counties.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def county_map(group: GroupStanding, state: State) -> Chart | None:
    """None where no outlines are shipped for the state, or no school's county is known."""
    outlines = _outlines(state.code) if state.code.isalpha() else None
    rates = group.counties() if outlines else {}
    if not outlines or not rates:
        return None
    if group.rate():
        figures = {fips: suppression.rate(rate) for fips, (rate, _seniors) in rates.items()}
    else:
        figures = {fips: suppression.seniors(n or None) for fips, (_rate, n) in rates.items()}
    return _draw(outlines, figures, rates=bool(group.rate()))


def _draw(outlines: dict[str, Any], figures: dict[str, Shown], *, rates: bool) -> Chart:
    told = sorted(f.order for f in figures.values() if f.order is not None and not f.small)
    cuts = [told[len(told) * n // CLASSES] for n in range(1, CLASSES)] if told else []
    title = _("Completion rate by county") if rates else _("Seniors by county")
    summary = (
        _("Paler counties have lower rates; five classes with as many counties each.")
        if rates
        else _("Where the state's seniors are. Rates appear here with the first completion file.")
    )
    parts, rows = [], []
    for county in outlines["counties"]:
        figure = figures.get(county["fips"], suppression.NO_FIGURE)
        words = _("no figure") if figure.empty else figure.text
        name = f"{county['name']}: {words}"
        css = f"map-region map-region--{_class(figure, cuts)}"
        outline = shape("path", css=css, d=county["path"], text=shape("title", text=name))
        url = reverse("completion-county", args=[county["fips"]])
        link = format_html('<a href="{}">{}</a>', url, county["name"])
        # Keyboards and screen readers take the links of the table.
        parts.append(
            shape("a", href=url, tabindex=-1, text=outline)
            if county["fips"] in figures
            else outline
        )
        rows.append([link if county["fips"] in figures else county["name"], figure.text])
    svg = partial(drawing, "", outlines["width"], outlines["height"], title, summary, parts)
    legend = [
        {"label": _("lowest fifth"), "mark": "q1"},
        {"label": "", "mark": "q2"},
        {"label": "", "mark": "q3"},
        {"label": "", "mark": "q4"},
        {"label": _("highest fifth"), "mark": "q5"},
        {"label": _("no figure, or too few"), "mark": "none"},
    ]
    measure = _("Completion rate") if rates else _("Seniors")
    return Chart(title, summary, svg, None, legend, [_("County"), measure], rows)


def _class(figure: Shown, cuts: list[float]) -> str:
    if figure.small:
        return "suppressed"
    if figure.order is None:
        return "none"
    return f"q{1 + sum(figure.order >= cut for cut in cuts)}"

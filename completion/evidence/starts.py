"""Staggered starts over the schools of a state or region: the studies, and how they are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from completion import formats, standing, summaries
from completion.charts.frame import Chart
from completion.charts.intervals import Span, intervals
from completion.evidence import staggered, words
from completion.evidence.cohort import Outcome
from completion.evidence.staggered import Effect, Study
from completion.marks import first_starts
from completion.standing import Measure, SchoolStanding
from schools.models import School

AN_HOUR = 3600
MEASURES: tuple[Measure, ...] = ("completed", "submitted")


@dataclass(frozen=True)
class Found:
    """One outcome's study; `study` is None where too few schools began or are left to compare."""

    outcome: Outcome
    study: Study | None


def studies(schools: QuerySet[School], cycle: str, *, key: str) -> list[Found]:
    """Both outcomes over these schools; kept for an hour, until a figure or a start is added."""
    standings = summaries.weekly(schools, cycle)
    starts = first_starts(schools, cycle)
    newest = standing.newest_day(standings)
    known = sum(len(s.points) for s in standings)
    name = f"starts {key} {cycle} {newest} {known} {len(starts)} {sum(starts)}".replace(" ", "-")
    found: list[Found] | None = cache.get(name)
    if found is None:
        found = [Found(Outcome(m), _study(standings, starts, m, key)) for m in MEASURES]
        cache.set(name, found, AN_HOUR)
    return found


def _study(
    standings: Sequence[SchoolStanding], starts: dict[int, Any], measure: Measure, key: str
) -> Study | None:
    districts = {s.school.pk: s.school.district_id or -s.school.pk for s in standings}
    values = staggered.rates(standings, measure)
    return staggered.study(values, starts, districts, seed=f"{key} {measure}")


def page(found: Found) -> dict[str, Any]:
    """What the page shows of one outcome."""
    title = words.OUTCOMES[found.outcome]
    if found.study is None:
        return {"title": title, "study": None}
    study = found.study
    return {
        "title": title,
        "study": study,
        "verdict": verdict(found.outcome, study),
        "tiles": [
            {
                "label": _("Difference after the start, in points"),
                "value": words.points(study.overall.difference),
                "hint": interval(study.overall),
            },
            {
                "label": _("Schools that began"),
                "value": formats.number(study.began),
                "hint": ngettext("on %(n)s day", "on %(n)s days", study.starts)
                % {"n": formats.number(study.starts)},
            },
            {
                "label": _("Compared with"),
                "value": formats.number(study.compared),
                "hint": _("schools that never began, or later"),
            },
        ],
        "chart": _chart(study),
        "weaker": list(weaker(study)),
    }


def verdict(outcome: Outcome, study: Study) -> str:
    """One careful sentence."""
    values = {"outcome": words.OUTCOMES[outcome], "points": words.points(study.overall.difference)}
    if study.parted_before:
        return (
            _(
                "The schools went apart before the campaigns began: what came after says little "
                "(%(outcome)s, %(points)s points)."
            )
            % values
        )
    low, high = study.overall.low, study.overall.high
    if (low is not None and low > 0) or (high is not None and high < 0):
        return (
            _(
                "In the four weeks after a start, schools that began moved %(points)s points "
                "against the others (%(outcome)s): more than chance deals out."
            )
            % values
        )
    return (
        _(
            "In the four weeks after a start, schools that began moved %(points)s points against "
            "the others (%(outcome)s): no more than chance deals out."
        )
        % values
    )


def weaker(study: Study) -> Iterator[str]:
    """Why this is weaker evidence than a draw by lot."""
    yield _(
        "Nobody drew lots: schools chose when to begin, and whatever made them begin may have "
        "moved their rate as well."
    )
    yield _(
        "It holds only if both groups would have gone on alike. The weeks before the start speak "
        "for or against that; they cannot prove it."
    )
    yield _(
        "Figures of whole schools are moved by much besides a campaign: an event, a deadline, a "
        "counselor's own calls."
    )
    yield _("Schools with small counts, or without an enrolment, are left out.")
    if study.by_district:
        yield _("Whole districts began together, so that there are fewer comparisons than schools.")


def interval(effect: Effect) -> str:
    """The permutation interval in words; open ends where chance alone could have dealt more."""
    low, high = (
        _("no bound") if end is None else words.points(end) for end in (effect.low, effect.high)
    )
    values = {"interval": _("%(low)s to %(high)s") % {"low": low, "high": high}}
    return _("95%% interval by permutation: %(interval)s") % values


def _chart(study: Study) -> Chart:
    spans = [
        Span(
            _week(each.week),
            100 * each.difference,
            None if each.low is None else 100 * each.low,
            None if each.high is None else 100 * each.high,
            f"{words.points(each.difference)} ({interval(each)})",
            each.week > 0,
        )
        for each in study.weeks
    ]
    summary = _(
        "Before the start it should be near nothing; the large dots are the weeks after it."
    )
    if any(end is None for span in spans for end in (span.low, span.high)):
        summary += " " + _("An arrow: nothing bounds it on that side.")
    return intervals(
        _("Difference by week around the start"),
        summary,
        spans,
        first_column=_("Week"),
    )


def _week(week: int) -> str:
    if week < 0:
        text = ngettext("%(n)s week before", "%(n)s weeks before", -week)
    else:
        text = ngettext("%(n)s week after", "%(n)s weeks after", week)
    return text % {"n": formats.number(abs(week))}


def as_dict(found: Found) -> dict[str, Any]:
    """One outcome's study as plain data; differences in percentage points."""
    study = found.study
    if study is None:
        return {"outcome": found.outcome.value, "study": None}
    return {
        "outcome": found.outcome.value,
        "weaker": True,
        "schools_that_began": study.began,
        "schools_compared": study.compared,
        "days_of_start": study.starts,
        "dealt_by_district": study.by_district,
        "parted_before": study.parted_before,
        "overall": _effect(study.overall),
        "weeks": [{"week": each.week, **_effect(each)} for each in study.weeks],
        "verdict": verdict(found.outcome, study),
        "why_weaker": list(weaker(study)),
    }


def _effect(effect: Effect) -> dict[str, float | None]:
    names = {"difference": effect.difference, "low": effect.low, "high": effect.high}
    return {
        f"{name}_points": None if value is None else round(100 * value, 2)
        for name, value in names.items()
    }

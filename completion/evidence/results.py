"""A campaign's evidence: the same comparison for each outcome and horizon, and the one planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from django.conf import settings

from campaigns.models import Campaign
from completion.evidence import cohort, estimate
from completion.evidence.cohort import Cohort, Outcome
from completion.evidence.estimate import Estimate
from completion.evidence.plans import plan_of
from completion.models import Plan
from completion.models.plans import HORIZONS
from schools.models import School


class Why(StrEnum):
    """Why a line has no estimate."""

    NOT_YET = "not_yet"
    RELEASED = "released"
    SMALL = "small"
    ONE_ARM = "one_arm"


@dataclass(frozen=True)
class Line:
    """One outcome by one horizon. A line that release cut short is taken on that day."""

    outcome: Outcome
    days: int
    at: dt.datetime
    estimate: Estimate | None = None
    why: Why | None = None
    provisional: bool = False  # nothing is known yet of the last part of the time
    censored: bool = False
    planned: bool = False


@dataclass(frozen=True)
class SchoolLine:
    school: School
    estimate: Estimate | None


@dataclass(frozen=True)
class WordingLine:
    """Families of one wording against those of another, by the planned outcome and day."""

    wording: str
    other: str
    estimate: Estimate | None


@dataclass(frozen=True)
class Result:
    """What a campaign's draw tells; `cohort` is None where there was none."""

    campaign: Campaign
    plan: Plan
    cohort: Cohort | None
    lines: Sequence[Line] = field(default_factory=list)
    wordings: Sequence[WordingLine] = field(default_factory=list)
    with_family: Estimate | None = None  # the planned line, families' own word counted as well
    staff_share: float = 0.0  # of completions, those that rest on a click of staff
    guarded: bool = False

    @cached_property
    def primary(self) -> Line | None:
        return next((line for line in self.lines if line.planned), None)

    @property
    def by_school_drawn(self) -> bool:
        return bool(self.cohort and self.cohort.by_school)

    @property
    def held_out(self) -> bool:
        return bool(self.cohort and self.cohort.held_out)


def of(campaign: Campaign, *, now: dt.datetime) -> Result:
    """The evidence as known `now`, every count told: for those who may see the families."""
    plan = plan_of(campaign)
    drawn = cohort.of(campaign)
    if drawn is None:
        return Result(campaign, plan, None)
    lines = [line for outcome in Outcome for line in _lines(drawn, outcome, plan, now=now)]
    planned = next(line for line in lines if line.planned)
    clusters = drawn.clusters(planned.outcome, planned.at, with_family=True)
    staff, done = drawn.marked_by_staff(min(planned.at, now))
    return Result(
        campaign,
        plan,
        drawn,
        lines,
        _wordings(drawn, planned, now=now),
        estimate.estimate(clusters) if planned.estimate else None,
        staff / done if done else 0.0,
    )


def guarded(result: Result) -> Result:
    """The same for a coordinator: a line is told only if no small group follows from it.

    In each arm those who reached the outcome, those who did not, and those by whom two told lines
    differ must each be at least the threshold. The planned line comes first, then its outcome's
    other horizons.
    """
    told: list[Line] = []
    first = result.plan.outcome
    for line in sorted(
        (line for line in result.lines if line.estimate),
        key=lambda line: (not line.planned, line.outcome != first, -line.days),
    ):
        if _may_be_told(line, told):
            told.append(line)
    lines = [
        line if line in told or not line.estimate else replace(line, estimate=None, why=Why.SMALL)
        for line in result.lines
    ]
    wordings = [
        line
        if line.estimate and not told and _is_large(line.estimate)
        else replace(line, estimate=None)
        for line in result.wordings[:1]
    ]
    return replace(result, lines=lines, wordings=wordings, with_family=None, guarded=True)


def by_school(result: Result) -> list[SchoolLine]:
    """The planned comparison inside each school; empty where whole schools were drawn."""
    line = result.primary
    if not result.cohort or not line or not line.estimate or result.cohort.by_school:
        return []
    schools = School.objects.in_bulk({member.school for member in result.cohort.members})
    if len(schools) < 2:
        return []
    found = []
    for school in sorted(schools.values(), key=lambda s: s.name.casefold()):
        clusters = result.cohort.of_schools(school.pk).clusters(line.outcome, line.at)
        found.append(SchoolLine(school, estimate.estimate(clusters)))
    return found


def _lines(drawn: Cohort, outcome: Outcome, plan: Plan, *, now: dt.datetime) -> list[Line]:
    """The outcome by each horizon. After the release nothing is compared: one line, the planned
    or else the first that lies beyond it, is taken on that day instead.
    """
    planned = plan.horizon_days if outcome == plan.outcome else 0
    days_at = {days: drawn.began + dt.timedelta(days=days) for days in HORIZONS}
    released = drawn.campaign.released_at
    beyond = [days for days, at in days_at.items() if released and at > released]
    cut = planned if planned in beyond else min(beyond, default=0)
    lines = []
    for days, at in days_at.items():
        line = Line(outcome, days, at, planned=days == planned)
        if released and days == cut and released > drawn.began:
            line = replace(line, at=released, censored=True)
        elif days in beyond:
            lines.append(replace(line, why=Why.RELEASED))
            continue
        lines.append(_judged(drawn, line, now=now))
    return lines


def _judged(drawn: Cohort, line: Line, *, now: dt.datetime) -> Line:
    if line.at > now:
        return replace(line, why=Why.NOT_YET)
    found = estimate.estimate(drawn.clusters(line.outcome, line.at))
    if found is None:
        return replace(line, why=Why.ONE_ARM)
    known = drawn.last_word
    return replace(line, estimate=found, provisional=known is None or known < line.at)


def _wordings(drawn: Cohort, planned: Line, *, now: dt.datetime) -> list[WordingLine]:
    """Each wording against the first, which a release of the held-out families does not touch."""
    first, *others = drawn.wordings or [""]
    at = drawn.began + dt.timedelta(days=planned.days)
    if at > now:
        return []
    return [
        WordingLine(
            other,
            first,
            estimate.estimate(drawn.between(other, first).clusters(planned.outcome, at)),
        )
        for other in others
    ]


def _may_be_told(line: Line, told: Sequence[Line]) -> bool:
    least = settings.SMALL_COUNT
    assert line.estimate
    if not _is_large(line.estimate):
        return False
    for other in told:
        if not _nested(line, other):
            continue
        assert other.estimate
        pairs = zip(_arms(line.estimate), _arms(other.estimate), strict=True)
        if any(abs(mine[0] - theirs[0]) < least for mine, theirs in pairs):
            return False
    return True


def _is_large(found: Estimate) -> bool:
    return all(min(done, of - done) >= settings.SMALL_COUNT for done, of in _arms(found))


def _nested(line: Line, other: Line) -> bool:
    """True if whoever is in one of them is in the other as well: earlier, or completed."""
    early, late = sorted((line, other), key=lambda each: each.at)
    return early.outcome == late.outcome or early.at == late.at or late.outcome == Outcome.SUBMITTED


def _arms(found: Estimate) -> tuple[tuple[int, int], tuple[int, int]]:
    return (found.done, found.of), (found.other_done, found.other_of)

"""A campaign's evidence: the same comparison for each outcome and horizon, and the one planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

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
    NOT_KNOWN = "not_known"
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
    guarded: bool = False  # for a coordinator (guarding.py)

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
    return replace(line, estimate=found, provisional=not drawn.is_known(line.at))


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

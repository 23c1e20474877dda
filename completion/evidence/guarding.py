"""What a coordinator reads of a campaign: no small group, neither of one look nor between two.

A line is told only if no small group follows from it: in each arm those who reached the outcome,
those who did not, and those by whom two told lines differ must each be at least the threshold.
It is told once a file has spoken of the line's last day, and from then on it stays as it was told:
told anew only when each of these groups has changed by the threshold, so that two looks do not tell
of a few students. Whoever sees the families reads what is known today.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, replace

from django.conf import settings

from campaigns.models import Campaign
from completion.evidence.cohort import Outcome
from completion.evidence.estimate import Estimate, Method
from completion.evidence.results import Line, Result, Why
from completion.models import ToldLine

Key = tuple[str, str, dt.datetime]
"""Outcome, what is compared (empty: written to and held out), and by when."""


def guarded(result: Result, *, now: dt.datetime) -> Result:
    """The same for a coordinator; remembers what it tells. The planned line comes first, then its
    outcome's other horizons."""
    memory = _Memory(result.campaign, now)
    told: dict[tuple[Outcome, int], Line] = {}
    first = result.plan.outcome
    for line in sorted(
        (line for line in result.lines if line.estimate and not line.provisional),
        key=lambda line: (not line.planned, line.outcome != first, -line.days),
    ):
        line = memory.recall(line)
        if _may_be_told(line, list(told.values())):
            memory.keep(line)
            told[line.outcome, line.days] = line
    lines = [
        told.get((line.outcome, line.days), _untold(line) if line.estimate else line)
        for line in result.lines
    ]
    wordings = [replace(each, estimate=None) for each in result.wordings[:1]]
    if wordings and not told:
        wordings = [replace(wordings[0], estimate=_between_wordings(result, memory))]
    return replace(
        result, lines=lines, wordings=wordings, with_family=None, staff_share=0.0, guarded=True
    )


def _untold(line: Line) -> Line:
    return replace(line, estimate=None, why=Why.NOT_KNOWN if line.provisional else Why.SMALL)


def _between_wordings(result: Result, memory: _Memory) -> Estimate | None:
    """The first two wordings' difference by the planned day, if it may be told."""
    first, planned = result.wordings[0], result.primary
    if not planned or not first.estimate or not result.cohort:
        return None
    at = result.cohort.began + dt.timedelta(days=planned.days)
    if not result.cohort.is_known(at):
        return None
    line = Line(planned.outcome, planned.days, at, first.estimate)
    comparison = f"{first.wording} {first.other}"
    line = memory.recall(line, comparison)
    if not _may_be_told(line, []):
        return None
    memory.keep(line, comparison)
    return line.estimate


class _Memory:
    """What was told of a campaign's lines before (one query), and what is told from now on."""

    def __init__(self, campaign: Campaign, now: dt.datetime) -> None:
        self.campaign, self.now = campaign, now
        self.told: dict[Key, Estimate] = {
            (each.outcome, each.comparison, each.at): _unpacked(each)
            for each in ToldLine.objects.filter(campaign=campaign)
        }

    def recall(self, line: Line, comparison: str = "") -> Line:
        """The line as it was told, unless every group has changed by the threshold since."""
        before = self.told.get((line.outcome.value, comparison, line.at))
        if not before or not line.estimate or _has_moved(before, line.estimate):
            return line
        return replace(line, estimate=before)

    def keep(self, line: Line, comparison: str = "") -> None:
        assert line.estimate
        if self.told.get((line.outcome.value, comparison, line.at)) == line.estimate:
            return
        ToldLine.objects.update_or_create(
            campaign=self.campaign,
            outcome=line.outcome.value,
            comparison=comparison,
            at=line.at,
            defaults={"estimate": asdict(line.estimate), "told_at": self.now},
        )


def _unpacked(told: ToldLine) -> Estimate:
    return Estimate(**told.estimate | {"method": Method(told.estimate["method"])})


def _has_moved(before: Estimate, now: Estimate) -> bool:
    """True where each group is another by the threshold or more."""
    pairs = zip(_groups(before), _groups(now), strict=True)
    return all(abs(mine - theirs) >= settings.SMALL_COUNT for mine, theirs in pairs)


def _may_be_told(line: Line, told: Sequence[Line]) -> bool:
    least = settings.SMALL_COUNT
    assert line.estimate
    if min(_groups(line.estimate)) < least:
        return False
    for other in told:
        if not _nested(line, other):
            continue
        assert other.estimate
        pairs = zip(_reached(line.estimate), _reached(other.estimate), strict=True)
        if any(abs(mine - theirs) < least for mine, theirs in pairs):
            return False
    return True


def _nested(line: Line, other: Line) -> bool:
    """True if whoever is in one of them is in the other as well: earlier, or completed."""
    early, late = sorted((line, other), key=lambda each: each.at)
    return early.outcome == late.outcome or early.at == late.at or late.outcome == Outcome.SUBMITTED


def _reached(found: Estimate) -> tuple[int, int]:
    return found.done, found.other_done


def _groups(found: Estimate) -> tuple[int, int, int, int]:
    """In each arm, those who reached the outcome and those who did not."""
    return (
        found.done,
        found.of - found.done,
        found.other_done,
        found.other_of - found.other_done,
    )

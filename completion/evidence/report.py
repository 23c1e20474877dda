"""The evidence as plain data, for the command and other programs."""

from __future__ import annotations

from typing import Any

from completion.evidence import words
from completion.evidence.estimate import Estimate
from completion.evidence.results import Line, Result


def as_dict(result: Result) -> dict[str, Any]:
    """JSON-ready; shares are fractions, differences in percentage points."""
    campaign, drawn = result.campaign, result.cohort
    report: dict[str, Any] = {
        "campaign": campaign.pk,
        "name": campaign.name,
        "launched_at": campaign.launched_at.isoformat() if campaign.launched_at else None,
        "randomised": drawn is not None,
    }
    if drawn is None:
        return report
    newest = drawn.last_word
    return report | {
        "students": len(drawn.members),
        "households": len({member.household for member in drawn.members}),
        "newest_status": newest.isoformat() if newest else None,
        "plan": _plan(result),
        "primary": _line(result, result.primary) if result.primary else None,
        "lines": [_line(result, line) for line in result.lines],
        "wordings": [
            {
                "wording": line.wording,
                "compared_with": line.other,
                "estimate": _estimate(result, line.estimate),
            }
            for line in result.wordings
        ],
        "with_families_own_word": _estimate(result, result.with_family),
        "can_be_said": words.can_say(result),
        "cannot_be_said": words.cannot_say(result),
    }


def _plan(result: Result) -> dict[str, Any]:
    plan = result.plan
    return {
        "fixed_at": plan.fixed_at.isoformat() if plan.fixed_at else None,
        "outcome": plan.outcome,
        "horizon_days": plan.horizon_days,
        "unit": plan.unit,
        "strata": plan.strata,
        "treated": plan.treated,
        "held_out": plan.held_out,
        "expected_percent": plan.expected_percent,
        "smallest_effect_points": _points(plan.smallest_effect),
    }


def _line(result: Result, line: Line) -> dict[str, Any]:
    return {
        "outcome": line.outcome.value,
        "horizon_days": line.days,
        "at": line.at.isoformat(),
        "planned": line.planned,
        "provisional": line.provisional,
        "censored": line.censored,
        "why_not": line.why.value if line.why else None,
        "estimate": _estimate(result, line.estimate),
    }


def _estimate(result: Result, found: Estimate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "treated": {"reached": found.done, "of": found.of},
        "held_out": {"reached": found.other_done, "of": found.other_of},
        "difference_points": _points(found.difference),
        "low_points": _points(found.low),
        "high_points": _points(found.high),
        "level": 0.95,
        "method": found.method.value,
        "method_in_words": words.method(result, found),
        "strata": found.strata,
        "clusters": found.clusters,
        "degrees_of_freedom": round(found.freedom, 1) if found.freedom else None,
    }


def _points(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)

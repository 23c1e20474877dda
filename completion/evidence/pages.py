"""The evidence as a page shows it: worded, drawn, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign
from completion import formats, suppression
from completion.charts.frame import Chart
from completion.charts.intervals import Span, intervals
from completion.evidence import results, words
from completion.evidence.estimate import Estimate
from completion.evidence.results import Line, Result
from completion.models import Plan
from completion.rates import Count


def crumbs(campaign: Campaign | None = None) -> list[dict[str, str]]:
    """From completion down to a campaign."""
    items = [{"label": _("Completion"), "url": reverse("completion")}]
    if campaign is None:
        return [*items, {"label": _("What campaigns changed")}]
    items.append({"label": _("What campaigns changed"), "url": reverse("completion-campaigns")})
    return [*items, {"label": campaign.name}]


def evidence(result: Result) -> dict[str, Any]:
    """Everything that the page of a launched campaign needs."""
    plan = result.plan
    return finding(result) | {
        "campaign": result.campaign,
        "result": result,
        "plan": plan,
        **sizes(plan, guarded=result.guarded),
        "design": words.design(result),
        "rows": [_row(line) for line in result.lines],
        "chart": _chart(result),
        "schools": [
            {"name": line.school.name, **_figures(line.estimate)}
            for line in results.by_school(result)
            if not result.guarded
        ],
        "wordings": [
            {"wording": line.wording, "other": line.other, **_figures(line.estimate)}
            for line in result.wordings
        ],
        "wordings_chart": _wordings_chart(result),
        "with_family": _figures(result.with_family),
        "can_say": words.can_say(result),
        "cannot_say": words.cannot_say(result),
        "made_up": result.campaign.district.state.made_up,
    }


def finding(result: Result) -> dict[str, Any]:
    """The planned comparison in tiles, or why there is none yet."""
    line = result.primary
    found = line.estimate if line else None
    context: dict[str, Any] = {"primary": line, "tiles": [], "waiting": ""}
    if not line:
        return context
    if not result.held_out:  # wordings against each other
        context["verdict"] = next(iter(words.can_say(result)), "")
        if between := next((each.estimate for each in result.wordings if each.estimate), None):
            context["method"] = words.method(result, between)
        return context
    if not found:
        context["waiting"] = (
            _("The planned day is %(day)s; nothing is judged before it.")
            % {"day": formats.day(line.at.date())}
            if line.why == results.Why.NOT_YET
            else _("Too few families for a number that tells nothing of any one of them.")
            if line.why == results.Why.SMALL
            else _("No file or record has spoken of the planned day yet.")
            if line.why == results.Why.NOT_KNOWN
            else _("There is nobody to compare with.")
        )
        return context
    outcome = words.OUTCOMES[line.outcome]
    context["method"] = words.method(result, found)
    context["verdict"] = next(iter(words.can_say(result)), "")
    context["tiles"] = [
        {
            "label": _("Effect, in percentage points"),
            "value": words.points(found.difference),
            "hint": _("95%% interval: %(interval)s") % {"interval": words.interval(found)},
        },
        _arm_tile(_("%(outcome)s, written to") % {"outcome": outcome}, found.done, found.of),
        _arm_tile(
            _("%(outcome)s, held out") % {"outcome": outcome}, found.other_done, found.other_of
        ),
    ]
    return context


def effect(plan: Plan) -> str:
    """The smallest difference that the plan can find, in points; empty without both arms."""
    found = plan.smallest_effect
    return formats.number(100 * found, 1) if found else ""


def sizes(plan: Plan, *, guarded: bool = False) -> dict[str, Any]:
    """How many were drawn, and what so many can find; for coordinators no small number of them,
    nor what it follows from."""
    numbers = [Count(n, n) for n in (plan.treated, plan.held_out)]
    if not guarded:
        texts = [formats.number(n.low) for n in numbers]
        return {"drawn": texts, "effect": effect(plan)}
    small = any(suppression.is_small(n) for n in numbers)
    drawn = [suppression.count(n).text for n in numbers]
    return {"drawn": drawn, "effect": "" if small else effect(plan)}


def _arm_tile(label: str, done: int, of: int) -> dict[str, str]:
    hint = ngettext("%(done)s of %(of)s student", "%(done)s of %(of)s students", of) % {
        "done": formats.number(done),
        "of": formats.number(of),
    }
    return {"label": label, "value": formats.percent(done / of), "hint": hint}


def _row(line: Line) -> dict[str, Any]:
    return {
        "line": line,
        "outcome": words.OUTCOMES[line.outcome],
        "days": _days(line),
        "why": words.WHY[line.why] if line.why else "",
        **_figures(line.estimate),
    }


def _days(line: Line) -> str:
    return ngettext("%(n)s day", "%(n)s days", line.days) % {"n": formats.number(line.days)}


def _figures(found: Estimate | None) -> dict[str, str]:
    if found is None:
        return {"difference": "", "treated": "", "held_out": "", "interval": ""}
    return {
        "treated": _share(found.done, found.of),
        "held_out": _share(found.other_done, found.other_of),
        "difference": words.points(found.difference),
        "interval": words.interval(found),
    }


def _share(done: int, of: int) -> str:
    return f"{formats.percent(done / of)} ({formats.number(done)}/{formats.number(of)})"


def _span(label: str, found: Estimate, *, planned: bool) -> Span:
    figures = f"{words.points(found.difference)} ({words.interval(found)})"
    return Span(label, 100 * found.difference, 100 * found.low, 100 * found.high, figures, planned)


def _wordings_chart(result: Result) -> Chart | None:
    """How far each wording's families are from another's."""
    spans = [
        _span(_against(line.wording, line.other), line.estimate, planned=True)
        for line in result.wordings
        if line.estimate
    ]
    if not spans:
        return None
    return intervals(
        _("Difference between wordings"),
        _("In percentage points; the bar is the 95% interval."),
        spans,
        first_column=_("Wording"),
    )


def _against(wording: str, other: str) -> str:
    return _("%(wording)s against %(other)s") % {"wording": wording, "other": other}


def _chart(result: Result) -> Chart | None:
    """The planned outcome's difference by horizon."""
    spans = [
        _span(_days(line), line.estimate, planned=line.planned)
        for line in result.lines
        if line.estimate and line.outcome == result.plan.outcome
    ]
    if not spans:
        return None
    return intervals(
        _("Difference by time since launch"),
        _("In percentage points; the bar is the 95% interval, the large dot the planned day."),
        spans,
        first_column=_("Since launch"),
    )

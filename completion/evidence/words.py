"""What can be said of a campaign's evidence, and what cannot, in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from completion import formats
from completion.evidence.cohort import Outcome
from completion.evidence.estimate import Estimate, Method
from completion.evidence.results import Line, Result, Why

MANY_BY_STAFF = 0.1

OUTCOMES = {
    Outcome.COMPLETED: gettext_lazy("Completed"),
    Outcome.SUBMITTED: gettext_lazy("Submitted"),
}
WHY = {
    Why.NOT_YET: gettext_lazy("not reached yet"),
    Why.RELEASED: gettext_lazy("after the held-out families were released"),
    Why.SMALL: gettext_lazy("too few to tell"),
    Why.NOT_KNOWN: gettext_lazy("no file or record has spoken of it yet"),
    Why.ONE_ARM: gettext_lazy("nobody to compare with"),
}
METHODS = {
    Method.NEWCOMBE: gettext_lazy("Newcombe's hybrid score interval"),
    Method.STRATIFIED: gettext_lazy(
        "Mantel-Haenszel difference over school and status at launch, Miettinen-Nurminen score "
        "interval"
    ),
    Method.ROBUST: gettext_lazy(
        "Mantel-Haenszel difference over school and status at launch, cluster-robust errors (CR2, "
        "Satterthwaite), because students of one household are not strangers"
    ),
    Method.SHRUNK: gettext_lazy(
        "Mantel-Haenszel difference over school and status at launch, Miettinen-Nurminen score "
        "interval of as many students fewer as those of one household are seen to do alike"
    ),
}
BY_SCHOOL = gettext_lazy(
    "Difference of the two groups of schools, cluster-robust errors (CR2, Satterthwaite) with the "
    "school as the unit"
)


BY_SCHOOL_FEW = gettext_lazy(
    "Difference of the two groups of schools, score interval with the students of one school taken "
    "to repeat each other by half, because few outcomes are known"
)


def method(result: Result, found: Estimate) -> str:
    if result.by_school_drawn:
        return str(BY_SCHOOL if found.method == Method.ROBUST else BY_SCHOOL_FEW)
    return str(METHODS[found.method])


def points(share: float) -> str:
    """A difference of shares in percentage points, signed: `+3.1`."""
    return formats.signed(100 * share, 1)


def interval(found: Estimate) -> str:
    return _("%(low)s to %(high)s") % {"low": points(found.low), "high": points(found.high)}


def can_say(result: Result) -> list[str]:
    """True sentences about the planned comparison; empty where there is none yet."""
    return list(_can_say(result))


def cannot_say(result: Result) -> list[str]:
    """What the numbers do not show, whatever one would like them to."""
    return list(_cannot_say(result))


def _can_say(result: Result) -> Iterator[str]:
    line = result.primary
    if not result.held_out:
        yield from _between_wordings(result)
        return
    if not line or not line.estimate:
        return
    yield _verdict(line, line.estimate)
    effect = result.plan.smallest_effect
    if effect and not line.estimate.excludes_zero:
        yield _(
            "No difference shown is not the same as none: the design finds effects from about "
            "%(points)s points up, four times in five."
        ) % {"points": formats.number(100 * effect, 1)}
    if line.provisional:
        yield _("Provisional: no file or record has spoken of the last of these days yet.")
    if line.censored:
        yield _("The held-out families were released before the planned day, so it is taken then.")


def _verdict(line: Line, found: Estimate) -> str:
    values = {
        "days": formats.number(line.days),
        "outcome": _outcome_noun(line.outcome),
        "points": formats.number(abs(100 * found.difference), 1),
        "low": points(found.low),
        "high": points(found.high),
    }
    if found.low > 0:
        return (
            _(
                "This campaign raised %(outcome)s within %(days)s days by %(points)s points; with "
                "95%% confidence the effect lies between %(low)s and %(high)s."
            )
            % values
        )
    if found.high < 0:
        return (
            _(
                "This campaign lowered %(outcome)s within %(days)s days by %(points)s points; with "
                "95%% confidence the effect lies between %(low)s and %(high)s."
            )
            % values
        )
    return (
        _(
            "No effect on %(outcome)s within %(days)s days is shown: anything between %(low)s and "
            "%(high)s points fits what was seen."
        )
        % values
    )


def _between_wordings(result: Result) -> Iterator[str]:
    """One sentence for each wording that is compared with the first."""
    line = result.primary
    for each in result.wordings:
        found = each.estimate
        if not line or not found:
            continue
        values = {
            "wording": each.wording if found.low > 0 else each.other,
            "other": each.other if found.low > 0 else each.wording,
            "days": formats.number(line.days),
            "outcome": _outcome_noun(line.outcome),
            "points": formats.number(abs(100 * found.difference), 1),
            "low": points(found.low),
            "high": points(found.high),
        }
        if found.excludes_zero:
            yield (
                _(
                    "Wording %(wording)s led to more %(outcome)s within %(days)s days than "
                    "%(other)s, by %(points)s points (95%% interval of the difference: %(low)s to "
                    "%(high)s)."
                )
                % values
            )
        else:
            yield (
                _(
                    "No difference in %(outcome)s within %(days)s days between wordings "
                    "%(wording)s and %(other)s is shown: anything between %(low)s and "
                    "%(high)s points fits what was seen."
                )
                % values
            )


def _outcome_noun(outcome: Outcome) -> str:
    return _("completion") if outcome == Outcome.COMPLETED else _("submission")


def _cannot_say(result: Result) -> Iterator[str]:
    line = result.primary
    if not line or not (line.estimate or any(each.estimate for each in result.wordings)):
        return
    if not result.plan.fixed_at:
        yield _(
            "That the question came first: none was fixed before launch, so that the outcome and "
            "the day could have been chosen afterwards: weaker evidence."
        )
    yield _("That it helped or failed one family: it is a mean over all who were drawn.")
    yield _("That it would do the same elsewhere, in another year, or with other words.")
    if result.campaign.assignments.exclude(joined_at=None).exists():
        yield _(
            "What it did for families who joined after its launch: each drew an arm when it "
            "joined, and only those drawn at launch are compared."
        )
    if result.campaign.steps.count() > 1:
        yield _("Which of its messages did it: they were not drawn apart.")
    if not result.held_out:
        yield _("That it changed anything at all: everyone was written to, in some wording.")
        return
    yield _(
        "Anything from the other days and outcomes below alone: they describe, and with so many "
        "looks one in twenty seems to show something by chance."
    )
    yield _(
        "What neighbours told each other: if held-out families heard of it, the true effect is "
        "larger than shown."
    )
    if result.guarded:  # how many they are may be few
        yield _(
            "That both groups were looked at alike, where completions rest on staff's own entries: "
            "staff may know better of families who answered."
        )
    elif result.staff_share > MANY_BY_STAFF:
        yield _(
            "That both groups were looked at alike: %(percent)s of the completions rest on staff's "
            "own entries, and staff may know better of families who answered."
        ) % {"percent": formats.percent(result.staff_share, 0)}


def design(result: Result) -> str:
    """How lots were drawn, in one sentence."""
    plan = result.plan
    unit = plan.get_unit_display()
    drawn = ngettext(
        "By lot among %(unit)s, in %(n)s group of school and status at launch.",
        "By lot among %(unit)s, in %(n)s groups of school and status at launch.",
        plan.strata or 1,
    ) % {"unit": unit, "n": formats.number(plan.strata or 1)}
    return drawn if plan.strata else _("By lot among %(unit)s.") % {"unit": unit}

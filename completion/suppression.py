"""The way out: every figure of a page, chart or export is worded here, and small ones are not told.

- A count under `settings.SMALL_COUNT` shows as `<10`, also a true zero.
- A rate is a range where its count is too small, and where under 5 % or over 95 % of fewer than
  100 seniors; nothing is told of fewer than ten seniors.
- A change shows only where both of its ends do.

This is primary suppression; nothing else in this room turns a Count into text.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from completion import formats
from completion.rates import Change, Count, Rate

FEW_SENIORS = 100
LOW, HIGH = 0.05, 0.95
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as it may be read. `order` sorts by what is shown, so that sorting tells no more."""

    text: str
    order: float | None = None
    small: bool = False  # withheld, wholly or in part, because it is too small
    flag: str = ""  # something the reader should know of it
    plain: str = ""  # for a spreadsheet: no thousands separator, no percent sign

    def __str__(self) -> str:
        return self.text

    @property
    def empty(self) -> bool:
        return self.text == NOTHING


NO_FIGURE = Shown(NOTHING)


def is_small(count: Count) -> bool:
    """True for a count that must not be told."""
    return count.low < settings.SMALL_COUNT


def bounds(count: Count | None) -> tuple[int, int, bool] | None:
    """What a chart may draw: low, high, and whether a line may pass through `low`.

    A small count is drawn as the whole range from nothing to the threshold.
    """
    if count is None:
        return None
    if is_small(count):
        return 0, max(count.high, settings.SMALL_COUNT - 1), False
    return count.low, count.high, count.known


def count(value: Count | None) -> Shown:
    """`81`, `1,204–1,232`, `<10`, `at most 14`, or a dash where there is no figure."""
    if value is None:
        return NO_FIGURE
    least = settings.SMALL_COUNT
    if value.high < least:
        return Shown(f"<{formats.number(least)}", 0, small=True)
    if value.low < least:
        return Shown(_("at most %(n)s") % {"n": formats.number(value.high)}, 0, small=True)
    return Shown(
        _between(formats.number(value.low), formats.number(value.high)),
        value.low,
        plain=_between(str(value.low), str(value.high)),
    )


def seniors(value: int | None, *, published_small: bool = False) -> Shown:
    """A senior class; `<10` where small, also where only that was published."""
    if value is None:
        return Shown(f"<{settings.SMALL_COUNT}", 0, small=True) if published_small else NO_FIGURE
    return count(Count(value, value)) if value else Shown(formats.number(0), 0)


def rate(value: Rate | None) -> Shown:
    """`61.4%`, `61.4–62.0%`, `<25%`, `>95%`, or a dash."""
    if value is None or (not value.count.known and not is_small(value.count)):
        return NO_FIGURE
    least = settings.SMALL_COUNT
    if value.seniors < least:
        return Shown(NOTHING, None, small=True)
    if is_small(value.count):
        most = max(value.count.high + 1, least) / value.seniors
        if most >= 1:
            return Shown(NOTHING, None, small=True)
        return Shown(f"<{formats.percent(most, 0)}", 0, small=True)
    if value.over_all:
        flag = _("More applications than seniors: check the enrolment.")
        return Shown(_percent_range(value), value.low, flag=flag, plain=_plain_range(value))
    if value.seniors < FEW_SENIORS:
        if value.high < LOW:
            return Shown(f"<{formats.percent(LOW, 0)}", 0, small=True)
        if value.high > HIGH:
            return Shown(f">{formats.percent(HIGH, 0)}", HIGH, small=True)
    return Shown(_percent_range(value), value.low, plain=_plain_range(value))


def change(now: Count | None, before: Count | None) -> Shown:
    """`+12`, `−3`, `−40 to −12`; a dash where one end is missing, small or wholly hidden."""
    if now is None or before is None:
        return NO_FIGURE
    if is_small(now) or is_small(before):
        return Shown(NOTHING, None, small=True)
    moved = Change.between(now, before)
    return Shown(
        _between(formats.signed(moved.low), formats.signed(moved.high)),
        moved.low,
        plain=_between(f"{moved.low:g}", f"{moved.high:g}"),
    )


def relative_change(now: Count | None, before: Count | None) -> Shown:
    """The same as a percentage of before: `−24.9%`, or a range of whole percents."""
    if change(now, before).empty or now is None or before is None:
        return NO_FIGURE
    low = 100 * (now.low / before.high - 1)
    high = 100 * (now.high / before.low - 1)
    digits = 1 if high - low < 0.1 else 0
    texts = formats.signed(low, digits) + "%", formats.signed(high, digits) + "%"
    return Shown(_between(*texts), low, plain=_between(f"{low:.1f}", f"{high:.1f}"))


def rate_change(now: Rate | None, before: Rate | None) -> Shown:
    """In percentage points, only where both rates may be told exactly or as their own interval."""
    if now is None or before is None:
        return NO_FIGURE
    ends = rate(now), rate(before)
    if any(end.small or end.empty for end in ends):
        return Shown(NOTHING, None, small=any(end.small for end in ends))
    moved = now.points_since(before)
    return Shown(
        _between(formats.signed(moved.low, 1), formats.signed(moved.high, 1)),
        moved.low,
        plain=_between(f"{moved.low:.1f}", f"{moved.high:.1f}"),
    )


def _percent_range(value: Rate) -> str:
    low, high = formats.percent(value.low), formats.percent(value.high)
    return low if low == high else f"{low.rstrip('%')}–{high}"


def _plain_range(value: Rate) -> str:
    return _between(f"{100 * value.low:.1f}", f"{100 * value.high:.1f}")


def _between(low: str, high: str) -> str:
    """`7`, `7–9`; spelt out where a sign would stand beside the dash."""
    if low == high:
        return low
    if low[:1].isdigit():
        return f"{low}–{high}"
    return _("%(low)s to %(high)s") % {"low": low, "high": high}

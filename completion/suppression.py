"""The way out: every figure of a page, chart or export is worded here, and small ones are not told.

- A count under `settings.SMALL_COUNT` shows as `<10`, also a true zero.
- A rate is a range where its count is too small, and where under 5 % or over 95 % of fewer than
  100 seniors, and so is that count; nothing is told of fewer than ten seniors.
- A change shows only where both of its ends do.
- A district's or state's own count is told anew once it has moved by the threshold; in between it
  is a range, so that two dates do not tell of a few students. Federal counts of ten and more are
  public on each of their dates (docs/decisions).

`told` turns a school's count into what may be told of it before anything is worked out from it;
sums over schools are made from told counts alone (together.py). Nothing else in this room turns a
Count into text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _

from completion import formats
from completion.rates import HIDDEN_MOST, Change, Count, Rate

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

    @property
    def marked(self) -> bool:
        """True where more is shown than the text."""
        return self.small or bool(self.flag)


NO_FIGURE = Shown(NOTHING)


def is_small(count: Count) -> bool:
    """True for a count that must not be told."""
    return count.low < settings.SMALL_COUNT


def told(count: Count, seniors: int | None = None, *, federal: bool = False) -> Count:
    """What may be told of a school's count: itself, or a range in its place."""
    return _told(count, seniors, federal, settings.SMALL_COUNT)


@lru_cache(maxsize=50_000)  # a state's counts are many, and mostly the same few
def _told(count: Count, seniors: int | None, federal: bool, least: int) -> Count:
    slack = max(HIDDEN_MOST if federal else 0, count.high - count.low)
    if seniors and _hides_whole(count, seniors):
        return Count(0, max(seniors, count.high), False, count.low, slack)
    if is_small(count):
        return Count(0, (count.high // least + 1) * least - 1, False, count.low, slack)
    if seniors and _nearly_all(count, seniors):
        return Count(_most_told(seniors) + 1, max(seniors, count.high), True, count.low, slack)
    return count


def series(counts: Iterable[Count], seniors: int | None = None) -> list[Count]:
    """A school's own counts, oldest first: each told anew once it has moved by the threshold."""
    steps: list[Count] = []
    last: int | None = None
    for count in counts:
        shown, reach = told(count, seniors), settings.SMALL_COUNT - 1
        if shown.hidden or not count.exact:
            last = None
        elif last is None or abs(count.low - last) > reach:
            last = count.low
        else:
            shown = Count(max(0, last - reach), last + reach, True, count.low)
        steps.append(shown)
    return steps


def stepped(count: Count, seniors: int) -> Count:
    """A count of our own students for whoever sees none of them: one of fixed ranges, so that it
    does not matter how often and when one looks."""
    shown, least = told(count, seniors), settings.SMALL_COUNT
    if not is_small(count) and _most_told(seniors) == least:  # a range of one would be that one
        return Count(least, max(seniors, count.high), True, count.low)
    if shown.hidden:
        return shown
    most = max(count.high, _most_told(seniors) if seniors < FEW_SENIORS else seniors)
    steps = max(1, (most + 1 - least) // least)
    step = min((count.low - least) // least, steps - 1)
    low = least * (step + 1)
    return Count(low, most if step == steps - 1 else low + least - 1, True, count.low)


def _hides_whole(count: Count, seniors: int) -> bool:
    """True where a count that shows at all would be nearly all of the class."""
    return settings.SMALL_COUNT <= seniors < settings.SMALL_COUNT + 2 and count.low <= seniors


def _nearly_all(count: Count, seniors: int) -> bool:
    """True where so few are missing that the rate shows as a range."""
    return seniors < FEW_SENIORS and _most_told(seniors) < count.low <= seniors


def _most_told(seniors: int) -> int:
    """The largest count of so few seniors that shows: at least two counts lie above it."""
    return min(int(HIGH * seniors), seniors - 2)


def bounds(count: Count | None) -> tuple[int, int, bool] | None:
    """What a chart may draw: low, high, and whether a line may pass through `low`.

    A small count is drawn as the whole range from nothing to the threshold.
    """
    if count is None:
        return None
    if is_small(count) and not count.hidden:
        return 0, max(count.high, settings.SMALL_COUNT - 1), False
    return count.low, count.high, count.known and not count.hidden


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
        small=value.hidden,
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
    if value.seniors < least or _hides_whole(value.count, value.seniors):
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
        if value.count.hidden or _nearly_all(value.count, value.seniors) or value.high > HIGH:
            most = _most_told(value.seniors)
            most = HIGH if most == int(HIGH * value.seniors) else most / value.seniors
            return Shown(f">{formats.percent(most, 0)}", most, small=True)
    return Shown(_percent_range(value), value.low, plain=_plain_range(value))


def change(now: Count | None, before: Count | None) -> Shown:
    """`+12`, `−3`, `−40 to −12`; a dash where one end is missing, small or wholly hidden."""
    if now is None or before is None:
        return NO_FIGURE
    if now.hidden or before.hidden or is_small(now) or is_small(before):
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


def gap(
    now: Count, before: Count, then: Count, then_before: Count
) -> tuple[Shown, Shown, float] | None:
    """How far behind an earlier cycle, then and now, and by how many points that gap has closed.

    None where a figure may not be told, and where there was no gap to close.
    """
    first, second = relative_change(then, then_before), relative_change(now, before)
    if first.order is None or second.order is None or first.order >= 0:
        return None
    return first, second, round(second.order, 1) - round(first.order, 1)


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
    return share(value.low, value.high)


def share(least: float, most: float) -> str:
    """A told rate's text: `61.4%`, `61.4–62.0%`."""
    low, high = formats.percent(least), formats.percent(most)
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

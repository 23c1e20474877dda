"""What staggered starts suggest: schools that began a campaign beside those that had not yet.

An event study without randomisation. For the schools that began on one day, the rate's change
since the last figure before it is compared with the change, over the same weeks, at schools that
never began or began only later (Callaway and Sant'Anna 2021, without covariates); the days are
averaged by how many schools began. The same difference in the weeks before shows whether the two
went alike. Intervals are of a permutation test: the starts are dealt out anew, and an effect is
kept where the real difference does not stand out among those. Whole districts change places where
each began as a whole.

Only told figures go in (suppression.py), so nothing small follows from what comes out.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from completion.evidence.edges import edge
from completion.standing import Measure, SchoolStanding

BEFORE, AFTER = 4, 4
SAME_WEEK = dt.timedelta(days=3)
STALE = dt.timedelta(days=10)
FEWEST = 3
DRAWS = 399
LEVEL = 0.95

Starts = Mapping[int, dt.date | None]
"""School → the day of its first campaign, None for never."""


@dataclass(frozen=True)
class Effect:
    """A difference in shares, with the effects that the test keeps (None: unbounded)."""

    week: int
    difference: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Study:
    began: int
    compared: int
    starts: int
    by_district: bool
    weeks: Sequence[Effect]  # before the start (negative) and after it
    overall: Effect  # the mean of the weeks after

    @property
    def parted_before(self) -> bool:
        """True if the schools already went apart before the campaigns."""
        return any(_excludes_zero(each) for each in self.weeks if each.week < 0)


def rates(standings: Iterable[SchoolStanding], measure: Measure) -> dict[int, dict[dt.date, float]]:
    """Each school's rate on each day of which a number may be told."""
    found: dict[int, dict[dt.date, float]] = {}
    for standing in standings:
        seniors = standing.seniors
        if not standing.may_be_rated or not seniors or not seniors.number:
            continue
        counts = [(p.as_of, getattr(p, measure)) for p in standing.points]
        told = {day: c.low / seniors.number for day, c in counts if c.exact and not c.hidden}
        if told:
            found[standing.school.pk] = told
    return found


def study(
    values: Mapping[int, Mapping[dt.date, float]],
    starts: Starts,
    districts: Mapping[int, int],
    *,
    seed: str = "",
) -> Study | None:
    """None where fewer than FEWEST schools began, or are there to compare with."""
    schools = sorted(values)
    began = {pk: starts.get(pk) for pk in schools}
    windows = _windows({day for days in values.values() for day in days}, set(began.values()))
    changes = {g: _changes(values, window) for g, window in windows.items()}
    shifted = {
        pk: {day: float(start is not None and day > start) for day in values[pk]}
        for pk, start in began.items()
    }
    exposure = {g: _changes(shifted, window) for g, window in windows.items()}
    observed = _estimates(changes, windows, began)
    posts = [week for week in observed if week > 0]
    sizes = _sizes(changes, windows, began)
    if not posts or min(sizes) < FEWEST:
        return None
    by_district, deal = _dealer(began, districts)
    chance = random.Random(f"{seed} {len(schools)}")
    draws = []
    for _ in range(DRAWS):
        dealt = deal(chance)
        draws.append((_estimates(changes, windows, dealt), _estimates(exposure, windows, dealt)))
    weeks = []
    for week, difference in sorted(observed.items()):
        pairs = [(a[week], b.get(week, 0.0) if week > 0 else 0.0) for a, b in draws if week in a]
        low, high = _kept(difference, 1.0, pairs) if week > 0 else _spread(difference, pairs)
        weeks.append(Effect(week, difference, low, high))
    means = [(_mean(a, posts), _mean(b, posts)) for a, b in draws]
    overall = _mean(observed, posts) or 0.0
    low, high = _kept(overall, 1.0, [(a, b) for a, b in means if a is not None and b is not None])
    return Study(
        sizes[0],
        sizes[1],
        len(windows),
        by_district,
        weeks,
        Effect(0, overall, low, high),
    )


Window = Mapping[int, dt.date]
"""Week since the start → the day of its figure; 0 is the last one before."""
Changes = Mapping[int, Mapping[int, float]]
"""Week → school → its change since week 0."""


def _windows(days: set[dt.date], starts: set[dt.date | None]) -> dict[dt.date, Window]:
    windows: dict[dt.date, Window] = {}
    for start in starts - {None}:
        assert start is not None
        base = max((day for day in days if start - STALE <= day <= start), default=None)
        if base is None:
            continue
        window: dict[int, dt.date] = {0: base}
        for week in (*range(-BEFORE, 0), *range(1, AFTER + 1)):
            target = base + dt.timedelta(weeks=week)
            near = [day for day in days if abs(day - target) <= SAME_WEEK and day != base]
            if near:
                window[week] = min(near, key=lambda day: abs(day - target))
        if max(window) > 0:
            windows[start] = window
    return windows


def _changes(values: Mapping[int, Mapping[dt.date, float]], window: Window) -> Changes:
    base = window[0]
    return {
        week: {
            pk: days[day] - days[base]
            for pk, days in values.items()
            if day in days and base in days
        }
        for week, day in window.items()
        if week
    }


def _estimates(
    changes: Mapping[dt.date, Changes], windows: Mapping[dt.date, Window], starts: Starts
) -> dict[int, float]:
    """The difference by week, averaged over the days of start."""
    sums: dict[int, float] = defaultdict(float)
    counts: dict[int, int] = defaultdict(int)
    for start, by_week in changes.items():
        treated, others = _groups(start, windows[start], starts)
        for week, change in by_week.items():
            ours = [change[pk] for pk in treated if pk in change]
            theirs = [change[pk] for pk in others if pk in change]
            if ours and theirs:
                sums[week] += sum(ours) - len(ours) * sum(theirs) / len(theirs)
                counts[week] += len(ours)
    return {week: sums[week] / counts[week] for week in sums}


def _groups(start: dt.date, window: Window, starts: Starts) -> tuple[list[int], list[int]]:
    """The schools that began that day, and those that had not begun by the window's end."""
    end = window[max(window)]
    treated = [pk for pk, day in starts.items() if day == start]
    others = [pk for pk, day in starts.items() if day is None or day > end]
    return treated, others


def _sizes(
    changes: Mapping[dt.date, Changes], windows: Mapping[dt.date, Window], starts: Starts
) -> tuple[int, int]:
    """How many schools began with figures around it, and how many are compared with any."""
    began: set[int] = set()
    compared: set[int] = set()
    for start, by_week in changes.items():
        treated, others = _groups(start, windows[start], starts)
        present = {pk for week, change in by_week.items() if week > 0 for pk in change}
        if ours := present & set(treated):
            began |= ours
            compared |= present & set(others)
    return len(began), len(compared)


def _dealer(
    starts: Starts, districts: Mapping[int, int]
) -> tuple[bool, Callable[[random.Random], Starts]]:
    """Deals the starts out anew: among districts where each began as a whole, else schools."""
    by_district = sorted(starts, key=lambda pk: (districts.get(pk, 0), pk))
    groups = [list(g) for _d, g in groupby(by_district, key=lambda pk: districts.get(pk, 0))]
    whole = all(len({starts[pk] for pk in group}) == 1 for group in groups)
    whole = whole and 1 < len(groups) < len(starts)
    units = groups if whole else [[pk] for pk in by_district]
    dates = [starts[unit[0]] for unit in units]

    def deal(chance: random.Random) -> Starts:
        drawn = chance.sample(dates, len(dates))
        return {pk: day for unit, day in zip(units, drawn, strict=True) for pk in unit}

    return whole, deal


def _kept(
    difference: float, exposure: float, draws: Sequence[tuple[float, float]]
) -> tuple[float | None, float | None]:
    """The constant effects under which the real difference does not stand out among the draws."""

    def rejects(effect: float) -> bool:
        real = abs(difference - effect * exposure) - 1e-12
        extreme = sum(abs(a - effect * b) >= real for a, b in draws)
        return (extreme + 1) / (len(draws) + 1) <= 1 - LEVEL

    low, high = (edge(rejects, difference, end, halvings=30) for end in (-1.0, 1.0))
    return low, high


def _spread(
    difference: float, draws: Sequence[tuple[float, float]]
) -> tuple[float | None, float | None]:
    """Before the start there is no effect to invert: the difference, and the middle 95 % of draws
    around nothing, laid around it."""
    far = sorted(abs(a) for a, _b in draws)
    if not far:
        return None, None
    reach = far[min(len(far) - 1, int(LEVEL * (len(far) + 1)))]
    return difference - reach, difference + reach


def _mean(found: Mapping[int, float], weeks: Sequence[int]) -> float | None:
    present = [found[week] for week in weeks if week in found]
    return sum(present) / len(present) if present else None


def _excludes_zero(effect: Effect) -> bool:
    return bool(
        (effect.low is not None and effect.low > 0) or (effect.high is not None and effect.high < 0)
    )

"""The same difference where lots were drawn for households or schools, not for students.

Students of one household resemble each other, so they tell less than as many strangers. The
estimate is the Mantel-Haenszel risk difference, which is the least-squares effect with an
intercept for each stratum; its variance is the cluster-robust CR2 of Bell and McCaffrey (2002),
with their degrees of freedom, both made for few clusters. A cluster lies in one stratum and one
arm as a whole, which makes every matrix of theirs a sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, sqrt

from completion.evidence.distributions import t_quantile
from completion.evidence.scores import LEVEL


@dataclass(frozen=True, slots=True)
class Cluster:
    """What was drawn as one: its stratum and arm, how many students, how many of them `done`."""

    stratum: str
    treated: bool
    of: int
    done: int


@dataclass(frozen=True, slots=True)
class Robust:
    difference: float
    error: float
    freedom: float

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        half = t_quantile((1 + level) / 2, self.freedom) * self.error
        return max(-1.0, self.difference - half), min(1.0, self.difference + half)


def robust(clusters: Sequence[Cluster]) -> Robust | None:
    """None where no stratum has both arms, or the clusters leave no freedom to judge by."""
    strata = _with_both_arms(clusters)
    tilts, levels = {}, {}  # a treated student's distance from the mean arm; the mean outcome
    for name, members in strata.items():
        of = sum(c.of for c in members)
        tilts[name] = sum(c.of for c in members if c.treated) / of
        levels[name] = (of, sum(c.done for c in members) / of)
    rows = [(c, c.treated - tilts[name]) for name, members in strata.items() for c in members]
    spread = sum(x * x * c.of for c, x in rows)
    if not spread:
        return None
    effect = sum(x * c.done for c, x in rows) / spread
    meat = 0.0
    weighed: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for c, x in rows:
        of, level = levels[c.stratum]
        left = 1 - c.of * (x * x / spread + 1 / of)  # of the cluster's own say in its fit
        if left < 1e-9:
            continue  # the fit passes through it: its residual is nothing
        residual = c.done - c.of * (level + effect * x)
        meat += x * x * residual * residual / left
        weighed[c.stratum].append((x / sqrt(left), x, float(c.of)))
    freedom = _freedom(weighed, spread, {name: of for name, (of, _level) in levels.items()})
    if freedom is None or freedom < 1:
        return None
    return Robust(effect, sqrt(meat) / spread, freedom)


def likeness(clusters: Sequence[Cluster]) -> float | None:
    """How alike students of one cluster are: the mean product of two members' distances from
    their stratum's share, over the variance (the intraclass correlation with equal weight for each
    pair, Karlin, Cameron and Williams 1981; 0 for strangers, 1 where one does what the other does).

    None where nothing tells: no cluster of several, or all with the same outcome.
    """
    strata: dict[str, list[Cluster]] = defaultdict(list)
    for cluster in clusters:
        strata[cluster.stratum].append(cluster)
    products = variances = 0.0
    for members in strata.values():
        share = sum(c.done for c in members) / sum(c.of for c in members)
        products += sum(
            c.done * (c.done - 1)
            - 2 * share * c.done * (c.of - 1)
            + share * share * c.of * (c.of - 1)
            for c in members
        )
        variances += share * (1 - share) * sum(c.of * (c.of - 1) for c in members)
    return products / variances if variances else None


def _with_both_arms(clusters: Iterable[Cluster]) -> dict[str, list[Cluster]]:
    strata: dict[str, list[Cluster]] = defaultdict(list)
    for cluster in clusters:
        strata[cluster.stratum].append(cluster)
    return {
        name: members for name, members in strata.items() if len({c.treated for c in members}) == 2
    }


def _freedom(
    weighed: dict[str, list[tuple[float, float, float]]], spread: float, sizes: dict[str, int]
) -> float | None:
    """Satterthwaite's, were all students alike: (Σλ)² / Σλ² of the variance as a quadratic form."""
    trace = squares = 0.0
    across = 0.0
    for name, members in weighed.items():
        own = within = 0.0
        for adjusted, x, of in members:
            plain, product = adjusted * adjusted * of, adjusted * of
            kept = of * (x * x / spread + 1 / sizes[name])
            trace += plain * (1 - kept)
            squares += plain * plain - 2 * plain * product * product * (
                x * x / spread + 1 / sizes[name]
            )
            across += product * product * x * x
            own += product * product
            within += product * product * x
        squares += (own / sizes[name]) ** 2 + 2 * within * within / (spread * sizes[name])
    squares += (across / spread) ** 2
    if squares <= 1e-15 * trace * trace:
        return inf if trace else None
    return trace * trace / squares

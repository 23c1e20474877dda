"""The difference that a campaign made, by the method that its draw asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from completion.evidence.clusters import Cluster, likeness, robust
from completion.evidence.scores import Arms, mantel_haenszel, miettinen_nurminen, newcombe

HOUSEHOLD = 8
"""No household has more seniors; larger clusters are schools, and too few for likenesses."""
LEAN = 20
"""With fewer done, or not done, to be expected in an arm, robust errors lean on too little; scores
do not. Expected from both arms' share: were the arm's own count asked, whichever method is wider
would be taken where the draw went badly."""
FEW = 5
"""The same of schools, by the counts themselves: their likeness cannot be told from so few."""
ALIKE = 0.5
"""How alike students of one cluster are taken to be where outcomes cannot tell."""


class Method(StrEnum):
    NEWCOMBE = "newcombe"
    STRATIFIED = "miettinen_nurminen"
    ROBUST = "cluster_robust"
    SHRUNK = "miettinen_nurminen_by_household"


@dataclass(frozen=True)
class Estimate:
    """Treated less compared, as shares, with its 95 % interval."""

    done: int
    of: int
    other_done: int
    other_of: int
    difference: float
    low: float
    high: float
    method: Method
    strata: int  # with both arms in them: the others say nothing
    clusters: int
    freedom: float | None = None

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


def estimate(clusters: Sequence[Cluster]) -> Estimate | None:
    """None where one of the two arms is empty, or no stratum holds both.

    - Every student drawn alone: Newcombe, or with strata Miettinen and Nurminen.
    - Households or schools: the same difference with cluster-robust errors.
    - With few outcomes (LEAN, of schools FEW): the Miettinen-Nurminen score interval of as many
      students fewer as those of a household are seen to repeat each other (Donald and Donner 1987);
      those of a school are taken to be ALIKE.
    """
    strata = _tables(clusters)
    if not strata:
        return None
    arms = list(strata.values())
    largest = max(c.of for c in clusters)
    freedom = None
    enough = _enough_expected if largest <= HOUSEHOLD else _enough
    if largest > 1 and enough(clusters) and (found := robust(clusters)):
        method, difference, freedom = Method.ROBUST, found.difference, found.freedom
        low, high = found.interval()
    elif largest > 1:
        alike = likeness(clusters) if largest <= HOUSEHOLD else None
        alike = ALIKE if alike is None else min(1.0, max(0.0, alike))
        repeat = 1 + (crowding(clusters) - 1) * alike
        shrunk = [_shrunk(table, repeat) for table in arms]
        method, difference = Method.SHRUNK, mantel_haenszel(arms)
        low, high = miettinen_nurminen(shrunk)
    elif len({c.stratum for c in clusters}) == 1:
        method, difference = Method.NEWCOMBE, arms[0].difference
        low, high = newcombe(arms[0])
    else:
        method, difference = Method.STRATIFIED, mantel_haenszel(arms)
        low, high = miettinen_nurminen(arms)
    return Estimate(
        *_counts(clusters), difference, low, high, method, len(arms), len(clusters), freedom
    )


def crowding(clusters: Sequence[Cluster]) -> float:
    """By how much students of one cluster could at most repeat each other: Σm² / Σm."""
    return sum(c.of**2 for c in clusters) / sum(c.of for c in clusters)


def _tables(clusters: Sequence[Cluster]) -> dict[str, Arms]:
    """The two arms of each stratum that has both."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for c in clusters:
        table = sums[c.stratum]
        at = 0 if c.treated else 2
        table[at] += c.done
        table[at + 1] += c.of
        table[4] += 1
    return {name: Arms(*table) for name, table in sums.items() if table[1] and table[3]}


def _counts(clusters: Sequence[Cluster]) -> tuple[int, int, int, int]:
    treated = [c for c in clusters if c.treated]
    others = [c for c in clusters if not c.treated]
    return (
        sum(c.done for c in treated),
        sum(c.of for c in treated),
        sum(c.done for c in others),
        sum(c.of for c in others),
    )


def _enough(clusters: Sequence[Cluster]) -> bool:
    done, of, other_done, other_of = _counts(clusters)
    return min(done, of - done, other_done, other_of - other_done) >= FEW


def _enough_expected(clusters: Sequence[Cluster]) -> bool:
    done, of, other_done, other_of = _counts(clusters)
    share = (done + other_done) / (of + other_of)
    return min(of, other_of) * min(share, 1 - share) >= LEAN


def _shrunk(table: Arms, by: float) -> Arms:
    return Arms(
        table.done / by, table.of / by, table.other_done / by, table.other_of / by, table.units
    )

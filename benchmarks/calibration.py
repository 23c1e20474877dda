"""Is the interval what it says? Campaigns are simulated whose effect is known.

    python -m benchmarks.calibration [RUNS [MORE]]

By default 2,000 runs, and beside them 4 more times as many of other seeds, for 2,000 leave a point
of chance to each side: the table of docs/evidence.md, in some twenty minutes.

Each run draws an audience, the arms by lot (a fixed share of each stratum, as campaigns do) and
outcomes, and asks the product's own `estimate` for its interval. An interval covers if the true
effect lies in it; a false positive is one that excludes nothing where there is no effect.
"""

from __future__ import annotations

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from completion.evidence.clusters import Cluster
from completion.evidence.estimate import Estimate, estimate

RUNS, MORE = 2000, 4
SEED = 2026
EFFECTS = (0.0, 0.03)
STATUSES = (0.25, 0.45, 0.6)  # shares that complete anyway, by status at launch


@dataclass(frozen=True)
class Scenario:
    """`sizes`: seniors of each school. `homes`: how often a household has one, two, three."""

    name: str
    sizes: tuple[int, ...]
    held_out: float = 0.2
    statuses: tuple[float, ...] = STATUSES
    homes: tuple[int, ...] = (1,)
    alike: float = 0.0  # correlation of outcomes inside a household
    schools_differ: float = 0.0  # standard deviation of their shares
    by_school: bool = False

    def run(self, effect: float, chance: random.Random) -> Estimate | None:
        """One campaign: who was drawn, what they did, and the interval."""
        units = list(_units(self, chance))
        treated = _lots([stratum for stratum, _base, _of in units], self.held_out, chance)
        return estimate(
            [
                Cluster(stratum, arm, of, _done(base + effect * arm, of, self.alike, chance))
                for (stratum, base, of), arm in zip(units, treated, strict=True)
            ]
        )


SCENARIOS = (
    Scenario("One small school, one status", (80,), held_out=0.3, statuses=(0.4,)),
    Scenario("One large school, half held out", (600,), held_out=0.5, statuses=(0.45,)),
    Scenario("12 small schools, strata of a few students", (24,) * 12, held_out=0.5),
    Scenario("4 large schools, a tenth held out", (400,) * 4, held_out=0.1),
    Scenario(
        "3 small schools, households of one to three", (50,) * 3, held_out=0.3,
        statuses=(0.3, 0.5), homes=(12, 5, 3), alike=0.5,
    ),
    Scenario(
        "6 large schools, households of one to three", (300,) * 6,
        homes=(12, 5, 3), alike=0.5,
    ),
    Scenario(
        "One school of 40, households of one to three", (40,), held_out=0.3,
        statuses=(0.4,), homes=(12, 5, 3), alike=0.5,
    ),
    Scenario(
        "Rare outcome, households of one to three", (150,) * 3, held_out=0.3,
        statuses=(0.03,), homes=(12, 5, 3), alike=0.5,
    ),
    Scenario(
        "Whole schools drawn, 24 of all sizes", tuple(range(30, 270, 10)), held_out=0.5,
        statuses=(0.45,), schools_differ=0.05, by_school=True,
    ),
)  # fmt: skip


@dataclass
class Found:
    runs: int = 0
    covered: int = 0
    excluded: int = 0
    width: float = 0.0
    bias: float = 0.0
    methods: Counter[str] = field(default_factory=Counter)

    @property
    def coverage(self) -> float:
        return self.covered / self.runs

    @property
    def positives(self) -> float:
        return self.excluded / self.runs


def simulate(scenario: Scenario, effect: float, runs: int, *seeds: int) -> Found:
    """So many runs of each seed; the same numbers for the same seeds."""
    found = Found()
    for seed in seeds or (SEED,):
        chance = random.Random(f"{seed} {scenario.name} {effect}")
        for _ in range(runs):
            result = scenario.run(effect, chance)
            if result is None:
                continue
            found.runs += 1
            found.covered += result.low <= effect <= result.high
            found.excluded += result.excludes_zero
            found.width += result.high - result.low
            found.bias += result.difference - effect
            found.methods[result.method.value] += 1
    return found


def _units(scenario: Scenario, chance: random.Random) -> Iterator[tuple[str, float, int]]:
    """Stratum, share that completes anyway, and students of each household (or school)."""
    for school, size in enumerate(scenario.sizes):
        shift = chance.gauss(0, scenario.schools_differ) if scenario.schools_differ else 0.0
        if scenario.by_school:
            yield "", scenario.statuses[0] + shift, size
            continue
        left = size
        while left > 0:
            of = min(left, 1 + chance.choices(range(len(scenario.homes)), scenario.homes)[0])
            status = chance.randrange(len(scenario.statuses))
            yield f"{school}|{status}", scenario.statuses[status] + shift, of
            left -= of


def _lots(strata: list[str], held_out: float, chance: random.Random) -> list[bool]:
    """True for the treated: of each stratum a fixed share is held out, the last one by chance."""
    members: dict[str, list[int]] = defaultdict(list)
    for index, stratum in enumerate(strata):
        members[stratum].append(index)
    treated = [True] * len(strata)
    for indices in members.values():
        chance.shuffle(indices)
        share = len(indices) * held_out
        for index in indices[: int(share) + (chance.random() < share % 1)]:
            treated[index] = False
    return treated


def _done(share: float, of: int, alike: float, chance: random.Random) -> int:
    """How many of a household do it: all by one throw with chance `alike`, else each by its own."""
    if alike and of > 1 and chance.random() < alike:
        return of * (chance.random() < share)
    return sum(chance.random() < share for _ in range(of))


def main(runs: int = RUNS, more: int = MORE) -> None:
    others = f"{more * runs:,} others"
    heads = (
        "simulated",
        "effect",
        "covers",
        "excludes zero",
        f"of {others}",
        "",
        "width",
        "method",
    )
    sys.stdout.write(f"| {' | '.join(heads)} |\n|---|{'---:|' * 6}---|\n")
    for scenario in SCENARIOS:
        for effect in EFFECTS:
            found = simulate(scenario, effect, runs)
            again = simulate(scenario, effect, runs, *range(1, more + 1)) if more else found
            methods = ", ".join(f"{name} {n}" for name, n in found.methods.most_common())
            shares = (found.coverage, found.positives, again.coverage, again.positives)
            cells = [scenario.name, f"{100 * effect:+.0f}", *(f"{100 * s:.1f} %" for s in shares)]
            cells += [f"{100 * found.width / found.runs:.1f}", methods]
            sys.stdout.write(f"| {' | '.join(cells)} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*(int(number) for number in sys.argv[1:3]))

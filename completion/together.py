"""Sums over many schools that give no hidden count away.

A hidden count stands in its school's row as a range (`<10`: 0 to 9). Were a total exact, it would
follow from its neighbours. So whatever is shown of several schools is worked out from nothing but

- the counts that are shown anyway, and
- for a district's schools in one region, for a region and for a state: the sum of their hidden
  counts, told in steps of ten.

The steps are placed so that each hidden count may still be anything in its own range, whoever
compares all places, subsets and pages: a step never begins above what the others could make up
with one of them at its least, nor ends below what they need with one at its most. As only such
facts go in, any sum, rate or difference of them gives away no more (docs/evidence.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from django.conf import settings

from completion.rates import Count

Path = tuple[Hashable, ...]
"""Where a school lies: its region, then its district."""


@dataclass(slots=True)
class Node:
    """Hidden counts of one place, and what is told of their sum: `low` to `high`.

    `slack` is what the published cells hide besides (`<5` is 0 to 4); it is the same for each of a
    kind, so it tells nothing.
    """

    parts: Sequence[Node]
    kept: int
    low: int
    high: int
    swing: int
    slack: int
    most: int
    school: int | None = None
    inside: Set[int] | None = None

    @classmethod
    def of_school(cls, school: int, count: Count) -> Node:
        assert count.kept is not None
        low, high = count.low, count.high
        return cls((), count.kept, low, high, high - low, count.slack, high, school)

    @classmethod
    def of(cls, parts: Sequence[Node]) -> Node:
        """A place, its sum told in steps on top of what is told of its parts."""
        kept = least = most = swing = slack = beyond = 0
        for part in parts:
            kept += part.kept
            least += part.low
            most += part.high
            slack += part.slack
            beyond += part.most
            if part.swing > swing:
                swing = part.swing
        width = max(settings.SMALL_COUNT, swing + 1)
        last = max(least, most - swing)
        step = (min(kept, last) - least) // width
        low = least + step * width
        high = most if low + width > last else min(most, low + width - 1)
        return cls(parts, kept, low, high, swing, slack, beyond)

    @property
    def schools(self) -> Set[int]:
        """Whose counts these are; asked for only where a part is summed."""
        if self.inside is None:
            own = set() if self.school is None else {self.school}
            self.inside = own.union(*(part.schools for part in self.parts))
        return self.inside

    def bounds(self, schools: Set[int] | None = None) -> tuple[int, int]:
        """What is told of the sum over these of its schools (None: all)."""
        if schools is None or self.schools <= schools:
            return self.low, min(self.most, self.high + self.slack)
        if not self.parts or not self.schools & schools:
            return 0, 0
        inside = [part.bounds(schools) for part in self.parts]
        return sum(low for low, _high in inside), sum(high for _low, high in inside)


@dataclass
class Counts:
    """Told counts of the schools of one place on one day; sums of them give nothing away.

    `depth` says what the place is: 0 a state, 1 a region, 2 a district.
    """

    counts: Mapping[int, Count]
    paths: Mapping[int, Path]
    depth: int
    _roots: list[Node] | None = field(default=None, repr=False)

    def total(self, schools: Collection[int] | None = None) -> Count | None:
        """The sum over these schools (None: all of the place); None where there is none."""
        chosen = None if schools is None else frozenset(schools)
        low = high = 0
        known = any_count = False
        for school in self.counts if chosen is None else chosen & self.counts.keys():
            count = self.counts[school]
            any_count = True
            known = known or count.known
            if count.kept is None:
                low += count.low
                high += count.high
        if not any_count:
            return None
        for root in self.roots:
            below, above = root.bounds(chosen)
            low, high = low + below, high + above
        return Count(low, high, known)

    @property
    def roots(self) -> list[Node]:
        if self._roots is None:
            self._roots = list(self._grow())
        return self._roots

    def _grow(self) -> Iterable[Node]:
        level: dict[Path, list[Node]] = defaultdict(list)
        for school, count in self.counts.items():
            if count.kept is not None:
                level[self.paths[school]].append(Node.of_school(school, count))
        for length in (2, 1, 0):
            if length < self.depth:
                break
            places: dict[Path, list[Node]] = defaultdict(list)
            for path, parts in level.items():
                places[path[:length]] += parts
            level = {path: [Node.of(parts)] for path, parts in places.items()}
        return [node for nodes in level.values() for node in nodes]

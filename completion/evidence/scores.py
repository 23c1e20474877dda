"""Score intervals for a share and for a difference of two shares; right for small samples too.

- One share: Wilson (1927).
- A difference: Newcombe's hybrid of two Wilson intervals (1998, method 10).
- A difference over strata: Miettinen and Nurminen (1985), whose score test is turned round; each
  stratum weighs as in the Mantel-Haenszel risk difference. With one stratum it is their plain
  interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import acos, copysign, cos, pi, sqrt

from completion.evidence.distributions import normal_quantile
from completion.evidence.edges import edge

LEVEL = 0.95
Z = normal_quantile((1 + LEVEL) / 2)


@dataclass(frozen=True, slots=True)
class Arms:
    """How many of how many in two groups; fractions are allowed. `units` were drawn by lot."""

    done: float
    of: float
    other_done: float
    other_of: float
    units: float = 0  # households, where those were drawn; else as many as there are students

    @property
    def difference(self) -> float:
        return self.done / self.of - self.other_done / self.other_of

    @property
    def weight(self) -> float:
        """Mantel-Haenszel: the two groups' sizes, combined as resistances are."""
        return self.of * self.other_of / (self.of + self.other_of)


def wilson(done: float, of: float, z: float = Z) -> tuple[float, float]:
    """The interval of one share."""
    share, spread = done / of, z * z / of
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, centre - half), min(1.0, centre + half)


def newcombe(arms: Arms, z: float = Z) -> tuple[float, float]:
    """The interval of the difference of two independent shares."""
    share, other = arms.done / arms.of, arms.other_done / arms.other_of
    low, high = wilson(arms.done, arms.of, z)
    other_low, other_high = wilson(arms.other_done, arms.other_of, z)
    below = sqrt((share - low) ** 2 + (other_high - other) ** 2)
    above = sqrt((high - share) ** 2 + (other - other_low) ** 2)
    return share - other - below, share - other + above


def mantel_haenszel(strata: Sequence[Arms]) -> float:
    """The weighted mean of the strata's differences."""
    return sum(s.weight * s.difference for s in strata) / sum(s.weight for s in strata)


def miettinen_nurminen(strata: Sequence[Arms], z: float = Z) -> tuple[float, float]:
    """All differences that the stratified score test would not reject."""
    estimate = mantel_haenszel(strata)

    def rejects(difference: float) -> bool:
        distance = sum(s.weight * (s.difference - difference) for s in strata)
        spread = sum(s.weight**2 * _variance(s, difference) for s in strata)
        return distance * distance > z * z * spread

    low, high = (edge(rejects, estimate, end, halvings=60) for end in (-1.0, 1.0))
    return -1.0 if low is None else low, 1.0 if high is None else high


def _variance(arms: Arms, difference: float) -> float:
    """Of a stratum's difference if the true one were `difference`: at the likeliest such shares."""
    other = _likeliest(arms, difference)
    share = min(1.0, max(0.0, other + difference))
    units = arms.units or arms.of + arms.other_of
    correction = units / (units - 1) if units > 1 else 1.0
    return correction * (share * (1 - share) / arms.of + other * (1 - other) / arms.other_of)


def _likeliest(arms: Arms, difference: float) -> float:
    """The other group's share of greatest likelihood, the difference being given.

    A root of a cubic, in closed form (Miettinen and Nurminen 1985, appendix I).
    """
    of, other_of, done, other_done = arms.of, arms.other_of, arms.done, arms.other_done
    everyone, all_done = of + other_of, done + other_done
    if abs(difference) < 1e-12:
        return all_done / everyone
    cubic = everyone
    square = (of + 2 * other_of) * difference - everyone - all_done
    linear = (other_of * difference - everyone - 2 * other_done) * difference + all_done
    constant = other_done * difference * (1 - difference)
    third = square / (3 * cubic)
    q = third**3 - square * linear / (6 * cubic**2) + constant / (2 * cubic)
    p = copysign(sqrt(max(0.0, third**2 - linear / (3 * cubic))), q)
    turn = q / p**3 if p else 0.0
    angle = (pi + acos(min(1.0, max(-1.0, turn)))) / 3
    least, most = max(0.0, -difference), min(1.0, 1 - difference)
    return min(most, max(least, 2 * p * cos(angle) - third))

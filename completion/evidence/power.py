"""What a design can find, reckoned before anything is sent."""

from __future__ import annotations

from math import sqrt

EIGHTY_PERCENT = 2.8
"""1.96 + 0.84: found four times in five, where chance alone is believed one time in twenty."""


def smallest_effect(
    share: float, treated: float, held_out: float, *, crowding: float = 1.0, alike: float = 0.0
) -> float | None:
    """The smallest difference of two shares that the design finds at 80 % power (RULES.md 6).

    2.8 √(p(1−p)(1/n₁ + 1/n₀)) √(1 + (m−1)ρ), m being `crowding` and ρ `alike`. None without
    both arms.
    """
    if treated < 1 or held_out < 1:
        return None
    spread = share * (1 - share) * (1 / treated + 1 / held_out)
    return EIGHTY_PERCENT * sqrt(spread) * sqrt(1 + (crowding - 1) * alike)

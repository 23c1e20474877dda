"""The intervals are those of the papers and of independent implementations."""

from __future__ import annotations

import itertools
import json
from math import log
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import calibration
from completion.evidence.clusters import Cluster, likeness, robust
from completion.evidence.distributions import t_quantile
from completion.evidence.estimate import Method, estimate
from completion.evidence.power import smallest_effect
from completion.evidence.scores import (
    Arms,
    _likeliest,
    mantel_haenszel,
    miettinen_nurminen,
    newcombe,
    wilson,
)

REFEREES = json.loads(Path(__file__).with_name("referees.json").read_text())


@pytest.mark.parametrize(("table", "interval"), REFEREES["newcombe"])
def test_newcombe_agrees_with_statsmodels(table: list[int], interval: list[float]) -> None:
    assert newcombe(Arms(*table)) == pytest.approx(interval, abs=1e-12)


# Newcombe (1998), Statistics in Medicine 17, table II, methods 5 (Mee is 5, ours is 6) and 10.
@pytest.mark.parametrize(
    ("table", "score"),
    [((56, 70, 48, 80), (0.0528, 0.3382)), ((9, 10, 3, 10), (0.1700, 0.8406))],
)
def test_miettinen_nurminen_agrees_with_the_published_table(
    table: tuple[int, ...], score: tuple[float, float]
) -> None:
    assert miettinen_nurminen([Arms(*table)]) == pytest.approx(score, abs=5e-5)


@pytest.mark.parametrize(("probability", "freedom", "value"), REFEREES["t"])
def test_t_agrees_with_scipy(probability: float, freedom: float, value: float) -> None:
    assert t_quantile(probability, freedom) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(("rows", "found"), REFEREES["cr2"])
def test_robust_errors_are_bell_and_mccaffreys_matrices(
    rows: list[list[object]], found: list[float]
) -> None:
    ours = robust([Cluster(*row) for row in rows])  # type: ignore[arg-type]
    assert ours and (ours.difference, ours.error, ours.freedom) == pytest.approx(found, rel=1e-8)


@pytest.mark.parametrize(("rows", "found"), REFEREES["hc2"])
def test_with_one_student_a_household_they_are_the_hc2_of_statsmodels(
    rows: list[list[object]], found: list[float]
) -> None:
    ours = robust([Cluster(*row) for row in rows])  # type: ignore[arg-type]
    assert ours and (ours.difference, ours.error) == pytest.approx(found, rel=1e-9)


busy = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
of = st.integers(1, 40)
shares = st.floats(0, 1)
arms = st.builds(lambda of, share: (round(share * of), of), of, shares)
tables = st.builds(lambda treated, other: Arms(*treated, *other), arms, arms)


@busy
@given(st.lists(tables, min_size=1, max_size=6))
def test_intervals_hold_their_estimate_and_stay_possible(strata: list[Arms]) -> None:
    low, high = miettinen_nurminen(strata)
    assert -1 <= low <= mantel_haenszel(strata) <= high <= 1
    low, high = newcombe(strata[0])
    assert -1 - 1e-12 <= low <= strata[0].difference + 1e-12 and low <= high <= 1 + 1e-12


@busy
@given(tables)
def test_the_mirror_image_has_the_mirrored_interval(table: Arms) -> None:
    mirrored = Arms(table.other_done, table.other_of, table.done, table.of)
    for method in (newcombe, lambda t: miettinen_nurminen([t])):
        low, high = method(table)
        assert method(mirrored) == pytest.approx((-high, -low), abs=1e-9)


@busy
@given(tables, st.floats(-0.95, 0.95), st.floats(0.0, 1.0))
def test_no_other_shares_are_likelier(table: Arms, difference: float, other: float) -> None:
    def likelihood(share: float) -> float:
        pairs = (
            (table.done, table.of, share + difference),
            (table.other_done, table.other_of, share),
        )
        return sum(
            done * log(max(p, 1e-300)) + (of - done) * log(max(1 - p, 1e-300))
            for done, of, p in pairs
        )

    if max(0, -difference) <= other <= min(1, 1 - difference):
        assert likelihood(_likeliest(table, difference)) >= likelihood(other) - 1e-6


def test_one_share_has_wilsons_interval() -> None:
    # Newcombe (1998), Statistics in Medicine 17, 857: 15 of 148.
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_the_draw_decides_the_method() -> None:
    plain = [Cluster("", arm, 1, n % 2) for arm in (True, False) for n in range(20)]
    strata = [Cluster(str(n % 3), arm, 1, n % 2) for arm in (True, False) for n in range(20)]
    siblings = [Cluster("", arm, 2, n % 3) for arm in (True, False) for n in range(40)]
    rare = [Cluster("", arm, 2, int(n < 9)) for arm in (True, False) for n in range(40)]
    schools = [Cluster("", arm, 30, 5 + n) for arm in (True, False) for n in range(20)]
    few = [Cluster("", arm, 30, int(n < 2)) for arm in (True, False) for n in range(20)]
    draws = (plain, strata, siblings, rare, schools, few)
    methods = [found.method for each in draws if (found := estimate(each))]
    assert methods == [
        Method.NEWCOMBE, Method.STRATIFIED, Method.ROBUST, Method.SHRUNK, Method.ROBUST,
        Method.SHRUNK,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("homes", "alike"),
    [
        ([2, 0, 2, 0], 1.0),
        ([1, 1, 1, 1], -1.0),
        ([2, 1, 1, 0], 0.0),
    ],
)
def test_likeness_is_one_for_pairs_that_do_the_same(homes: list[int], alike: float) -> None:
    assert likeness([Cluster("", True, 2, done) for done in homes]) == pytest.approx(alike)


@busy
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3)), min_size=2, max_size=30))
def test_likeness_is_the_mean_product_of_pairs(homes: list[tuple[int, int]]) -> None:
    """Against the definition, pair by pair."""
    clusters = [Cluster("", True, of, min(of, done)) for of, done in homes]
    students = [[1] * c.done + [0] * (c.of - c.done) for c in clusters]
    share = sum(map(sum, students)) / sum(map(len, students))
    pairs = [(a, b) for home in students for a, b in itertools.permutations(home, 2)]
    if pairs and 0 < share < 1:
        mean = sum((a - share) * (b - share) for a, b in pairs) / len(pairs)
        assert likeness(clusters) == pytest.approx(mean / (share * (1 - share)), abs=1e-9)
    else:
        assert likeness(clusters) is None


def test_siblings_who_do_alike_widen_the_interval() -> None:
    alike = [Cluster("", arm, 2, 2 * (n % 2)) for arm in (True, False) for n in range(60)]
    apart = [Cluster("", arm, 1, n % 2) for arm in (True, False) for n in range(120)]
    together, strangers = estimate(alike), estimate(apart)
    assert together and strangers and together.of == strangers.of
    ratio = (together.high - together.low) / (strangers.high - strangers.low)
    assert ratio == pytest.approx(2**0.5, rel=0.05)


def test_an_arm_alone_is_compared_with_nothing() -> None:
    assert estimate([Cluster("1", True, 1, 1), Cluster("2", False, 1, 0)]) is None
    assert estimate([Cluster("", True, 2, 1)] * 5) is None


@pytest.mark.parametrize("scenario", calibration.SCENARIOS, ids=lambda s: s.name)
@pytest.mark.parametrize("effect", calibration.EFFECTS)
def test_intervals_cover_a_known_effect(scenario: calibration.Scenario, effect: float) -> None:
    """A short run of the calibration in docs/evidence.md: 120 of 2,000 campaigns."""
    found = calibration.simulate(scenario, effect, runs=120)
    assert found.coverage > 0.88  # fewer: once in 2,000 honest intervals
    if effect == 0:
        assert found.positives < 0.12


def test_the_smallest_effect_is_the_rules_formula() -> None:
    plain = 2.8 * (0.25 * (1 / 800 + 1 / 200)) ** 0.5
    assert smallest_effect(0.5, 800, 200) == pytest.approx(plain)
    assert smallest_effect(0.5, 800, 200, crowding=2, alike=1) == pytest.approx(plain * 2**0.5)
    assert smallest_effect(0.5, 800, 0) is None

"""Bounds, rates, changes; and what of them may be read."""

import datetime as dt
import functools
import operator
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from completion import suppression
from completion.rates import Change, Count, Rate, same_week, year_before

TRUE_AND_PUBLISHED = st.lists(st.integers(0, 60), min_size=1, max_size=30)


def published(true: int) -> Count:
    """What Federal Student Aid makes of a true count."""
    return Count.of(true, 0) if true >= 5 else Count.of(0, 1)


def sum_of(counts: Iterable[Count]) -> Count:
    return functools.reduce(operator.add, counts)


@given(TRUE_AND_PUBLISHED)
def test_a_sum_of_published_counts_holds_the_truth(true: list[int]) -> None:
    summed = sum_of(published(count) for count in true)
    assert summed.low <= sum(true) <= summed.high
    assert summed.high - summed.low == 4 * sum(count < 5 for count in true)
    assert summed.known == any(count >= 5 for count in true)


@given(TRUE_AND_PUBLISHED, TRUE_AND_PUBLISHED)
def test_a_change_holds_the_true_change(now: list[int], before: list[int]) -> None:
    first, second = sum_of(map(published, now)), sum_of(map(published, before))
    change = Change.between(first, second)
    assert change.low <= sum(now) - sum(before) <= change.high


@given(TRUE_AND_PUBLISHED, st.integers(1, 2000))
def test_a_rate_holds_the_true_rate(true: list[int], class_size: int) -> None:
    rate = Rate.of(sum_of(map(published, true)), class_size)
    assert rate and rate.low <= sum(true) / class_size <= rate.high


@pytest.mark.parametrize("class_size", [0, None])
def test_nothing_is_divided_by_an_unknown_or_empty_class(class_size: int | None) -> None:
    assert Rate.of(Count(5, 5), class_size) is None


def test_more_completions_than_seniors_are_shown_and_flagged() -> None:
    shown = suppression.rate(Rate(Count(23, 23), 16))
    assert shown.text == "143.8%"
    assert "enrolment" in shown.flag


def test_the_same_week_is_found_by_date_within_three_days() -> None:
    days = [dt.date(2023, 3, 8), dt.date(2023, 3, 15), dt.date(2023, 6, 30)]
    assert same_week(days, dt.date(2023, 3, 13)) == dt.date(2023, 3, 15)
    assert same_week(days, dt.date(2023, 3, 19)) is None
    assert year_before(dt.date(2024, 2, 29)) == dt.date(2023, 2, 28)


@given(st.integers(0, 9))
def test_no_small_count_can_be_read(count: int) -> None:
    for shown in (suppression.count(Count(count, count)), suppression.seniors(count or None)):
        assert shown.text in ("<10", "—")
    assert suppression.count(Count(count, count)) == suppression.count(Count(0, 4, False))
    assert suppression.bounds(Count(count, count)) == (0, 9, False)


@given(st.integers(0, 9), st.integers(0, 400))
def test_no_change_shows_when_an_end_is_small(small: int, other: int) -> None:
    first, second = Count(small, small), Count(other, other)
    for pair in ((first, second), (second, first)):
        assert suppression.change(*pair).empty
        assert suppression.relative_change(*pair).empty


@given(st.integers(0, 9), st.integers(10, 500))
def test_the_rate_of_a_small_count_tells_only_the_threshold(small: int, class_size: int) -> None:
    shown = suppression.rate(Rate(Count(small, small), class_size))
    assert shown == suppression.rate(Rate(Count(0, 9), class_size))


@given(st.integers(10, 99), st.integers(0, 99))
def test_extreme_rates_of_small_groups_are_ranges(class_size: int, completed: int) -> None:
    completed = min(completed, class_size)
    shown = suppression.rate(Rate(Count(completed, completed), class_size))
    if completed / class_size > 0.95:
        assert shown.small and shown.text == (">95%" if class_size > 20 else shown.text)
        assert not suppression.told(Count(completed, completed), class_size).exact
    elif completed / class_size < 0.05:
        assert shown.small


def test_a_range_that_begins_small_tells_only_its_most() -> None:
    assert suppression.count(Count(7, 15)).text == "at most 15"


def test_the_threshold_is_a_setting(settings: object) -> None:
    settings.SMALL_COUNT = 30  # type: ignore[attr-defined]
    assert suppression.count(Count(29, 29)).text == "<30"
    assert suppression.count(Count(30, 30)).text == "30"

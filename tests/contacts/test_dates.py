"""Dates of birth as student systems and spreadsheets write them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.imports.dates import read_date

DAYS = st.dates(dt.date(1970, 1, 1), dt.date(2068, 12, 31))
FORMS = [
    "%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%Y%m%d", "%d %b %Y", "%d-%b-%y",
    "%b %d, %Y", "%B %d, %Y", "%Y-%m-%d 00:00:00", "%Y-%m-%dT00:00:00Z", "%m/%d/%Y 12:00:00 AM",
    "%m/%d/%Y 0:00", "%Y-%m-%dT00:00:00.000-0700",
]  # fmt: skip


@given(day=DAYS, form=st.sampled_from(FORMS))
def test_every_usual_form_is_read_back(day: dt.date, form: str) -> None:
    assert read_date(day.strftime(form)) == day
    assert read_date(f" {day.strftime(form).upper()} ") == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("5/3/2008", dt.date(2008, 5, 3)),
        ("Sept 3, 2008", dt.date(2008, 9, 3)),
        ("39599", dt.date(2008, 5, 31)),
        ("39599.0", dt.date(2008, 5, 31)),
        ("31/05/2008", None),  # days before months would be misread in every other row
        ("2008-02-30", None),
        ("0008-05-31", None),
        ("12345", None),
        ("١٢/٣/٢٠٠٨", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_day_is_told_or_not_guessed(text: str, day: dt.date | None) -> None:
    assert read_date(text) == day


@given(st.text(max_size=30) | st.from_regex(r"[0-9/ :.\-]{0,20}", fullmatch=True))
def test_any_text_is_a_day_or_none(text: str) -> None:
    day = read_date(text)
    assert day is None or 1900 <= day.year <= 2100

"""The short ways through phones and e-mails end where the long ways do."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers.tzdata import TIMEZONE_DATA

from contacts import emails, phones

FORMS = [
    "{0}{1}{2}", "{0}-{1}-{2}", "({0}) {1}-{2}", "({0}){1}-{2}", "{0}.{1}.{2}", "1-{0}-{1}-{2}",
    "+1{0}{1}{2}", "+1 ({0}) {1}-{2}", "1 {0} {1} {2}", "  {0} {1}{2} ", "+1.{0}.{1}.{2}",
]  # fmt: skip


def phone_by(read: object, *args: str) -> object:
    try:
        return read(*args)  # type: ignore[operator]
    except phones.BadPhone as error:
        return str(error)


def email_by(read: object, text: str) -> str:
    try:
        return read(text)  # type: ignore[operator,no-any-return]
    except emails.BadEmail as error:
        return f"! {error}"


@settings(max_examples=1_500, deadline=None)
@given(
    area=st.integers(200, 999),
    exchange=st.integers(0, 999) | st.sampled_from([555, 211, 911, 976, 500]),
    line=st.integers(0, 9999) | st.integers(90, 210),
    form=st.sampled_from(FORMS),
)
@example(246, 521, 1000, FORMS[0])
@example(246, 521, 3000, FORMS[0])
@example(206, 555, 199, FORMS[0])
@example(206, 555, 200, FORMS[0])
def test_both_ways_say_the_same_of_every_phone(
    area: int, exchange: int, line: int, form: str
) -> None:
    text = form.format(area, f"{exchange:03d}", f"{line:04d}")
    assert phone_by(phones.read, text) == phone_by(phones._read, text, "US")


@pytest.mark.parametrize("last", ["0000", "5829", "9999"])
def test_both_ways_say_the_same_of_every_area_code(last: str) -> None:
    for area in range(200, 1000):
        for exchange in ("234", "521", "976"):
            text = f"{area}{exchange}{last}"
            assert phone_by(phones.read, text) == phone_by(phones._read, text, "US")


def test_no_time_zone_is_decided_beyond_the_exchange() -> None:
    """Should an update of the library's table go deeper, this will say so."""
    assert max(len(prefix) for prefix in TIMEZONE_DATA if prefix.startswith("1")) <= 1 + 6


LOCAL = st.from_regex(r"[A-Za-z0-9._+\-]{1,12}", fullmatch=True)
DOMAIN = st.from_regex(r"[A-Za-z0-9.\-]{1,12}", fullmatch=True) | st.sampled_from(
    ["gmail.com", "Gmail.COM", "x.example", "a.test", "example.org", "localhost", "x.local", "com",
     "xn--mnchen-3ya.de", "x..com", "-x.com", "x_y.com", "127.0.0.1", "a.invalid", "x.com."]
)  # fmt: skip


@settings(max_examples=800, deadline=None)
@given(local=LOCAL, domain=DOMAIN, around=st.sampled_from(["{}", " {}", "<{}>", "mailto:{}"]))
def test_both_ways_say_the_same_of_every_email(local: str, domain: str, around: str) -> None:
    text = around.format(f"{local}@{domain}")
    assert email_by(emails.read, text) == email_by(emails._read, text)


@given(st.text(max_size=30))
def test_both_ways_say_the_same_of_any_text(text: str) -> None:
    assert email_by(emails.read, text) == email_by(emails._read, text)
    assert phone_by(phones.read, text) == phone_by(phones._read, text, "US")

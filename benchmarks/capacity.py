"""A whole state through the pacing rules, on paper: how long, how much, which senders.

python -m benchmarks.capacity

No message is sent and no clock waited for. A step's segments and e-mails are poured, second by
second, through senders of the documented rates, within the lawful hours that quiet_hours.py gives
for Washington, with carriers' daily caps; each of three steps is due on a day of its own. The
assumptions are constants below, so that anyone can change them and run it again.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

SENIORS = 85_000
PHONES, EMAILS = 120_000, 80_000  # 200,000 addresses
# Of the addresses of one step, the share that a later step still writes to: families finish.
STILL = (1.0, 0.8, 0.6)
# Languages and how many parts a text has in each: a plain English text with the school's name and
# a link is two parts of GSM, most others are UCS-2 and have three (RULES.md 1, segments.py).
PARTS = {"GSM, two parts": (0.80, 2), "UCS-2, three parts": (0.20, 3)}
T_MOBILE = 0.35  # of the phones
ZONE = ZoneInfo("America/Los_Angeles")
LAUNCHES = (
    dt.datetime(2027, 1, 12, 17, 0, tzinfo=ZONE),
    dt.datetime(2027, 2, 2, 17, 0, tzinfo=ZONE),
    dt.datetime(2027, 2, 23, 17, 0, tzinfo=ZONE),
)
SMS_PRICE, EMAIL_PRICE = 0.0118, 0.0009  # a part of a text with carriers' fees; an e-mail
EMAIL_RATE = 600.0  # a second, assumed: far under what one worker hands over (make bench)


@dataclass(frozen=True)
class SetUp:
    """Senders of one kind: how many, how fast each, what T-Mobile takes a day of their brand."""

    name: str
    senders: int
    rate: float  # segments a second each
    t_mobile_a_day: int | None = None
    setup_dollars: float = 0
    monthly_dollars: float = 0


# Rates and daily caps of 10DLC by vetting score: Telnyx and AWS, as documented in 2026 (AT&T's
# classes T, E, C and A); toll-free and short codes: Twilio's defaults. Fees: Twilio's list prices
# of 2026: brand and vetting 61, a campaign 10 and a number 1.15 a month, toll-free 2.15, a short
# code 1,000.
SET_UPS = (
    SetUp("one toll-free number", 1, 3, None, 0, 2.15),
    SetUp("one 10DLC campaign, not vetted", 1, 1.25, 2_000, 20, 11.15),
    SetUp("one 10DLC campaign, low score", 1, 4, 10_000, 61, 11.15),
    SetUp("one 10DLC campaign, middle score", 1, 40, 40_000, 61, 11.15),
    SetUp("one 10DLC campaign, top score", 1, 75, 200_000, 61, 11.15),
    SetUp("40 districts, 10DLC of low score each", 40, 4, 10_000, 61 * 40, 11.15 * 40),
    SetUp("295 districts, toll-free each", 295, 3, None, 0, 2.15 * 295),
    SetUp("one short code", 1, 100, None, 0, 1_000),
)


def segments_of(phones: float) -> float:
    """Parts that one step's texts have together."""
    return phones * sum(share * parts for share, parts in PARTS.values())


def lawful_days(start: dt.datetime) -> Iterator[tuple[dt.datetime, float]]:
    """The openings from `start` on and the seconds that each lasts, by Washington's hours."""
    from campaigns.timing import quiet_hours

    now = start
    while True:
        opens = quiet_hours.next_open(now, state="WA", zone=ZONE.key)
        assert opens is not None
        closes = quiet_hours.next_close(opens, state="WA", zone=ZONE.key)
        yield opens, (closes - opens).total_seconds()
        now = closes


def pour(start: dt.datetime, segments: float, set_up: SetUp) -> tuple[dt.datetime, float]:
    """When the last segment is out, and the lawful seconds that it took.

    T-Mobile's share has its own cap a day; the rest only the senders' rate. Phones are spread over
    the senders evenly, so the pace is their sum.
    """
    rate = set_up.senders * set_up.rate
    capped = segments * T_MOBILE if set_up.t_mobile_a_day else 0.0
    free = segments - capped
    seconds = 0.0
    for opens, length in lawful_days(start):
        room = rate * length
        today = min(capped, (set_up.t_mobile_a_day or 0) * set_up.senders, room)
        others = min(free, room - today)
        capped, free = capped - today, free - others
        spent = (today + others) / rate
        seconds += spent
        if capped + free < 1e-6:
            return opens + dt.timedelta(seconds=spent), seconds
    raise AssertionError("lawful days never end")


def simulate(set_up: SetUp) -> dict[str, str]:
    """One row of the table: each step's time, all steps' money."""
    row = {"set-up": set_up.name, "segments/s": f"{set_up.senders * set_up.rate:,.0f}"}
    dollars = 0.0
    for number, (launch, still) in enumerate(zip(LAUNCHES, STILL, strict=True), start=1):
        segments, emails = segments_of(PHONES * still), EMAILS * still
        done, seconds = pour(launch, segments, set_up)
        nights = (done.astimezone(ZONE).date() - launch.date()).days
        row[f"step {number}"] = f"{seconds / 3600:.1f} h" + (f", {nights} nights" if nights else "")
        dollars += segments * SMS_PRICE + emails * EMAIL_PRICE
    row["messages"] = f"${dollars:,.0f}"
    row["senders, first month"] = f"${set_up.setup_dollars + set_up.monthly_dollars:,.0f}"
    return row


def main() -> None:
    """Prints the tables of docs/capacity.md."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from benchmarks.run import table

    print(f"{SENIORS:,} seniors, {PHONES:,} phones, {EMAILS:,} e-mails")  # noqa: T201
    for number, still in enumerate(STILL, start=1):
        print(  # noqa: T201
            f"step {number}: {PHONES * still:,.0f} texts = {segments_of(PHONES * still):,.0f} "
            f"segments; {EMAILS * still:,.0f} e-mails in {EMAILS * still / EMAIL_RATE / 60:.1f} min"
        )
    print(table([simulate(set_up) for set_up in SET_UPS]))  # noqa: T201


if __name__ == "__main__":
    main()

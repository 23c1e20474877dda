"""`make bench`, one part: messages a second through the outbox, beside its peers, in one run.

Texts: the plain loop over Twilio's own client, which sends one after the other, and a bare loop of
`aiohttp` with as many requests in flight as we have, which is as fast as it gets: no database, no
record of who got what. E-mail: django-post-office over django-anymail's SendGrid backend. All
against one local provider, in a process of its own, that answers after `wait` seconds (0.05 is
about what a real one takes).

Ours does all that it does in earnest: makes the messages, checks consent, suppression and hours in
the claim, words each one, keeps the outcome; and it only counts if each message arrived once.
Every row is measured in a fresh process, whose peak memory is shown.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from typing import Any

from benchmarks.databases import database as fresh
from benchmarks.provider import running

PEERS_SEND = 200  # of peers that take 50 ms a message: their rate does not change with more


def measure(count: int, wait: float, postgres: str, seats: int = 50) -> list[dict[str, Any]]:
    """A row a way of sending, on each database."""
    with running(wait) as provider:
        few = min(count, PEERS_SEND)
        rows = [
            _row("sms", "twilio loop", "-", _in_a_process("plain", few, provider)),
            _row("sms", f"bare aiohttp, {seats}", "-", _in_a_process("bare", count, provider)),
        ]
        for name, url in _databases(postgres):
            with fresh(url) as database:
                rows.append(
                    _row("sms", "aidbeacon", name, _in_a_process("sms", count, provider, database))
                )
        with fresh("") as database:
            peer = _in_a_process("post-office", few, provider, database)
            rows.append(_row("email", "post-office + anymail", "SQLite", peer))
        for name, url in _databases(postgres):
            with fresh(url) as database:
                ours = _in_a_process("email", count, provider, database)
                rows.append(_row("email", "aidbeacon", name, ours))
    return _with_ratios(rows)


def measure_sizes(sizes: list[int], postgres: str) -> list[dict[str, Any]]:
    """Making and sending out of ever larger campaigns: what a message costs, and what it costs the
    plain way (`bulk_create` of the same rows)."""
    rows = []
    for size in sizes:
        for name, url in _databases(postgres):
            with fresh(url) as database:
                found = _in_a_process("sizes", size, "http://127.0.0.1:1", database)
                rows.append({"messages": size, "database": name, **found})
    return rows


def _row(channel: str, way: str, database: str, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "channel": channel,
        "way": way,
        "database": database,
        "messages": found["messages"],
        "per_second": round(found["messages"] / found["seconds"]),
        "peak_mb": found["peak_mb"],
    }


def _with_ratios(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each way beside the first of its channel and, for texts, beside the bare loop."""
    first = {row["channel"]: row["per_second"] for row in reversed(rows)}
    bare = next(row["per_second"] for row in rows if row["way"].startswith("bare"))
    for row in rows:
        row["ratio"] = round(row["per_second"] / first[row["channel"]], 1)
        row["of_bare"] = f"{row['per_second'] / bare:.0%}" if row["channel"] == "sms" else "-"
    return rows


def _in_a_process(
    what: str, count: int, provider: str, database: str = "sqlite://:memory:"
) -> dict[str, Any]:
    """What `benchmarks.sender` says of one way of sending."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.sender", what, str(count), provider],
        env={**os.environ, "DATABASE_URL": database},
        check=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, Any] = json.loads(done.stdout.decode().splitlines()[-1])
    if what in ("sms", "email"):
        with urllib.request.urlopen(f"{provider}/counted") as answer:
            arrived = json.load(answer)[what]
        assert arrived == count, f"{arrived} of {count} arrived"
    elif provider.count(":") == 2 and not provider.endswith(":1"):
        urllib.request.urlopen(f"{provider}/counted").close()
    return found


def _databases(postgres: str) -> list[tuple[str, str]]:
    return [("SQLite", ""), *([("PostgreSQL", postgres)] if postgres else [])]

"""`make bench`, a part: the contacts room's pages with few contact points and with a million.

Each page is asked for as its reader does, through the whole of Django. What is told: how many
queries it takes, which of the big tables a query walks (none should, but for the count of a list,
which stops at some thousands: "counted"), and how many times as long the page takes as with a
hundredth of the records.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.databases import told_by

FEW = 10_000
BIG = (
    "contacts_student", "contacts_contact", "contacts_contactpoint", "contacts_guardianship",
    "contacts_nameword", "contacts_consententry", "contacts_suppression", "contacts_household",
    "contacts_importchange", "contacts_aidstatusentry",
)  # fmt: skip
_SQLITE_WALK = re.compile(r"\bSCAN (\w+)(?! USING (?:COVERING )?INDEX)")
_POSTGRES_WALK = re.compile(r"\bSeq Scan on (\w+)")
TURNS = 3


def pages(made: Any) -> list[tuple[str, Any, str]]:
    """What is asked for: its name, who asks, and the address."""
    from django.urls import reverse

    from benchmarks.records import LAST

    families = reverse("contacts")
    student, owner, counselor = made.student, made.owner, made.counselor
    number = int(student.sis_id[1:])
    guardian = student.guardians.get()
    lists = {
        "list": "",
        "list, page 40": "page=40",
        "school": f"school={made.school.pk}",
        "language": "language=vi",
        "status": "status=completed",
        "reachable": "reachable=any",
        "reachable by text": "reachable=sms",
        "unreachable": "reachable=none",
        "consent withdrawn": "consent=withdrawn",
        "grade": "grade=11",
        "tag": f"tag={made.tag.pk}",
        "left": "gone=yes",
        "rare name": f"q={student.last_name.split()[-1]}",
        "common name": f"q={LAST[0]}",
        "two names": f"q=ana+{LAST[0]}-1",
        "phone": f"q=206{2_000_000 + number:07d}",
        "e-mail": f"q=family{number}@example.org",
        "student id": f"q={student.sis_id}",
    }
    return [
        *((name, owner, f"{families}?{query}") for name, query in lists.items()),
        ("counselor's list", counselor, families),
        ("counselor's search", counselor, f"{families}?q={LAST[0]}"),
        ("counselor's unreachable", counselor, f"{families}?reachable=none"),
        ("student", owner, student.get_absolute_url()),
        ("guardian", owner, guardian.get_absolute_url()),
        ("who may be the same", owner, reverse("contact-merge", args=[guardian.pk])),
        ("doubles", owner, reverse("contact-doubles")),
        ("imports", owner, reverse("contact-imports")),
        ("one import", owner, made.upload.get_absolute_url()),
    ]


def child(points: int) -> list[dict[str, Any]]:
    """Fills this process's database, then asks for every page a few times."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from benchmarks import records

    settings.ALLOWED_HOSTS = ["testserver"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}  # nothing was collected here
    made = records.make(points, timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found = []
    for name, user, address in pages(made):
        client = Client()
        client.force_login(user)
        best, asked = 0.0, []
        for turn in range(TURNS):
            with heard_by(connection) as heard:
                began = time.perf_counter()
                status = client.get(address).status_code
                took = time.perf_counter() - began
            assert status == 200, (name, status)
            best, asked = (took if turn == 0 else min(best, took)), heard
        found.append(
            {
                "page": name,
                "queries": len(asked),
                "ms": round(best * 1_000, 1),
                "walks": sorted({told for sql, params in asked for told in _told(sql, params)}),
            }
        )
    return found


@contextmanager
def heard_by(connection: Any) -> Iterator[list[tuple[str, Any]]]:
    """The queries that go through a connection meanwhile, with their parameters."""
    heard: list[tuple[str, Any]] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        heard.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield heard


def _told(sql: str, params: Any) -> set[str]:
    from schools.paging import COUNTED

    stops = f"LIMIT {COUNTED + 1})" in sql
    return {f"{table}, counted" if stops else table for table in walks(sql, params)}


def walks(sql: str, params: Any, big: Sequence[str] = BIG) -> set[str]:
    """The big tables that the database would read from end to end for this query."""
    from django.db import connection

    if not sql.lstrip("( ").upper().startswith(("SELECT", "WITH")):
        return set()
    how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{how} {sql}", params)
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    pattern = _SQLITE_WALK if connection.vendor == "sqlite" else _POSTGRES_WALK
    names = {name: name for name in big} | _aliases(sql, big)
    return {names[name] for name in pattern.findall(plan) if name in names}


def _aliases(sql: str, big: Sequence[str]) -> dict[str, str]:
    """SQLite's plans speak of tables by the names that the query gives them."""
    found = re.findall(r'(?:FROM|JOIN) "(\w+)" (?!ON|WHERE|INNER|LEFT|ORDER)"?(\w+)', sql)
    return {alias: table for table, alias in found if table in big}


def measure(points: int, postgres: str) -> list[dict[str, Any]]:
    return list(told_by("benchmarks.pages", "--points", str(points), postgres=postgres))


def compare(points: int, postgres: str) -> list[dict[str, Any]]:
    """A row a page and database: with `points` contact points, beside a hundredth of a million."""
    rows = []
    for name, url in (("SQLite", ""), *([("PostgreSQL", postgres)] if postgres else [])):
        few = {page["page"]: page for page in measure(min(FEW, points), url)}
        for page in measure(points, url):
            before = few[page["page"]]
            rows.append(
                {
                    "database": name,
                    "page": page["page"],
                    "queries": page["queries"],
                    "queries_few": before["queries"],
                    "ms": page["ms"],
                    "ms_few": before["ms"],
                    "times_as_long": round(page["ms"] / before["ms"], 1),
                    "walks": " ".join(page["walks"]) or "-",
                }
            )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, required=True)
    print(json.dumps(child(parser.parse_args().points)))  # noqa: T201


if __name__ == "__main__":
    main()

"""`make bench`, another part: bringing in a district's families, beside django-import-export.

Each figure comes from a process of its own on a database of its own, so that the peak of memory
is its own too. The peer gets fewer rows, for it takes minutes for what takes seconds here; what
is compared is the time a row: by the clock, and by what the importing process's own processor
time was, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.databases import told_by

HEADERS = (
    "student_id,student_first_name,student_last_name,birth_date,grade,school,language,"
    "guardian_first_name,guardian_last_name,guardian_relationship,guardian_phone,guardian_email"
)
FIRST = ["Ana", "Luis", "Mai", "Ngoc", "Fatima", "Ivan", "Olena", "José", "Wei", "Amina"]
LAST = ["Lopez", "Tran", "Nguyen", "Ahmed", "Petrov", "García", "Chen", "Haile", "Johnson"]
ENDINGS = ["", "bel", "dora", "el", "fine", "gail", "ina", "jo", "ka", "lise", "mar", "nora",
           "oni", "pia", "rika", "sa", "tine", "uma", "vera", "ya", "zo"]  # fmt: skip
AREAS = ["206", "253", "360", "425", "509"]


def write_file(path: Path, rows: int, schools: list[str]) -> None:
    """One row a guardian; every tenth family has two seniors, who share phone and e-mail."""
    chance = random.Random(7)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS.split(","))
        family = ["", "", ""]
        for number in range(rows):
            if number % 10 != 1:
                phone = (
                    f"({AREAS[number % 5]}) {200 + number // 50_000:03d}-{number // 5 % 10_000:04d}"
                )
                family = [
                    chance.choice(FIRST),
                    f"{chance.choice(LAST)}-{chance.choice(LAST)}",
                    phone,
                ]
            writer.writerow(
                [
                    f"S{number:07d}",
                    chance.choice(FIRST) + chance.choice(ENDINGS),  # as few namesakes as in life
                    family[1],
                    f"20{number % 2 + 8:02d}-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
                    "12",
                    schools[number % 10 // 2 % len(schools)],
                    chance.choice(["English", "Spanish", "Somali", "Vietnamese", "Russian"]),
                    family[0],
                    family[1],
                    "Mother",
                    family[2],
                    f"family{family[2][1:4]}{family[2][6:9]}{family[2][10:]}@example.org",
                ]
            )


def child(who: str, rows: int) -> dict[str, Any]:
    """Fresh and again, in this process: microseconds a row and megabytes at the peak."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.utils import timezone

    from config.quickstart import moments, places
    from schools.models import District

    now = timezone.now()
    places.make(moments.at(now).cycle)
    district = District.objects.get(nces_id=places.JUNIPER.nces_id)
    schools = [school.nces_id for school in district.schools.order_by("pk")]
    figures: dict[str, Any] = {"rows": rows}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "families.csv")
        write_file(path, rows, schools)
        for turn in ("fresh", "again"):
            began, worked = time.perf_counter(), time.process_time()
            if who == "peer":
                from benchmarks import import_peer

                import_peer.run(path, district, now, rows)
            else:
                _ours(path, district, turn, rows)
            figures[turn] = round((time.perf_counter() - began) / rows * 1_000_000)
            figures[f"cpu_{turn}"] = round((time.process_time() - worked) / rows * 1_000_000)
    figures["mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return figures


def _ours(path: Path, district: Any, turn: str, rows: int) -> None:
    from django.utils import timezone

    from contacts.imports.run import run

    with path.open("rb") as file:
        report = run(path.name, file, district=district, now=timezone.now())
    found = (report.created, report.unchanged)
    assert found == ((rows, 0) if turn == "fresh" else (0, rows)), report.counts()
    assert not report.problems, report.problems[:3]


def measure(who: str, rows: int, postgres: str) -> dict[str, Any]:
    arguments = ("--child", who, "--rows", str(rows))
    return dict(told_by("benchmarks.imports", *arguments, postgres=postgres))


def compare(rows: int, peer_rows: int, most_rows: int, postgres: str) -> list[dict[str, Any]]:
    """A row a database and size: ours, and how many times the peer's speed that is."""
    found = []
    for name, url in (("SQLite", ""), *([("PostgreSQL", postgres)] if postgres else [])):
        peer = measure("peer", peer_rows, url)
        for size in dict.fromkeys(filter(None, (rows // 10, rows, most_rows))):
            ours = measure("ours", size, url)
            found.append(
                {
                    "database": name,
                    "rows": size,
                    "fresh_us_a_row": ours["fresh"],
                    "again_us_a_row": ours["again"],
                    "peak_mb": ours["mb"],
                    "peer_fresh_us_a_row": peer["fresh"],
                    "peer_again_us_a_row": peer["again"],
                    "fresh_ratio": round(peer["fresh"] / ours["fresh"], 1),
                    "again_ratio": round(peer["again"] / ours["again"], 1),
                    "cpu_fresh_ratio": round(peer["cpu_fresh"] / ours["cpu_fresh"], 1),
                    "cpu_again_ratio": round(peer["cpu_again"] / ours["cpu_again"], 1),
                }
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", choices=["ours", "peer"], required=True)
    parser.add_argument("--rows", type=int, required=True)
    options = parser.parse_args()
    print(json.dumps(child(options.child, options.rows)))  # noqa: T201


if __name__ == "__main__":
    main()

"""`make bench`, a part: completion pages over a nation's schools, and a national file's import.

Each page is asked for through the whole of Django, words and pictures included: without summaries,
when all that it tells is worked out in Python from snapshots, and with them. A smaller place's page
also says how far it is from its state: so that takes the snapshots of the state, which a page
leaves out while a large state's summaries are being made, but not here. The import is timed beside
django-import-export on the same rows.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import nation
from benchmarks.databases import database

PEER_ROWS = 500
TURNS = 5


def addresses(state: str) -> dict[str, str]:
    """What is asked for of a state: its name and the address."""
    from schools.models import School

    one = School.objects.filter(state=state).select_related("district__region", "district__county")
    school = one[0]
    assert school.district and school.district.region and school.district.county
    place, region = f"/completion/states/{state}/", school.district.region
    return {
        "state": place,
        "state, page 2 by completed": f"{place}?sort=-completed&page=2",
        "state, side by side": f"{place}?view=side",
        "state, last cycle": f"{place}?cycle=2025-26",
        "state, CSV": f"{place}?format=csv",
        "state, Excel": f"{place}?format=xlsx",
        "state, PDF": f"{place}?format=pdf",
        "state, API": f"/api/v1/states/{state}",
        "state, API, schools": f"/api/v1/states/{state}/schools?page=2",
        "overview": "/completion/",
        "region": region.get_absolute_url(),
        "region, CSV": f"{region.get_absolute_url()}?format=csv",
        "region, PDF": f"{region.get_absolute_url()}?format=pdf",
        "region, API": f"/api/v1/regions/{region.code}",
        "region, public": f"/public/regions/{region.code}/",
        "county": school.district.county.get_absolute_url(),
        "district": school.district.get_absolute_url(),
        "school": school.get_absolute_url(),
        "school, PDF": f"{school.get_absolute_url()}?format=pdf",
    }


Taken = tuple[float, float, int]
"""Seconds by the clock, of this process's processor, and queries."""


def child(schools: int, students: int) -> dict[str, Any]:
    """Fills this process's database, then asks for every page with and without summaries."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from completion import summaries
    from completion.models import SchoolSummary, Snapshot, Summary
    from schools.models import School, User

    settings.ALLOWED_HOSTS = ["testserver"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    codes = nation.make(schools, students)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(User.objects.create_superuser("owner@example.org"))

    def page(address: str) -> Callable[[], object]:
        def ask() -> None:
            assert client.get(address).status_code == 200, address

        return ask

    largest, smallest = addresses(nation.REFERENCE), addresses(codes[-1])
    for address in smallest.values():
        if address != "/completion/":
            page(address)()  # templates and translations are read once
    every = School.objects.filter(state=nation.REFERENCE)
    usual, summaries.FEW = summaries.FEW, every.count() + 1  # every page tells all that it can
    plain_pages = {name: timed(page(address), 1) for name, address in largest.items()}
    summaries.FEW = usual
    made = make_in_a_process("all")
    newest = make_in_a_process("newest")
    quick = {name: timed(page(address), TURNS) for name, address in largest.items()}
    few = {name: timed(page(address), 1)[2] for name, address in smallest.items()}
    rows = []
    for name in largest:
        slow = plain_pages[name]
        clock, processor, queries = quick[name]
        rows.append(
            {
                "page": name,
                "queries": queries,
                "in_the_smallest_state": few[name],
                "ms": round(1000 * clock, 1),
                "cpu_ms": round(1000 * processor, 1),
                "plain_ms": round(1000 * slow[0], 1),
                "times": round(slow[0] / clock, 1),
                "cpu_times": round(slow[1] / processor, 1),
            }
        )
    return {
        "snapshots": Snapshot.objects.count(),
        "schools": School.objects.count(),
        "largest_state": every.count(),
        "students": students,
        "summaries": [
            {"made": "all cycles", **made},
            {"made": "the newest cycle", **newest},
        ],
        "summary_rows": Summary.objects.count() + SchoolSummary.objects.count(),
        "at": timezone.now().date().isoformat(),
        "pages": rows,
        "import": _import(),
    }


def timed(work: Callable[[], object], turns: int) -> Taken:
    """The best of some turns."""
    from django.db import connection

    from benchmarks.pages import heard_by

    best: Taken | None = None
    for _turn in range(turns):
        with heard_by(connection) as heard:
            clock, processor = time.perf_counter(), time.process_time()
            work()
            taken = (
                time.perf_counter() - clock,
                time.process_time() - processor,
                len(heard),
            )
        best = min(best, taken) if best else taken
    assert best
    return best


def make_in_a_process(which: str) -> dict[str, Any]:
    """Making them as a worker does: in a process of its own, whose peak of memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.completion", "--summaries", which],
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def make_summaries(which: str) -> dict[str, Any]:
    import django

    django.setup()
    from completion import summaries
    from schools.models import State

    if which == "newest":
        summaries.forget(State.objects.values_list("pk", flat=True), {"2026-27"})
    clock, processor = time.perf_counter(), time.process_time()
    places = summaries.refresh()
    return {
        "places": places,
        "seconds": round(time.perf_counter() - clock, 1),
        "cpu_seconds": round(time.process_time() - processor, 1),
        "peak_mb": _peak(),
    }


def _peak() -> int:
    """Of this very process; what `getrusage` tells begins with its parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return int(lines["VmHWM"].split()[0]) // 1024


def _import() -> dict[str, Any]:
    """A new week's national file, ours beside django-import-export into the same table."""
    import tablib
    from import_export import resources

    from completion.intake import bring_in
    from completion.models import Snapshot, SourceFile
    from schools.models import Cycle, School

    codes = list(School.objects.values_list("nces_id", flat=True))
    schools = dict(School.objects.values_list("nces_id", "pk"))
    cycle = "2026-27"
    Cycle.objects.get_or_create(name=cycle)
    source = SourceFile.objects.create(
        name="peer", sha256="peer", as_of=dt.date(2026, 10, 17), cycle_id=cycle
    )

    class Snapshots(resources.ModelResource):
        class Meta:
            model = Snapshot
            import_id_fields = ("school", "as_of", "source", "cycle")
            fields = ("school", "as_of", "submitted", "completed", "source", "cycle")
            skip_unchanged = True
            skip_html_diff = True

    def ours(day: str, codes: list[str]) -> None:
        lines = (f"{code},{day},60,40\n" for code in codes)
        content = "school_id,date,submitted,completed\n" + "".join(lines)
        bring_in(f"{day}.csv", content.encode(), cycle=cycle)

    def theirs(day: str, codes: list[str]) -> None:
        data = tablib.Dataset(
            *((schools[code], day, 60, 40, source.pk, cycle) for code in codes),
            headers=["school", "as_of", "submitted", "completed", "source", "cycle"],
        )
        Snapshots().import_data(data, dry_run=False, raise_errors=True, use_transactions=True)

    ours("2026-10-08", codes[:20])  # both have read their modules before they are timed
    theirs("2026-10-09", codes[:20])
    peer = codes[:PEER_ROWS]
    ours_took = timed(lambda: ours("2026-10-10", codes), 1)
    theirs_took = timed(lambda: theirs("2026-10-17", peer), 1)
    a_row = [took / len(codes) for took in ours_took[:2]]
    their_row = [took / len(peer) for took in theirs_took[:2]]
    return {
        "rows": len(codes),
        "rows_a_second": round(1 / a_row[0]),
        "import_export_rows_a_second": round(1 / their_row[0]),
        "times_as_fast": round(their_row[0] / a_row[0], 1),
        "cpu_times": round(their_row[1] / a_row[1], 1),
    }


def compare(schools: int, students: int, postgres: str) -> list[dict[str, Any]]:
    """What was found, for SQLite and, if asked, PostgreSQL."""
    rows = []
    for name, url in (("SQLite", ""), *([("PostgreSQL", postgres)] if postgres else [])):
        with database(url) as address:
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.completion",
                 "--schools", str(schools), "--students", str(students)],
                env=os.environ | {
                    "DATABASE_URL": address,
                    "DJANGO_SETTINGS_MODULE": "config.settings",
                    "LOG_LEVEL": "ERROR",
                },
                stdout=subprocess.PIPE,
                check=True,
            )  # fmt: skip
        rows.append({"database": name} | json.loads(done.stdout.splitlines()[-1]))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=600)
    parser.add_argument("--students", type=int, default=0)
    parser.add_argument("--summaries", choices=["all", "newest"])
    options = parser.parse_args()
    if options.summaries:
        found = make_summaries(options.summaries)
    else:
        found = child(options.schools, options.students)
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()

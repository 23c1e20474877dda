"""`make bench`, a part: completion pages over a nation's schools, and a national file's import.

Snapshots are made by the database itself: `schools` high schools in fifty states of very unlike
size, five cycles of forty weeks. Each page is asked for through the whole of Django, with its
summaries and without them (worked out from the snapshots in Python); told are its queries, and how
many times as fast the first is. The import is timed beside django-import-export on the same rows.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import time
from typing import Any

from benchmarks.databases import database

CYCLES, WEEKS = 5, 40
STATES = 50
REFERENCE = "WA"  # the largest of the made states bears a real one's name
PEER_ROWS = 500


def make(schools: int, students: int) -> None:
    """Fills the database by a few large statements."""
    from django.db import connection

    from completion.models import SourceFile
    from schools.models import Cycle, District, Enrolment, Region, School, State
    from schools.reference import known_states

    codes = [REFERENCE, *(c for c in known_states() if c != REFERENCE)][:STATES]
    State.objects.bulk_create(State(code=c, name=c, time_zone="UTC") for c in codes)
    weights = [1 / (n + 3) for n in range(len(codes))]
    each = [max(1, round(schools * w / sum(weights))) for w in weights]
    Region.objects.bulk_create(
        Region(code=f"{c.lower()}-{n}", name=f"{c} {n}", state_id=c)
        for c in codes
        for n in range(8)
    )
    regions = list(Region.objects.values_list("pk", "state"))
    by_state = {c: [pk for pk, state in regions if state == c] for c in codes}
    made: list[Any] = []
    districts = [
        District(
            nces_id=f"{number:02d}{n:05d}",
            name=f"{code} district {n}",
            state_id=code,
            region_id=by_state[code][n % 8],
        )
        for number, (code, count) in enumerate(zip(codes, each, strict=True))
        for n in range(max(1, count // 8))
    ]
    District.objects.bulk_create(districts, batch_size=1000)
    pks = dict(District.objects.values_list("nces_id", "pk"))
    for number, (code, count) in enumerate(zip(codes, each, strict=True)):
        inside = max(1, count // 8)
        made.extend(
            School(
                nces_id=f"{number:02d}{n % inside:05d}{n:05d}",
                name=f"School {n} of {code}",
                city="City",
                state_id=code,
                district_id=pks[f"{number:02d}{n % inside:05d}"],
                high_grade="12",
            )
            for n in range(count)
        )
    School.objects.bulk_create(made, batch_size=1000)
    names = [f"{2022 + n}-{23 + n}" for n in range(CYCLES)]
    Cycle.objects.bulk_create(Cycle(name=name) for name in names)
    ids = list(School.objects.values_list("pk", flat=True))
    for name in names:
        year = Cycle(name=name).senior_year
        Enrolment.objects.bulk_create(
            (Enrolment(school_id=pk, school_year=year, grade12=20 + pk % 400, source="bench")
             for pk in ids), batch_size=2000,
        )  # fmt: skip
        opened = dt.date(int(name[:4]) - 1, 10, 3)
        for week in range(WEEKS):
            day = opened + dt.timedelta(weeks=week)
            source = SourceFile.objects.create(
                name=f"{day}", sha256=f"{day}", as_of=day, cycle_id=name
            )
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO completion_snapshot (source_id, school_id, cycle_id, as_of, "
                    "submitted, completed, submitted_hidden, completed_hidden, rows, superseded) "
                    "SELECT %s, s.id, %s, %s, "
                    "CASE WHEN (20 + s.id %% 400) * %s / 70 < 5 THEN 0 "
                    "ELSE (20 + s.id %% 400) * %s / 70 END, "
                    "CASE WHEN (20 + s.id %% 400) * %s / 80 < 5 THEN 0 "
                    "ELSE (20 + s.id %% 400) * %s / 80 END, "
                    "CASE WHEN (20 + s.id %% 400) * %s / 70 < 5 THEN 1 ELSE 0 END, "
                    "CASE WHEN (20 + s.id %% 400) * %s / 80 < 5 THEN 1 ELSE 0 END, "
                    + ("'[]', 0 " if connection.vendor == "sqlite" else "'[]'::jsonb, false ")
                    + "FROM schools_school s",
                    [source.pk, name, day, *([week] * 6)],
                )
    if students:
        _students(students, ids, names[-1])


def _students(students: int, schools: list[int], cycle: str) -> None:
    """Students beside them, whom no completion page should ever walk."""
    from contacts.models import Household, Student
    from schools.models import School

    district_of = dict(School.objects.values_list("pk", "district"))
    for start in range(0, students, 20_000):
        numbers = range(start, min(students, start + 20_000))
        homes = [Household(district_id=district_of[schools[n % len(schools)]]) for n in numbers]
        Household.objects.bulk_create(homes, batch_size=2000)
        Student.objects.bulk_create(
            (Student(district_id=home.district_id, school_id=schools[n % len(schools)],
                     household=home, cycle_id=cycle, sis_id=f"S{n}", first_name="A",
                     last_name="B", aid_status="completed" if n % 3 else "not_started")
             for n, home in zip(numbers, homes, strict=True)), batch_size=2000,
        )  # fmt: skip


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

    from benchmarks.pages import heard_by
    from completion import summaries
    from completion.models import Snapshot, Summary
    from schools.models import School, State, User

    settings.ALLOWED_HOSTS = ["testserver"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    make(schools, students)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(User.objects.create_superuser("owner@example.org"))
    largest = School.objects.filter(state=REFERENCE)
    one = largest.select_related("district__region")[0]
    assert one.district and one.district.region
    addresses = {
        "state": f"/completion/states/{REFERENCE}/",
        "state, page 2 by completed": f"/completion/states/{REFERENCE}/?sort=-completed&page=2",
        "region": one.district.region.get_absolute_url(),
        "overview": "/completion/",
        "district": one.district.get_absolute_url(),
        "school": one.get_absolute_url(),
    }

    def ask(address: str, turns: int) -> tuple[float, int]:
        best, queries = 0.0, 0
        for turn in range(turns):
            with heard_by(connection) as heard:
                began = time.perf_counter()
                assert client.get(address).status_code == 200, address
                took = time.perf_counter() - began
            best, queries = (took if turn == 0 else min(best, took)), len(heard)
        return best, queries

    slow = {name: ask(address, 1) for name, address in addresses.items()}
    began = time.perf_counter()
    places = summaries.refresh(State.objects.values_list("pk", flat=True))
    refresh = time.perf_counter() - began
    quick = {name: ask(address, 3) for name, address in addresses.items()}
    pages = [
        {
            "page": name,
            "queries": quick[name][1],
            "ms": round(1000 * quick[name][0], 1),
            "ms_from_snapshots": round(1000 * slow[name][0], 1),
            "times_as_fast": round(slow[name][0] / quick[name][0], 1),
        }
        for name in addresses
    ]
    return {
        "snapshots": Snapshot.objects.count(),
        "schools": School.objects.count(),
        "largest_state": largest.count(),
        "students": students,
        "places": places,
        "summaries": Summary.objects.count(),
        "seconds_to_make_all": round(refresh, 1),
        "at": timezone.now().date().isoformat(),
        "pages": pages,
        "import": _import(),
    }


def _import() -> dict[str, Any]:
    """A new week's national file, ours beside django-import-export into the same table."""
    import tablib
    from import_export import resources

    from completion.intake import bring_in
    from completion.models import Snapshot, SourceFile
    from schools.models import School

    day = "2026-10-10"
    header = "school_id,date,submitted,completed\n"
    rows = [(nces, day, 60, 40) for nces in School.objects.values_list("nces_id", flat=True)]
    content = header + "".join(f"{n},{d},{s},{c}\n" for n, d, s, c in rows)
    began = time.perf_counter()
    bring_in("national.csv", content.encode(), cycle="2026-27")
    ours = len(rows) / (time.perf_counter() - began)

    schools = dict(School.objects.values_list("nces_id", "pk"))
    source = SourceFile.objects.create(
        name="peer", sha256="peer", as_of=dt.date(2026, 10, 17), cycle_id="2026-27"
    )

    class Snapshots(resources.ModelResource):
        class Meta:
            model = Snapshot
            import_id_fields = ("school", "as_of", "source", "cycle")
            fields = ("school", "as_of", "submitted", "completed", "source", "cycle")
            skip_unchanged = True
            skip_html_diff = True

    peer = rows[:PEER_ROWS]
    data = tablib.Dataset(
        *((schools[n], "2026-10-17", s, c, source.pk, "2026-27") for n, _d, s, c in peer),
        headers=["school", "as_of", "submitted", "completed", "source", "cycle"],
    )
    began = time.perf_counter()
    Snapshots().import_data(data, dry_run=False, raise_errors=True, use_transactions=True)
    theirs = len(peer) / (time.perf_counter() - began)
    return {
        "rows": len(rows),
        "rows_a_second": round(ours),
        "import_export_rows_a_second": round(theirs),
        "times_as_fast": round(ours / theirs, 1),
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
    parser.add_argument("--schools", type=int, required=True)
    parser.add_argument("--students", type=int, default=0)
    options = parser.parse_args()
    print(json.dumps(child(options.schools, options.students)))  # noqa: T201


if __name__ == "__main__":
    main()

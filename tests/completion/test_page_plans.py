"""Each completion page asks as many questions of a large state as of a small one, and finds what it
shows by an index: nobody walks through a nation's snapshots or summaries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from benchmarks.pages import heard_by, walks
from completion import summaries
from completion.intake import bring_in
from completion.models import Snapshot
from schools.models import County, Cycle, District, Enrolment, Region, School, User
from tests.completion.conftest import make_school, publish

BIG = ("completion_snapshot", "completion_schoolsummary", "completion_summary", "schools_enrolment")


pytestmark = pytest.mark.usefixtures("no_preference_for_small_tables")


@pytest.fixture
def owner(db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("owner@example.org", "secret"))
    return client


def grow(region: Region, schools: int) -> School:
    """So many schools of one district, with seniors and three weeks of two cycles."""
    county, _new = County.objects.get_or_create(
        fips="53035", defaults={"name": "Kitsap", "state": region.state}
    )
    district, _new = District.objects.get_or_create(
        nces_id="5300077",
        defaults={"name": "Pine", "state": region.state, "region": region, "county": county},
    )
    have = district.schools.count()
    made = [make_school(district, have + n, low_income_percent=40) for n in range(1, schools + 1)]
    Enrolment.objects.bulk_create(
        Enrolment(school=each, school_year=year, grade12=100, source="count")
        for each in made
        for year in ("2024-25", "2025-26")
    )
    for day in ("2025-03-07", "2026-02-27", "2026-03-06", "2026-03-13"):
        first = publish(made[0], day, 60, 40)
        Snapshot.objects.bulk_create(
            Snapshot(source=first.source, school=each, cycle=first.cycle, as_of=first.as_of,
                     submitted=60 + n % 9, completed=40 + n % 9)
            for n, each in enumerate(made[1:])
        )  # fmt: skip
    region.is_public = True
    region.save()
    summaries.make(region.state_id, now=timezone.now())
    return made[0]


def addresses(school: School) -> dict[str, str]:
    assert school.district and school.district.region and school.district.county
    places = {
        "state": school.state,
        "region": school.district.region,
        "county": school.district.county,
        "district": school.district,
    }
    queries = ("", "?sort=name", "?view=side", "?format=csv", "?format=xlsx", "?format=pdf")
    return {
        **{
            f"{kind} {query}": place.get_absolute_url() + query
            for kind, place in places.items()
            for query in queries
        },
        "overview": "/completion/",
        "school": school.get_absolute_url(),
        "school as PDF": school.get_absolute_url() + "?format=pdf",
        "public": f"/public/regions/{school.district.region.code}/",
        "API": f"/api/v1/regions/{school.district.region.code}",
        "API, schools": f"/api/v1/states/{school.state_id}/schools",
        "API, school": f"/api/v1/schools/{school.nces_id}",
    }


def asked_for(client: Client, address: str) -> list[tuple[str, Any]]:
    with heard_by(connection) as heard:
        assert client.get(address).status_code == 200, address
    return heard


def test_no_page_asks_more_of_many_schools_than_of_few(owner: Client, region: Region) -> None:
    counts: list[dict[str, int]] = []
    for schools in (6, 60):
        pages = addresses(grow(region, schools))
        for address in pages.values():
            owner.get(address)  # what is read once a process
        counts.append({name: len(asked_for(owner, pages[name])) for name in pages})
    assert counts[0] == counts[1]
    assert max(counts[0].values()) <= 20


def test_what_pages_show_comes_by_an_index_and_no_snapshot_is_read(
    owner: Client, region: Region
) -> None:
    pages = addresses(grow(region, 60))
    assert (
        walks("SELECT rate FROM completion_schoolsummary", (), BIG) or connection.vendor != "sqlite"
    )
    for name, address in pages.items():
        asked = asked_for(owner, address)
        assert {table for sql, params in asked for table in walks(sql, params, BIG)} == set(), name
        if name != "school":  # whose page tells of each week's file and row, found by key
            assert not any('FROM "completion_snapshot"' in sql for sql, _params in asked), name


def test_a_file_costs_what_it_holds_and_not_what_is_there(region: Region) -> None:
    """The older word on a file's figures is found by key, never by a walk through all of them."""
    school = grow(region, 60)
    assert Cycle.objects.count() == 2
    content = f"school_id,date,submitted,completed\n{school.nces_id},2026-03-13,70,50\n"
    with heard_by(connection) as heard:
        bring_in("own.csv", content.encode())
    asked = [(sql, params) for sql, params in heard if "completion_snapshot" in sql]
    for sql, params in asked:
        found = sql.strip()
        if found.startswith("UPDATE"):
            found = "SELECT 1 FROM completion_snapshot " + found[found.index("WHERE") :]
        assert not walks(found, params, BIG), found
    [older] = Snapshot.objects.filter(superseded=True)
    assert (older.school, older.as_of) == (school, dt.date(2026, 3, 13))

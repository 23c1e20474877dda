"""Each page asks as many questions of a million families as of one, and reads no table through."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from benchmarks.pages import heard_by, walks
from contacts.models import ContactImport, Student, Tag
from schools.models import District, User
from schools.paging import CappedPaginator
from tests.contacts.builders import family
from tests.contacts.test_import import import_

# What is found by a key, a name or an address must come by an index, whatever the page.
BY_INDEX = {
    "name": "q=maria",
    "two names": "q=maria+lop",
    "phone": "q=206-555-0101",
    "e-mail": "q=maria1@lakeview.example",
    "student id": "q=S0001",
    "tag": "tag={tag}",
    "school": "school={school}",
    "consent": "consent=withdrawn",
}
WALKED_IN_ORDER = {
    "list": "",
    "language": "language=es",
    "status": "status=not_started",
    "reachable": "reachable=any",
    "unreachable": "reachable=none",
    "grade": "grade=12",
    "left": "gone=yes",
}


pytestmark = pytest.mark.usefixtures("no_preference_for_small_tables")


@pytest.fixture
def owner(db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("owner@example.org", "secret"))
    return client


def grow(district: District, families: int) -> None:
    import_(district, *[family(n, student_phone=f"206-555-01{n + 50}") for n in range(families)])
    tag, _new = Tag.objects.get_or_create(district=district, name="College Bound")
    tag.students.set(Student.objects.all())


def addresses(district: District) -> dict[str, str]:
    student = Student.objects.get(sis_id="S0001")
    upload = ContactImport.objects.latest("pk")
    values = {"tag": Tag.objects.get().pk, "school": student.school_id}
    families = reverse("contacts")
    return {
        **{name: f"{families}?{query.format(**values)}"
           for name, query in {**BY_INDEX, **WALKED_IN_ORDER}.items()},
        "student": student.get_absolute_url(),
        "guardian": student.guardians.get().get_absolute_url(),
        "who may be the same": reverse("contact-merge", args=[student.guardians.get().pk]),
        "doubles": reverse("contact-doubles"),
        "imports": reverse("contact-imports"),
        "one import": upload.get_absolute_url(),
        "inbox": reverse("inbox"),
    }  # fmt: skip


def asked_for(client: Client, address: str) -> list[tuple[str, Any]]:
    with heard_by(connection) as heard:
        assert client.get(address).status_code == 200
    return heard


def test_no_page_asks_more_of_many_families_than_of_few(district: District, owner: Client) -> None:
    counts: list[dict[str, int]] = []
    for families in (3, 40):
        grow(district, families)
        pages = addresses(district)
        counts.append({name: len(asked_for(owner, pages[name])) for name in pages})
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "page", [*BY_INDEX, "student", "guardian", "who may be the same", "one import", "inbox"]
)
def test_what_is_asked_for_comes_by_an_index(district: District, owner: Client, page: str) -> None:
    grow(district, 40)
    asked = asked_for(owner, addresses(district)[page])
    assert {table for sql, params in asked for table in walks(sql, params)} == set()


@pytest.mark.parametrize("page", WALKED_IN_ORDER)
def test_a_list_walks_its_index_and_counts_no_further_than_anybody_leafs(
    district: District, owner: Client, page: str
) -> None:
    grow(district, 40)
    asked = asked_for(owner, addresses(district)[page])
    for sql, params in asked:
        assert not walks(sql, params) or "LIMIT 10001" in sql


def test_a_count_stops_where_nobody_leafs_any_more(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schools.paging.COUNTED", 5)
    grow(district, 8)
    paginator = CappedPaginator(Student.objects.order_by("last_name"), 2)
    assert (paginator.count, paginator.num_pages, paginator.has_more) == (5, 3, True)
    few = CappedPaginator(Student.objects.filter(sis_id="S0001"), 2)
    assert (few.count, few.has_more) == (1, False)

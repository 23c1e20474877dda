"""A family is found by what a counselor knows of it, however many there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts import consent, directory
from contacts.crypto import blind_index
from contacts.models import Channel, ContactPoint, Student, Suppression, Tag
from schools.models import District, User
from tests.contacts.builders import NOW, family
from tests.contacts.test_import import import_


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_superuser("owner@example.org", "secret")


def names(owner: User, **asked: str) -> list[str]:
    return sorted(directory.found(owner, asked).values_list("sis_id", flat=True))


@pytest.fixture
def town(district: District) -> District:
    import_(
        district,
        family(1, student_last_name="López Ruiz", guardian_first_name="Guadalupe"),
        family(
            2,
            student_last_name="Nguyen",
            guardian_last_name="Nguyen",
            language="Vietnamese",
            guardian_email="",
        ),
        family(
            3,
            student_last_name="O'Brien",
            guardian_last_name="Reyes",
            guardian_phone="",
            guardian_email="",
            grade="11",
        ),
    )
    return district


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("lopez", ["S0001"]),
        ("RUI", ["S0001"]),
        ("guada", ["S0001"]),
        ("guada rui", ["S0001"]),
        ("nguyen guada", []),
        ("(206) 555-0102", ["S0002"]),
        ("S0003", ["S0003"]),
        ("pez", []),
    ],
)
def test_a_family_is_found_by_the_beginnings_of_names_a_whole_address_or_an_id(
    town: District, owner: User, text: str, who: list[str]
) -> None:
    assert names(owner, q=text) == who


def test_filters_narrow_what_is_found(town: District, owner: User) -> None:
    assert names(owner, language="vi") == ["S0002"]
    assert names(owner, grade="11") == ["S0003"]
    assert names(owner, reachable="none") == ["S0003"]
    assert names(owner, reachable="email") == ["S0001"]
    assert names(owner, reachable="any") == ["S0001", "S0002"]
    assert names(owner, status="completed") == []


def test_a_family_that_stopped_is_found_by_its_consent(town: District, owner: User) -> None:
    index = blind_index(Channel.SMS, "+12065550102")
    consent.withdraw(Channel.SMS, index, reason=Suppression.Reason.STOP, basis="STOP", at=NOW)
    assert names(owner, consent="withdrawn") == ["S0002"]
    assert names(owner, consent="implied") == ["S0001"]


def test_those_who_left_are_found_apart(town: District, owner: User) -> None:
    import_(town, family(1))
    assert names(owner, gone="yes") == ["S0002"]
    assert "S0002" not in names(owner)


def test_a_renamed_guardian_is_found_by_the_new_name_alone(district: District, owner: User) -> None:
    who = {"guardian_id": "G1", "student_last_name": "Ruiz"}
    import_(district, family(1, **who, guardian_last_name="Lopez"))
    import_(district, family(1, **who, guardian_last_name="Montes"))
    assert names(owner, q="montes") == ["S0001"]
    assert names(owner, q="lopez") == []


def test_the_search_walks_an_index(town: District, owner: User) -> None:
    found = directory.found(owner, {"q": "lop"})
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = found.explain()
    assert "contacts_nameword_word" in plan
    assert "SCAN contacts_nameword" not in plan


def test_a_page_asks_for_reach_of_its_own_students_only(town: District, owner: User) -> None:
    keys = directory.in_order(directory.found(owner, {}))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        keys.count()
        students = directory.dressed(keys[:2])
    assert [s.sis_id for s in students] == ["S0001", "S0002"]
    assert len(queries) <= 5
    assert "suppression" not in queries[0]["sql"]


def test_a_number_that_two_families_share_finds_both(district: District, owner: User) -> None:
    import_(district, family(1), family(2, guardian_phone="206-555-0101"))
    assert names(owner, q="206-555-0101") == ["S0001", "S0002"]
    assert Student.objects.count() == 2


ASKED = {
    "q": ["ana", "lopez", "206-555-0101", "maria2@lakeview.example"],
    "language": ["es", "vi"],
    "status": ["submitted", "not_started"],
    "reachable": ["any", "sms", "email", "none"],
    "consent": ["implied", "explicit", "withdrawn", "none"],
    "grade": ["11", "12"],
    "gone": ["", "yes"],
    "tagged": [False, True],
    "elsewhere": [False, True],
}


@pytest.fixture
def mixed(district: District) -> District:
    """Twelve families that differ in all that can be asked for."""
    import_(district, *(
        family(
            n,
            language=["Spanish", "Vietnamese"][n % 2],
            status=["submitted", "not started"][n % 3 == 0],
            guardian_phone="" if n % 4 == 3 else f"206-555-01{n:02d}",
            guardian_email="" if n % 5 == 3 else f"maria{n}@lakeview.example",
            grade=["11", "12"][n % 2],
            school=["Lakeview High School", "Cedar Ridge High School"][n % 3 == 1],
        )
        for n in range(1, 13)
    ))  # fmt: skip
    for n, point in enumerate(ContactPoint.objects.filter(channel=Channel.SMS).order_by("pk")):
        key = (Channel.SMS, point.address_index)
        if n % 3 == 0:
            consent.withdraw(*key, reason=Suppression.Reason.STOP, basis="reply", at=NOW)
        elif n % 3 == 1:
            consent.give(*key, basis="opt-in form", at=NOW)
    tag = Tag.objects.create(district=district, name="College Bound")
    tag.students.add(*Student.objects.filter(sis_id__in=["S0001", "S0002", "S0003", "S0004"]))
    Student.objects.filter(sis_id__in=["S0004", "S0007"]).update(left_on=NOW.date())
    return district


@given(data=st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_filters_combine_to_those_who_fit_each_of_them(
    mixed: District, owner: User, data: st.DataObject
) -> None:
    asked: dict[str, Any] = {
        name: data.draw(st.sampled_from(values), name)
        for name, values in ASKED.items()
        if data.draw(st.booleans(), f"ask {name}?")
    }
    if asked.pop("tagged", False):
        asked["tag"] = Tag.objects.get()
    if asked.pop("elsewhere", False):
        asked["school"] = mixed.schools.get(name="Cedar Ridge High School")
    gone = {"gone": asked.pop("gone", "")}
    expected = set(directory.found(owner, gone))
    for name, value in asked.items():
        expected &= set(directory.found(owner, {name: value, **gone}))
    assert set(directory.found(owner, asked | gone)) == expected


def test_each_filter_finds_some_and_leaves_some(mixed: District, owner: User) -> None:
    everyone = directory.found(owner, {}).count()
    for name in ("q", "language", "status", "reachable", "consent", "grade"):
        counts = [directory.found(owner, {name: value}).count() for value in ASKED[name]]
        assert any(0 < count < everyone for count in counts), name

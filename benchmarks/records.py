"""Made-up records for `make bench`, as many as are wanted and quickly: no import could keep up.

A school for 500 students, a district for 20 schools; each student has one guardian with a phone
and an e-mail address. What is rare (a name, a tag) stays as rare however many there are.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

FIRST = ["Ana", "Luis", "Mai", "Ngoc", "Fatima", "Ivan", "Olena", "José", "Wei", "Amina"]
LAST = ["Lopez", "Tran", "Nguyen", "Ahmed", "Petrov", "García", "Chen", "Haile", "Johnson"]
LANGUAGES = ["en", "en", "en", "es", "es", "vi", "so", "ru", "uk", "ar"]
STUDENTS_A_SCHOOL = 500
SCHOOLS_A_DISTRICT = 20
AT_ONCE = 20_000


@dataclass
class Made:
    """Who was made, for the pages to be asked for."""

    owner: Any
    counselor: Any
    student: Any  # one in the middle, whose name nobody else has
    school: Any
    tag: Any
    upload: Any


def make(points: int, now: dt.datetime) -> Made:
    """Fills an empty, migrated database with about so many contact points."""
    from contacts.models import ContactImport, Student, Tag
    from schools.models import Cycle, Membership, Role, User

    cycle, _made = Cycle.objects.get_or_create(name=Cycle.name_on(now.date()))
    schools = _places(points // 2)
    upload = ContactImport.objects.create(
        district=schools[0].district, file_name="families.csv", state=ContactImport.State.DONE,
        finished_at=now, summary={"rows": points // 2, "created": points // 2, "changes": {}},
    )  # fmt: skip
    numbers = iter(range(points // 2))
    while chunk := list(itertools.islice(numbers, AT_ONCE)):
        _families(chunk, schools, cycle.pk, upload, now)
    _doubles(now)
    middle = points // 4 // 1_000 * 1_000 + 500
    student = Student.objects.get(sis_id=f"S{middle:07d}")
    tag = Tag.objects.create(district=student.district, name="College Bound")
    neighbours = Student.objects.filter(school=student.school).order_by("pk")[:100]
    tag.students.add(*neighbours)
    counselor = User.objects.create_user("counselor@example.org", "bench")
    Membership.objects.create(user=counselor, role=Role.COUNSELOR, school=student.school)
    owner = User.objects.create_superuser("owner@example.org", "bench")
    return Made(owner, counselor, student, student.school, tag, upload)


def _places(students: int) -> list[Any]:
    from schools.models import District, School, State

    state = State.objects.create(code="ZZ", name="Made up", time_zone="America/Los_Angeles")
    schools: list[Any] = []
    for number in range(max(1, students // STUDENTS_A_SCHOOL)):
        if number % SCHOOLS_A_DISTRICT == 0:
            code = f"99{number // SCHOOLS_A_DISTRICT:05d}"
            district = District.objects.create(nces_id=code, name=f"District {code}", state=state)
        schools.append(
            School(nces_id=f"{district.nces_id}{number:05d}", name=f"School {number}",
                   state=state, district=district)
        )  # fmt: skip
    School.objects.bulk_create(schools)
    return list(School.objects.select_related("district").order_by("nces_id"))


def _families(
    numbers: list[int], schools: list[Any], cycle: str, upload: Any, now: dt.datetime
) -> None:
    from django.db import transaction

    from contacts import crypto
    from contacts.ids import as_key, new_key
    from contacts.imports import bulk
    from contacts.models import (
        AidStatus,
        AidStatusEntry,
        ConsentEntry,
        Contact,
        ContactPoint,
        Guardianship,
        Household,
        ImportChange,
        NameWord,
        Student,
        Suppression,
    )
    from contacts.names import words_of

    origin = as_key(upload.pk)
    place = f"{ContactPoint._meta.db_table}.address_sealed"
    homes, students, contacts, ties, points = [], [], [], [], []
    ledger, silent, words, changes, statuses = [], [], [], [], []
    for number in numbers:
        school = schools[number // STUDENTS_A_SCHOOL % len(schools)]
        district = school.district_id
        home, student, contact = new_key(), new_key(), new_key()
        # Every name of two parts is as common as the next, but one that only one student has.
        last = f"{LAST[number % 9]}-{number // 10 % 5_000}"
        first, parent = FIRST[number % 10], FIRST[number // 7 % 10]
        status = AidStatus.values[number % 5]
        grade, left = f"{9 + number % 4:02d}", None if number % 50 else now.date().isoformat()
        homes.append([home, district])
        students.append(
            [student, district, school.pk, home, cycle, f"S{number:07d}", f"7{number:09d}",
             first, f"{last} {_unique(number)}".strip(), grade, "unspecified", status, left, [],
             origin if number % 1_000 == 0 else None]
        )  # fmt: skip
        contacts.append([contact, district, "", parent, last, LANGUAGES[number % 10], [], None])
        ties.append([contact, student, "Mother", True, False])
        for channel, address in _addresses(number):
            point, index = new_key(), crypto.blind_index(channel, address)
            sealed = crypto.seal(address, f"{place}.{_uuid(point)}")
            withdrawn = number % 97 == 0
            points.append(
                [point, contact, channel, sealed, index, "mobile", "America/Los_Angeles",
                 "withdrawn" if withdrawn else "implied", "", False, now]
            )  # fmt: skip
            ledger.append(
                [channel, index, point, district, "given", "enrolment form", "bench", now]
            )
            if withdrawn:
                silent.append([channel, index, "stop", now])
        words += [
            [word, student, None] for word in words_of(students[-1][7] + " " + students[-1][8])
        ]
        words += [[word, None, contact] for word in words_of(f"{parent} {last}")]
        changes.append([origin, "student", str(_uuid(student)), {"grade": "11"}, {"grade": grade}])
        statuses.append([student, status, "file", now, now])
    with transaction.atomic():
        bulk.insert(Household, ["id", "district_id"], homes)
        bulk.insert(
            Student,
            ["id", "district_id", "school_id", "household_id", "cycle_id", "sis_id",
             "state_student_id", "first_name", "last_name", "grade", "path", "aid_status",
             "left_on", "by_hand", "brought_by_id"],
            students,
        )  # fmt: skip
        bulk.insert(
            Contact,
            ["id", "district_id", "sis_id", "first_name", "last_name", "language", "by_hand",
             "student_id"],
            contacts,
        )  # fmt: skip
        bulk.insert(
            Guardianship,
            ["contact_id", "student_id", "relationship", "may_contact", "by_hand"],
            ties,
        )
        bulk.insert(
            ContactPoint,
            ["id", "contact_id", "channel", "address_sealed", "address_index", "line",
             "area_zone", "consent", "unusable", "by_hand", "created_at"],
            points,
        )  # fmt: skip
        bulk.insert(
            ConsentEntry,
            ["channel", "address_index", "contact_point_id", "district_id", "action", "basis",
             "source", "at"],
            ledger,
        )  # fmt: skip
        bulk.insert(Suppression, ["channel", "address_index", "reason", "created_at"], silent)
        bulk.insert(NameWord, ["word", "student_id", "contact_id"], words)
        bulk.insert(ImportChange, ["upload_id", "model", "row", "before", "after"], changes)
        bulk.insert(
            AidStatusEntry, ["student_id", "status", "source", "as_of", "recorded_at"], statuses
        )


def _unique(number: int) -> str:
    """A further name that nobody else has, for one student of a thousand."""
    if number % 1_000 != 500:
        return ""
    return "Zz" + "".join(chr(97 + int(digit)) for digit in str(number))


def _addresses(number: int) -> Iterator[tuple[str, str]]:
    yield "sms", f"+1206{2_000_000 + number:07d}"
    yield "email", f"family{number}@example.org"


def _uuid(key: str) -> Any:
    from uuid import UUID

    return UUID(key)


def _doubles(now: dt.datetime) -> None:
    """A hundred pairs of students about whom somebody is asked."""
    from contacts.models import PossibleDouble, Student

    some = list(Student.objects.order_by("sis_id")[:200])
    PossibleDouble.objects.bulk_create(
        PossibleDouble(district_id=one.district_id, student=one, other=other, found_at=now)
        for one, other in zip(some[::2], some[1::2], strict=True)
    )

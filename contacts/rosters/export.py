"""Families written as a OneRoster 1.2 zip, for another system of the district to read.

It holds what a roster holds: never the application path, an aid status, or what was said. Adults
who may not be contacted about a student are not named for that student: the standard has no flag
for it, and a reader could not know.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import itemgetter
from typing import IO, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from contacts.models import Channel, Contact, ContactPoint, Guardianship, Student
from schools.models import Cycle, School

CHUNK = 500
T = TypeVar("T")

_COMMON = ["sourcedId", "status", "dateLastModified"]
_FILES = {
    "academicSessions": ["title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"],
    "orgs": ["name", "type", "identifier", "parentSourcedId"],
    "users": [
        *("enabledUser", "username", "userIds", "givenName", "familyName", "middleName"),
        *("identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password"),
        *("userMasterIdentifier", "resourceSourcedIds", "preferredGivenName"),
        *("preferredMiddleName", "preferredFamilyName", "primaryOrgSourcedId", "pronouns"),
        *("metadata.aidbeacon.homeLanguage", "metadata.aidbeacon.relationship"),
    ],
    "roles": [
        *("userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId"),
        "userProfileSourcedId",
    ],
    "demographics": [
        *("birthDate", "sex", "americanIndianOrAlaskaNative", "asian"),
        *("blackOrAfricanAmerican", "nativeHawaiianOrOtherPacificIslander", "white"),
        *("demographicRaceTwoOrMoreRaces", "hispanicOrLatinoEthnicity", "countryOfBirthCode"),
        *("stateOfBirthAbbreviation", "cityOfBirth", "publicSchoolResidenceStatus"),
    ],
}
_ABSENT = [
    *("categories", "classes", "classResources", "courses", "courseResources", "enrollments"),
    *("lineItemLearningObjectiveIds", "lineItems", "lineItemScoreScales", "resources"),
    *("resultLearningObjectiveIds", "results", "resultScoreScales", "scoreScales"),
    *("userProfiles", "userResources"),
]
_PARENTS = {"mother", "father", "mom", "dad", "parent", "stepmother", "stepfather"}
_RELATIVES = {"grandmother", "grandfather", "grandparent", "aunt", "uncle", "brother", "sister"}
_RELATIVES |= {"cousin", "sibling", "relative"}

Row = dict[str, str]


def write_zip(students: QuerySet[Student], file: IO[bytes]) -> None:
    """Writes the families of one district's students. Raises ValueError for several districts."""
    students = Student.objects.filter(pk__in=students.order_by().values("pk"))
    if students.values("district").distinct().count() > 1:
        raise ValueError("A roster is one district's: ids of two could be the same.")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _write(archive, "manifest", ["propertyName", "value"], _manifest())
        for name, rows in (
            ("academicSessions", _sessions(students)),
            ("orgs", _orgs(students)),
            ("users", _users(students)),
            ("roles", _roles(students)),
            ("demographics", _demographics(students)),
        ):
            _write(archive, name, _COMMON + _FILES[name], rows)


def _write(archive: zipfile.ZipFile, name: str, columns: list[str], rows: Iterable[Row]) -> None:
    with (
        archive.open(f"{name}.csv", "w", force_zip64=True) as raw,
        io.TextIOWrapper(raw, "utf-8", newline="") as text,
    ):
        writer = csv.DictWriter(text, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def _manifest() -> Iterator[Row]:
    told = {"manifest.version": "1.0", "oneroster.version": "1.2"}
    told |= {f"file.{name}": "bulk" for name in _FILES}
    told |= {f"file.{name}": "absent" for name in _ABSENT}
    told |= {"source.systemName": "Aidbeacon", "source.systemCode": "aidbeacon"}
    for name, value in told.items():
        yield {"propertyName": name, "value": value}


def _sessions(students: QuerySet[Student]) -> Iterator[Row]:
    """The school years in which the students are seniors."""
    for cycle in Cycle.objects.filter(students__in=students).distinct().order_by("pk"):
        yield {
            "sourcedId": f"year-{cycle.first_year}",
            "title": cycle.senior_year,
            "type": "schoolYear",
            "startDate": f"{cycle.first_year - 1}-07-01",
            "endDate": f"{cycle.first_year}-06-30",
            "schoolYear": str(cycle.first_year),
        }


def _orgs(students: QuerySet[Student]) -> Iterator[Row]:
    schools = School.objects.filter(students__in=students).distinct().select_related("district")
    told = set()
    for school in schools.order_by("pk"):
        district = school.district
        if district and district.pk not in told:
            told.add(district.pk)
            yield {
                "sourcedId": _org(district.nces_id),
                "name": district.name,
                "type": "district",
                "identifier": district.nces_id,
            }
        yield {
            "sourcedId": _org(school.nces_id),
            "name": school.name,
            "type": "school",
            "identifier": school.nces_id,
            "parentSourcedId": _org(district.nces_id) if district else "",
        }


def _org(nces_id: str) -> str:
    return f"org-{nces_id}"


def _users(students: QuerySet[Student]) -> Iterator[Row]:
    taken = _ids_taken(students)
    found = students.order_by("pk").values_list(
        *("pk", "sis_id", "state_student_id", "first_name", "last_name", "grade", "left_on"),
        *("school__nces_id", "own_contact", "own_contact__language"),
    )
    for chunk in _chunks(found.iterator(CHUNK)):
        addresses = _addresses(own for *_facts, own, _language in chunk if own)
        adults = _adults_of([pk for pk, *_facts in chunk], taken)
        for pk, sis_id, state_id, first, last, grade, left_on, school, own, language in chunk:
            yield {
                "sourcedId": sis_id,
                "enabledUser": "false" if left_on else "true",
                "userIds": f"{{StateId:{state_id}}}" if state_id else "",
                "givenName": first,
                "familyName": last,
                "identifier": sis_id,
                "agentSourcedIds": ",".join(adults[pk]),
                "grades": grade,
                "primaryOrgSourcedId": _org(school),
                "metadata.aidbeacon.homeLanguage": language or "",
                **addresses.get(own, {}),
            }
    for guardians in _chunks(_guardians(students)):
        addresses = _addresses(guardian.pk for guardian in guardians)
        for guardian in guardians:
            said = set(guardian.relationships)
            yield {
                "sourcedId": _guardian_id(guardian.pk, guardian.sis_id, taken),
                "enabledUser": "true",
                "givenName": guardian.first_name,
                "familyName": guardian.last_name,
                "metadata.aidbeacon.homeLanguage": guardian.language,
                "metadata.aidbeacon.relationship": said.pop() if len(said) == 1 else "",
                **addresses.get(guardian.pk, {}),
            }


def _roles(students: QuerySet[Student]) -> Iterator[Row]:
    taken = _ids_taken(students)
    found = students.order_by("pk").values_list("sis_id", "school__nces_id")
    for sis_id, school in found.iterator(CHUNK):
        yield _role(sis_id, "student", school)
    for guardian in _guardians(students):
        sourced_id = _guardian_id(guardian.pk, guardian.sis_id, taken)
        yield _role(sourced_id, _role_of(guardian.relationships[0]), guardian.school)


def _role(user: str, role: str, school: str) -> Row:
    return {
        "sourcedId": f"{role}-{user}",
        "userSourcedId": user,
        "roleType": "primary",
        "role": role,
        "orgSourcedId": _org(school),
    }


def _role_of(relationship: str) -> str:
    word = relationship.strip().lower()
    return "parent" if word in _PARENTS else "relative" if word in _RELATIVES else "guardian"


def _demographics(students: QuerySet[Student]) -> Iterator[Row]:
    born = students.filter(birth_date__isnull=False).order_by("pk")
    for sis_id, date in born.values_list("sis_id", "birth_date").iterator(CHUNK):
        yield {"sourcedId": sis_id, "birthDate": date.isoformat() if date else ""}


def _named() -> QuerySet[Guardianship]:
    """The ties that may be told: current ones, to adults who may be contacted."""
    return Guardianship.objects.filter(left_on=None, may_contact=True, contact__left_on=None)


def _adults_of(students: list[UUID], taken: set[str]) -> defaultdict[UUID, list[str]]:
    """The ids in the roster of each student's adults."""
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    ties = _named().filter(student__in=students).order_by("pk")
    for student, contact, sis_id in ties.values_list("student", "contact", "contact__sis_id"):
        found[student].append(_guardian_id(contact, sis_id, taken))
    return found


class _Guardian(NamedTuple):
    """An adult with what they are to these students; the school is the first student's."""

    pk: UUID
    sis_id: str
    first_name: str
    last_name: str
    language: str
    school: str
    relationships: list[str]


def _guardians(students: QuerySet[Student]) -> Iterator[_Guardian]:
    """Each adult once, with what the ties that may be told say.

    One walk over the district's ties in the adults' order, sorted out here: asked for each adult
    which of these students are theirs, a database tried all students for each.
    """
    keys = set(students.values_list("pk", flat=True))
    districts = students.order_by().values_list("district", flat=True).distinct()
    walk = (
        _named()
        .filter(student__district__in=list(districts), contact__student=None)
        .order_by("contact_id", "pk")
        .values_list(
            *("student", "relationship", "contact", "contact__sis_id", "contact__first_name"),
            *("contact__last_name", "contact__language", "student__school__nces_id"),
        )
        .iterator(CHUNK)
    )
    told = (tie for tie in walk if tie[0] in keys)
    for _contact, group in groupby(told, key=itemgetter(2)):
        ties = list(group)
        yield _Guardian._make([*ties[0][2:], [tie[1] for tie in ties]])


def _guardian_id(pk: UUID, sis_id: str, taken: set[str]) -> str:
    """The district's id; our own where it has none, a student has the same, or a comma is in it."""
    return str(pk) if not sis_id or sis_id in taken or "," in sis_id else sis_id


def _ids_taken(students: QuerySet[Student]) -> set[str]:
    """Ids of guardians that are also students': in a roster all users share one set of ids."""
    here = students.order_by().values("district")
    ids = Student.objects.filter(district__in=here).order_by().values("sis_id")
    guardians = Contact.objects.filter(district__in=here, sis_id__in=ids).exclude(sis_id="")
    return set(guardians.order_by().values_list("sis_id", flat=True))


def _addresses(contacts: Iterable[UUID]) -> dict[UUID, Row]:
    """A mobile goes to `sms`, all other phones to `phone`; only what the district still has."""
    kept = ContactPoint.objects.filter(contact__in=list(contacts), removed_on=None).order_by("pk")
    found: dict[UUID, Row] = {}
    for point in kept.only("contact", "channel", "line", "address_sealed"):
        row = found.setdefault(point.contact_id, {})
        mobile = point.channel == Channel.SMS and point.line == ContactPoint.Line.MOBILE
        if mobile and "sms" not in row:
            row["sms"] = point.address
        else:
            column = "phone" if point.channel == Channel.SMS else "email"
            row[column] = ",".join(filter(None, (row.get(column), point.address)))
    return found


def _chunks(found: Iterable[T]) -> Iterator[list[T]]:
    """Rows in lists, for which what belongs to them is asked at once."""
    rows = iter(found)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk

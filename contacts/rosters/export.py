"""Families written as a OneRoster 1.2 zip, for another system of the district to read.

It holds what a roster holds: never the application path, an aid status, or what was said. Adults
who may not be contacted about a student are not named for that student: the standard has no flag
for it, and a reader could not know.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import IO, Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from contacts.models import Channel, Contact, ContactPoint, Guardianship, Student
from schools.models import Cycle, School

CHUNK = 500

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
    ties = Prefetch("guardianships", _named().select_related("contact"))
    found = students.order_by("pk").select_related("own_contact", "school")
    for chunk in _chunks(found.prefetch_related(ties, "own_contact__points")):
        taken = _students_ids(tie.contact for s in chunk for tie in s.guardianships.all())
        for student in chunk:
            own = getattr(student, "own_contact", None)
            adults = [_guardian_id(tie.contact, taken) for tie in student.guardianships.all()]
            yield {
                "sourcedId": student.sis_id,
                "enabledUser": "false" if student.left_on else "true",
                "userIds": _state_id(student.state_student_id),
                "givenName": student.first_name,
                "familyName": student.last_name,
                "identifier": student.sis_id,
                "agentSourcedIds": ",".join(adults),
                "grades": student.grade,
                "primaryOrgSourcedId": _org(student.school.nces_id),
                "metadata.aidbeacon.homeLanguage": own.language if own else "",
                **_addresses(own),
            }
    for guardian, sourced_id, ties_of in _guardians(students):
        said = {tie.relationship for tie in ties_of}
        yield {
            "sourcedId": sourced_id,
            "enabledUser": "true",
            "givenName": guardian.first_name,
            "familyName": guardian.last_name,
            "metadata.aidbeacon.homeLanguage": guardian.language,
            "metadata.aidbeacon.relationship": said.pop() if len(said) == 1 else "",
            **_addresses(guardian),
        }


def _roles(students: QuerySet[Student]) -> Iterator[Row]:
    for student in students.order_by("pk").select_related("school").iterator(CHUNK):
        yield _role(student.sis_id, "student", student.school)
    for _guardian, sourced_id, ties in _guardians(students):
        yield _role(sourced_id, _role_of(ties[0].relationship), ties[0].student.school)


def _role(user: str, role: str, school: School) -> Row:
    return {
        "sourcedId": f"{role}-{user}",
        "userSourcedId": user,
        "roleType": "primary",
        "role": role,
        "orgSourcedId": _org(school.nces_id),
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
    return Guardianship.objects.filter(
        left_on=None, may_contact=True, contact__left_on=None
    ).order_by("pk")


def _guardians(
    students: QuerySet[Student],
) -> Iterator[tuple[Contact, str, list[Guardianship]]]:
    """Each adult once, with the id in the roster and the ties that may be told.

    One walk over the district's ties in the adults' order, sorted out here: asked for each adult
    which of these students are theirs, a database tried all students for each.
    """
    keys = set(students.values_list("pk", flat=True))
    districts = students.order_by().values_list("district", flat=True).distinct()
    walk = (
        _named()
        .filter(student__district__in=list(districts), contact__student=None)
        .order_by("contact_id", "pk")
        .select_related("contact", "student__school")
        .iterator(CHUNK)
    )
    told = (tie for tie in walk if tie.student_id in keys)
    adults = (list(ties) for _pk, ties in groupby(told, key=lambda tie: tie.contact_id))
    while chunk := list(islice(adults, CHUNK)):
        people = [ties[0].contact for ties in chunk]
        prefetch_related_objects(people, "points")
        taken = _students_ids(people)
        for guardian, ties in zip(people, chunk, strict=True):
            yield guardian, _guardian_id(guardian, taken), ties


def _guardian_id(guardian: Contact, taken: set[str]) -> str:
    """The district's id; our own where it has none, a student has the same, or a comma is in it."""
    own = guardian.sis_id
    return str(guardian.pk) if not own or own in taken or "," in own else own


def _students_ids(guardians: Iterable[Contact]) -> set[str]:
    """Ids of guardians that are also students': in a roster all users share one set of ids."""
    told = list(guardians)
    if not told:
        return set()
    here = Student.objects.filter(
        district=told[0].district_id, sis_id__in={guardian.sis_id for guardian in told} - {""}
    )
    return set(here.values_list("sis_id", flat=True))


def _addresses(contact: Contact | None) -> Row:
    """A mobile goes to `sms`, all other phones to `phone`; only what the district still has."""
    if contact is None:
        return {}
    kept = sorted(
        (p for p in contact.points.all() if p.removed_on is None), key=lambda p: str(p.pk)
    )
    phones = [p for p in kept if p.channel == Channel.SMS]
    mobile = next((p for p in phones if p.line == ContactPoint.Line.MOBILE), None)
    return {
        "sms": mobile.address if mobile else "",
        "phone": ",".join(p.address for p in phones if p is not mobile),
        "email": ",".join(p.address for p in kept if p.channel == Channel.EMAIL),
    }


def _state_id(state_student_id: str) -> str:
    return f"{{StateId:{state_student_id}}}" if state_student_id else ""


def _chunks(found: QuerySet[Any]) -> Iterator[list[Any]]:
    """Rows in lists, each with what was to be fetched along."""
    chunk: list[Any] = []
    for row in found.iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk

"""The families that a chunk of a file may mean, as they are known before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from contacts.imports.records import Guardian, StudentRecord
from contacts.imports.rows import ContactRow, PointRow, Row, StudentRow, TieRow
from contacts.models import Consent, Contact, ContactPoint, Guardianship, Student, Suppression
from contacts.names import folded
from schools.models import District

Key = tuple[str, str]  # channel and blind index
R = TypeVar("R", bound=Row)

AT_ONCE = 2_000  # values in one IN (...)


def names_fit(one: str, other: str) -> bool:
    """True if two folded names can be one person: equal, one empty, or one says more.

    "maria lopez" and "maria lopez garcia" fit; "maria lopez" and "jose lopez" do not.
    """
    if not one or not other or one == other:
        return True
    words, others = one.split(), other.split()
    if words[0] != others[0]:
        return False
    return set(words) <= set(others) or set(others) <= set(words)


@dataclass(eq=False, slots=True)
class Person:
    """A contact on its way through an import, with what the file says of it so far."""

    contact: ContactRow
    points: dict[Key, PointRow] = field(default_factory=dict)
    ties: dict[UUID, TieRow] = field(default_factory=dict)
    named: str = ""
    said: Guardian | None = None
    keys: dict[Key, Any] = field(default_factory=dict)
    was_named: bool = False  # an earlier chunk said a name, a language: the first word stands
    was_language: bool = False
    was_unread: str = ""
    students: set[UUID] = field(default_factory=set)  # of this chunk, whose rows named them


class Book:
    """What is known of the families of a chunk; loaded in a handful of queries."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.students: dict[str, StudentRow] = {}
        self.by_pk: dict[UUID, StudentRow] = {}
        self.by_state_id: dict[str, list[StudentRow]] = defaultdict(list)
        self.people: dict[UUID, Person] = {}
        self.own: dict[UUID, Person] = {}
        self.by_sis: dict[str, Person] = {}
        self.by_key: dict[Key, list[Person]] = defaultdict(list)
        self.by_student: dict[UUID, list[Person]] = defaultdict(list)
        self.consent: dict[Key, str] = {}
        self.suppressed: set[Key] = set()

    def load(self, records: Iterable[StudentRecord], keys: Collection[Key]) -> None:
        """Reads the students of the records, and everyone who is or may be their family."""
        records = list(records)
        students = Student.objects.filter(district=self.district)
        self._load_students(students, "sis_id", {r.sis_id for r in records})
        state_ids = {r.state_student_id for r in records if r.state_student_id}
        self._load_students(students, "state_student_id", state_ids)
        contacts = self._contacts_of(records, keys)
        own = Contact.objects.filter(district=self.district)
        for row in _rows(ContactRow, own, "student_id", set(self.by_pk)):
            self.add(Person(row))
        for row in _rows(ContactRow, own, "pk", contacts):
            if row.pk not in self.people and row.student_id is None:
                self.add(Person(row))
        self._load_points()
        for tie in _rows(TieRow, Guardianship.objects, "contact_id", set(self.people)):
            self.tie(self.people[tie.contact_id], tie)
        self._load_silence(keys)

    def _load_students(self, students: QuerySet[Student], by: str, values: Collection[str]) -> None:
        for row in _rows(StudentRow, students, by, values):
            if row.pk not in self.by_pk:
                self.students[row.sis_id] = row
                self.by_pk[row.pk] = row
                if row.state_student_id:
                    self.by_state_id[row.state_student_id].append(row)

    def _contacts_of(self, records: list[StudentRecord], keys: Collection[Key]) -> set[UUID]:
        """Guardians tied to the students, known by an id of the file, or at one of its keys."""
        found: set[UUID] = set()
        for some in _chunks(self.by_pk):
            ties = Guardianship.objects.filter(student_id__in=some)
            found.update(ties.values_list("contact_id", flat=True))
        ids = {g.sis_id for r in records for g in r.guardians if g.sis_id}
        for chunk in _chunks(ids):
            people = Contact.objects.filter(district=self.district, sis_id__in=chunk)
            found.update(people.values_list("pk", flat=True))
        for some_keys in _chunks(index for _channel, index in keys):
            points = ContactPoint.objects.filter(
                address_index__in=some_keys, contact__district=self.district
            )
            found.update(points.values_list("contact_id", flat=True))
        return found

    def _load_points(self) -> None:
        people = {**self.people, **{p.contact.pk: p for p in self.own.values()}}
        for point in _rows(PointRow, ContactPoint.objects, "contact_id", set(people)):
            person = people[point.contact_id]
            person.points[point.key] = point
            self.consent[point.key] = _stricter(self.consent.get(point.key), point.consent)
            if person.contact.student_id is None:
                self.by_key[point.key].append(person)

    def _load_silence(self, keys: Collection[Key]) -> None:
        for chunk in _chunks({index for _channel, index in [*keys, *self.consent]}):
            active = Suppression.objects.active().filter(address_index__in=chunk)
            self.suppressed.update(active.values_list("channel", "address_index"))

    def add(self, person: Person) -> None:
        """Takes a person into the book."""
        contact = person.contact
        person.named = folded(contact.name)
        if contact.student_id is not None:
            self.own[contact.student_id] = person
            return
        self.people[contact.pk] = person
        if contact.sis_id:
            self.by_sis[contact.sis_id] = person

    def tie(self, person: Person, tie: TieRow) -> None:
        """Joins a person to a student."""
        person.ties[tie.student_id] = tie
        self.by_student[tie.student_id].append(person)

    def find(
        self,
        guardian: Guardian,
        keys: Iterable[Key],
        student: UUID,
        *,
        besides: Collection[UUID] = (),
    ) -> Person | None:
        """The person meant by a file's guardian: by own SIS id, else by address, else by name.

        An address alone is not enough: two parents may share one, so the names must fit. Whoever
        is tied to the student already comes first, so that the same file finds the same people.
        Two adults of one student are two people: nobody is found who is `besides` them already.
        """
        if guardian.sis_id and guardian.sis_id in self.by_sis:
            return self.by_sis[guardian.sis_id]
        name = folded(guardian.name)

        def fits(person: Person) -> bool:
            if person.contact.pk in besides or (guardian.sis_id and person.contact.sis_id):
                return False
            renamed = {"first_name", "last_name"} & {*person.contact.by_hand}
            # whom a person renamed here is still whom the file names at this address
            return names_fit(name, person.named) or (bool(renamed) and student in person.ties)

        def odd(person: Person) -> bool:
            # of two namesakes, one with an id is not whom a row without an id means
            return bool(name) and bool(person.contact.sis_id) != bool(guardian.sis_id)

        def far(person: Person) -> int:
            tie = person.ties.get(student)
            return 2 if tie is None else 0 if tie.left_on is None else 1

        at_address = [p for key in keys for p in self.by_key.get(key, ()) if fits(p)]
        if at_address:
            return min(at_address, key=lambda p: (far(p), p.named != name, not p.named, odd(p)))
        if not name:
            return None
        tied = [p for p in self.by_student.get(student, ()) if p.named == name and fits(p)]
        return min(tied, key=lambda p: (far(p), odd(p))) if tied else None


def _rows(kind: type[R], rows: Any, by: str, values: Collection[Any]) -> Iterator[R]:
    """The rows with one of these values in the column `by`, in the order of their keys."""
    for some in _chunks(values):
        found = rows.filter(**{f"{by}__in": some}).order_by("pk")
        for pk, *rest in found.values_list("pk", *kind.FIELDS):  # type: ignore[attr-defined]
            yield kind(pk, *rest)  # type: ignore[call-arg]


def _chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    every = list(dict.fromkeys(values))
    for start in range(0, len(every), AT_ONCE):
        yield every[start : start + AT_ONCE]


def _stricter(one: str | None, other: str) -> str:
    """Of two points at one address, what an added one starts from: a no wins, then a clear yes."""
    for consent in (Consent.WITHDRAWN, Consent.EXPLICIT, Consent.NONE):
        if consent in (one, other):
            return consent
    return Consent.IMPLIED

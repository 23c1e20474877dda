"""The families that a chunk of a file may mean, as they are known before it."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from contacts.imports import bulk
from contacts.imports.records import Guardian, StudentRecord
from contacts.imports.rows import ContactRow, PointRow, StudentRow, TieRow, load
from contacts.models import (
    Consent,
    Contact,
    ContactPoint,
    Guardianship,
    OtherId,
    Suppression,
)
from contacts.names import plain
from schools.models import District

Key = tuple[str, str]  # channel and blind index


def names_fit(one: str, other: str) -> bool:
    """True if two plain names can be one person: equal, one empty, or one says more.

    "maria lopez" and "maria lopez garcia" fit, "m lopez" and "maria lopez", and "tran lan" and
    "lan tran"; "maria lopez" and "jose lopez" do not.
    """
    if not one or not other or one == other:
        return True
    words, others = one.split(), other.split()
    if set(words) == set(others):
        return True
    first, second = words[0], others[0]
    initial = 1 in (len(first), len(second)) and first[0] == second[0]
    if first != second and not initial:
        return False
    rest, others_rest = set(words[1:]), set(others[1:])
    if initial and first != second and not (rest and others_rest):
        return False  # an initial alone says nothing
    return rest <= others_rest or others_rest <= rest


@dataclass(eq=False, slots=True)
class Person:
    """A contact on its way through an import, with what the file says of it so far."""

    contact: ContactRow
    points: dict[Key, PointRow] = field(default_factory=dict)
    ties: dict[str, TieRow] = field(default_factory=dict)
    named: str = ""
    said: Guardian | None = None
    keys: dict[Key, Any] = field(default_factory=dict)
    was_named: bool = False  # an earlier chunk said a name, a language: the first word stands
    was_language: bool = False
    was_unread: str = ""
    students: set[str] = field(default_factory=set)  # of this chunk, whose rows named them


class Book:
    """What is known of the families of a chunk; loaded in a handful of queries."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.students: dict[str, StudentRow] = {}
        self.by_pk: dict[str, StudentRow] = {}
        self.by_state_id: dict[str, list[StudentRow]] = defaultdict(list)
        self.people: dict[str, Person] = {}
        self.own: dict[str, Person] = {}
        self.by_sis: dict[str, Person] = {}
        self.by_key: dict[Key, list[Person]] = defaultdict(list)
        self.by_student: dict[str, list[Person]] = defaultdict(list)
        self.consent: dict[Key, str] = {}
        self.suppressed: set[Key] = set()
        self._merged_contacts: dict[str, str] = {}

    def load(self, records: Iterable[StudentRecord], keys: Collection[Key]) -> None:
        """Reads the students of the records, and everyone who is or may be their family."""
        records = list(records)
        self._load_students("sis_id", (r.sis_id for r in records))
        self._load_students("state_student_id", (r.state_student_id for r in records))
        self._load_merged(records)
        for row in load(ContactRow, "student_id", self.by_pk):
            self.add(Person(row))
        district = self.district.pk
        for row in load(ContactRow, "pk", self._contacts_of(records, keys), district_id=district):
            if row.student_id is None:
                self.add(Person(row))
        for pk, sis_id in self._merged_contacts.items():
            if pk in self.people:
                self.by_sis.setdefault(sis_id, self.people[pk])
        self._load_points()
        for tie in load(TieRow, "contact_id", self.people):
            self.tie(self.people[tie.contact_id], tie)
        self._load_silence(keys)

    def _load_students(self, by: str, values: Iterable[str]) -> None:
        for row in load(StudentRow, by, filter(None, values), district_id=self.district.pk):
            if row.pk not in self.by_pk:
                self.students[row.sis_id] = row
                self.by_pk[row.pk] = row
                if row.state_student_id:
                    self.by_state_id[row.state_student_id].append(row)

    def _load_merged(self, records: list[StudentRecord]) -> None:
        """Those whom files still name by the id of a record that was merged into theirs."""
        ids = [r.sis_id for r in records if r.sis_id not in self.students]
        ids += [g.sis_id for r in records for g in r.guardians if g.sis_id]
        columns = ["sis_id", "student_id", "contact_id"]
        students = {}
        for sis_id, student, contact in bulk.select(
            OtherId, columns, "sis_id", ids, district_id=self.district.pk
        ):
            if student:
                students[student] = sis_id
            else:
                self._merged_contacts[contact] = sis_id
        for row in load(StudentRow, "pk", students):
            self.students[students[row.pk]] = self.by_pk.setdefault(row.pk, row)

    def _contacts_of(self, records: list[StudentRecord], keys: Collection[Key]) -> set[str]:
        """Guardians tied to the students, known by an id of the file, or at one of its keys."""
        ids = {g.sis_id for r in records for g in r.guardians if g.sis_id}
        indexes = (index for _channel, index in keys)
        tied = bulk.select(Guardianship, ["contact_id"], "student_id", self.by_pk)
        known = bulk.select(Contact, ["pk"], "sis_id", ids, district_id=self.district.pk)
        at_key = bulk.select(ContactPoint, ["contact_id"], "address_index", indexes)
        found = {pk for (pk,) in itertools.chain(tied, known, at_key)}
        return found | self._merged_contacts.keys()

    def _load_points(self) -> None:
        people = {**self.people, **{p.contact.pk: p for p in self.own.values()}}
        for point in load(PointRow, "contact_id", people):
            person = people[point.contact_id]
            person.points[point.key] = point
            self.consent[point.key] = _stricter(self.consent.get(point.key), point.consent)
            if person.contact.student_id is None:
                self.by_key[point.key].append(person)

    def _load_silence(self, keys: Collection[Key]) -> None:
        indexes = (index for _channel, index in (*keys, *self.consent))
        columns = ["channel", "address_index", "released_at"]
        for channel, index, released_at in bulk.select(
            Suppression, columns, "address_index", indexes
        ):
            if released_at is None:
                self.suppressed.add((channel, index))

    def add(self, person: Person) -> None:
        """Takes a person into the book."""
        contact = person.contact
        person.named = plain(contact.name)
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
        student: str,
        *,
        besides: Collection[str] = (),
    ) -> Person | None:
        """The person meant by a file's guardian: by own SIS id, else by address, else by name.

        An address alone is not enough: two parents may share one, so the names must fit. Whoever
        is tied to the student already comes first, so that the same file finds the same people.
        Two adults of one student are two people: nobody is found who is `besides` them already.
        """
        if guardian.sis_id and guardian.sis_id in self.by_sis:
            return self.by_sis[guardian.sis_id]
        name = plain(guardian.name)

        def fits(person: Person) -> bool:
            if person.contact.pk in besides or (guardian.sis_id and person.contact.sis_id):
                return False
            renamed = {"first_name", "last_name"} & {*person.contact.by_hand}
            # whom a person renamed here is still whom the file names at this address
            return names_fit(name, person.named) or (bool(renamed) and student in person.ties)

        def odd(person: Person) -> bool:
            # of two namesakes, one with an id is not whom a row without an id means
            return bool(name) and bool(person.contact.sis_id) != bool(guardian.sis_id)

        def far(person: Person) -> tuple[int, int]:
            tie = person.ties.get(student)
            if not guardian.gone:
                return 2 if tie is None else 0 if tie.left_on is None else 1, 0
            # One who has gone is the same one next time, not the next of two that would do.
            return int(tie is None), 2 * (person.named != name) + (tie is None or not tie.left_on)

        at_address = [p for key in keys for p in self.by_key.get(key, ()) if fits(p)]
        if at_address:
            return min(at_address, key=lambda p: (far(p), p.named != name, not p.named, odd(p)))
        if not name:
            return None
        tied = [p for p in self.by_student.get(student, ()) if p.named == name and fits(p)]
        return min(tied, key=lambda p: (far(p), odd(p))) if tied else None


def _stricter(one: str | None, other: str) -> str:
    """Of two points at one address, what an added one starts from: a no wins, then a clear yes."""
    for consent in (Consent.WITHDRAWN, Consent.EXPLICIT, Consent.NONE):
        if consent in (one, other):
            return consent
    return Consent.IMPLIED

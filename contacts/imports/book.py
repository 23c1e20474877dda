"""A district's families as they are known before an import, ready to be matched against."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from contacts.imports.records import Guardian
from contacts.models import Consent, Contact, ContactPoint, Guardianship, Student, Suppression
from schools.models import District

Key = tuple[str, str]  # channel and blind index


def folded(name: str) -> str:
    """A name without case, accents and doubled spaces: equal for equal people's names."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


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

    contact: Contact
    is_new: bool
    points: dict[Key, ContactPoint] = field(default_factory=dict)
    ties: dict[UUID, Guardianship] = field(default_factory=dict)
    named: str = ""
    said: Guardian | None = None
    keys: dict[Key, None] = field(default_factory=dict)
    changed: bool = False


class Book:
    """Everything known of one district's families; loaded in a handful of queries."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.students = {s.sis_id: s for s in Student.objects.filter(district=district)}
        self.by_pk = {s.pk: s for s in self.students.values()}
        self.people: dict[UUID, Person] = {}
        self.own: dict[UUID, Person] = {}
        self.by_sis: dict[str, Person] = {}
        self.by_key: dict[Key, list[Person]] = defaultdict(list)
        self.by_student: dict[UUID, list[Person]] = defaultdict(list)
        self.consent: dict[Key, str] = {}
        for contact in Contact.objects.filter(district=district).order_by("pk").iterator(2000):
            self.add(Person(contact, is_new=False))
        self._load_points(district)
        self._load_ties(district)
        self.suppressed: set[Key] = set(
            Suppression.objects.active().values_list("channel", "address_index")
        )

    def _load_points(self, district: District) -> None:
        points = ContactPoint.objects.filter(contact__district=district).defer("address_sealed")
        for point in points.iterator(2000):
            key = (point.channel, point.address_index)
            person = self.people.get(point.contact_id) or self.own_by_contact[point.contact_id]
            person.points[key] = point
            self.consent[key] = _stricter(self.consent.get(key), point.consent)
            if person.contact.student_id is None:
                self.by_key[key].append(person)

    def _load_ties(self, district: District) -> None:
        for tie in Guardianship.objects.filter(contact__district=district).iterator(2000):
            person = self.people.get(tie.contact_id)
            if person is not None:
                self.tie(person, tie)

    def add(self, person: Person) -> None:
        """Takes a person into the book."""
        contact = person.contact
        person.named = folded(str(contact))
        if contact.student_id is not None:
            self.own[contact.student_id] = person
            self.own_by_contact[contact.pk] = person
            return
        self.people[contact.pk] = person
        if contact.sis_id:
            self.by_sis[contact.sis_id] = person

    @property
    def own_by_contact(self) -> dict[UUID, Person]:
        return self.__dict__.setdefault("_own_by_contact", {})

    def tie(self, person: Person, tie: Guardianship) -> None:
        """Joins a person to a student."""
        person.ties[tie.student_id] = tie
        self.by_student[tie.student_id].append(person)

    def find(self, guardian: Guardian, keys: Iterable[Key], student: Student) -> Person | None:
        """The person meant by a file's guardian: by own SIS id, else by address, else by name.

        An address alone is not enough: two parents may share one, so the names must fit. Whoever
        is tied to the student already comes first, so that the same file finds the same people.
        """
        if guardian.sis_id and guardian.sis_id in self.by_sis:
            return self.by_sis[guardian.sis_id]
        name = folded(guardian.name)

        def fits(person: Person) -> bool:
            other_id = person.contact.sis_id
            return not (guardian.sis_id and other_id) and names_fit(name, person.named)

        def odd(person: Person) -> bool:
            # of two namesakes, one with an id is not whom a row without an id means
            return bool(person.contact.sis_id) != bool(guardian.sis_id)

        at_address = [p for key in keys for p in self.by_key.get(key, ()) if fits(p)]
        if at_address:
            return min(
                at_address, key=lambda p: (student.pk not in p.ties, p.named != name, odd(p))
            )
        if not name:
            return None
        tied = [p for p in self.by_student.get(student.pk, ()) if p.named == name and fits(p)]
        return min(tied, key=odd) if tied else None


def _stricter(one: str | None, other: str) -> str:
    """Of two points at one address, what an added one starts from: a no wins, then a clear yes."""
    for consent in (Consent.WITHDRAWN, Consent.EXPLICIT, Consent.NONE):
        if consent in (one, other):
            return consent
    return Consent.IMPLIED

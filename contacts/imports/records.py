"""What a cleaned file says, before anyone asks whether it is new."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from contacts.models import ContactPoint
from contacts.names import plain


@dataclass(slots=True, frozen=True)
class Address:
    """One normalised phone or e-mail."""

    channel: str
    text: str
    line: str = ContactPoint.Line.UNKNOWN
    area_zone: str = ""


@dataclass(slots=True)
class Guardian:
    """One adult as one student's rows describe them."""

    sis_id: str = ""
    first_name: str = ""
    last_name: str = ""
    relationship: str = ""
    language: str = ""
    language_word: str = ""  # what stands there instead of a language, if it was not understood
    may_contact: bool | None = None
    addresses: list[Address] = field(default_factory=list)
    opted_out: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)  # channels with an address nobody could read
    gone: bool = False  # no longer a guardian of the student

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def merge(self, other: Guardian) -> None:
        """Takes over what a further row of the same adult adds; the first word stands."""
        self.sis_id = self.sis_id or other.sis_id
        if not self.name:
            self.first_name, self.last_name = other.first_name, other.last_name
        self.relationship = self.relationship or other.relationship
        self.language = self.language or other.language
        self.language_word = self.language_word or other.language_word
        if other.may_contact is not None:
            self.may_contact = other.may_contact and self.may_contact is not False
        held = {(a.channel, a.text) for a in self.addresses}
        self.addresses += [a for a in other.addresses if (a.channel, a.text) not in held]
        self.opted_out |= other.opted_out
        self.gone = self.gone and other.gone
        self.unread |= other.unread


@dataclass(slots=True)
class StudentRecord:
    """One student with all the adults named in the file. Empty texts: the file does not say."""

    row: int
    sis_id: str
    school: int | None
    first_name: str = ""
    last_name: str = ""
    state_student_id: str = ""
    birth_date: dt.date | None = None
    grade: str = ""
    path: str = ""
    status: str = ""
    status_as_of: dt.date | None = None
    language: str = ""
    language_word: str = ""
    addresses: list[Address] = field(default_factory=list)
    guardians: list[Guardian] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    gone: bool = False

    def merge(self, other: StudentRecord) -> None:
        """Takes over what a further row of the same student adds; the first word stands."""
        self.gone = self.gone and other.gone
        self.school = self.school or other.school
        if not (self.first_name or self.last_name):
            self.first_name, self.last_name = other.first_name, other.last_name
        for name in ("state_student_id", "birth_date", "grade", "path", "status", "status_as_of"):
            if not getattr(self, name):
                setattr(self, name, getattr(other, name))
        self.language = self.language or other.language
        self.language_word = self.language_word or other.language_word
        held = {(a.channel, a.text) for a in self.addresses}
        self.addresses += [a for a in other.addresses if (a.channel, a.text) not in held]
        self.unread |= other.unread
        for guardian in other.guardians:
            self.add_guardian(guardian)

    def add_guardian(self, guardian: Guardian) -> None:
        """Adds an adult, or what a repeated row says of one already known.

        A row without a name and id goes on about the adult before it (PowerSchool's contacts
        export: the name stands on the first row only).
        """
        if not guardian.name and not guardian.sis_id and self.guardians:
            self.guardians[-1].merge(guardian)
            return
        for known in self.guardians:
            same_id = bool(guardian.sis_id) and known.sis_id == guardian.sis_id
            same_name = plain(known.name) == plain(guardian.name)
            if same_id or (same_name and not (known.sis_id and guardian.sis_id)):
                known.merge(guardian)
                return
        self.guardians.append(guardian)

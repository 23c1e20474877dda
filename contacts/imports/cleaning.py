"""Rows of texts made into clean records, and a list of what could not be understood.

A problem in a cell leaves out that cell; only a row without a student's id, name or school is
left out whole. The rest of the file goes in.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from contacts import emails, languages, phones
from contacts.imports import fields, words
from contacts.imports.cells import enrolled, is_untold, kind_of_line, several, split_name
from contacts.imports.dates import read_date
from contacts.imports.places import SchoolFinder
from contacts.imports.problems import Problems
from contacts.imports.records import Address, Guardian, StudentRecord
from contacts.models import Channel, ContactPoint
from contacts.vocabulary import Kind, Vocabulary

_GRADES = {"k": "KG", "kg": "KG", "kindergarten": "KG", "pk": "PK"}
_SENIOR = {"senior": "12", "junior": "11", "sophomore": "10", "freshman": "09"}


class Cleaner:
    """Makes records of rows with a mapping, and gathers `problems` on the way.

    `vocabulary` holds the district's own words, as a person explained them, and counts those
    that nobody has explained yet. In a file that is not `whole` (a delta) a row may hold just
    the student's id and what changed.
    """

    def __init__(
        self,
        mapping: Mapping[str, str],
        headers: list[str],
        *,
        schools: SchoolFinder,
        only_school: int | None,
        vocabulary: Vocabulary | None = None,
        whole: bool = True,
    ) -> None:
        self.schools = schools
        self.only_school = only_school
        self.whole = whole
        self.problems = Problems()
        self.skipped = 0
        self.vocabulary = vocabulary or Vocabulary()
        self._headers = headers
        place = {header: i for i, header in enumerate(headers)}
        self.columns = {field: place[header] for field, header in mapping.items()}
        self._guardians = []
        self._passed_over: set[int] = set()  # places in a row whose last adult is no guardian
        for number in range(1, fields.GUARDIANS + 1):
            parts = {
                part: self.columns[name]
                for part in fields.GUARDIAN_PARTS
                if (name := fields.guardian_field(number, part)) in self.columns
            }
            if parts:
                self._guardians.append(parts)

    def record(self, rows: Iterable[tuple[int, list[str]]]) -> StudentRecord | None:
        """What all rows of one student say; None if none of them can be used."""
        known: StudentRecord | None = None
        self._passed_over.clear()
        for number, cells in rows:
            # A further row may hold just what it adds, as PowerSchool's contacts do.
            whole = self.whole and (known is None or known.gone)
            record = self._student(number, cells, self.columns, whole)
            if record is None:
                continue
            for place, parts in enumerate(self._guardians):
                self._guardian(number, cells, place, parts, record)
            if known is None:
                known = record
            else:
                known.merge(record)
        return known

    def _skip(self, number: int, column: int | None, value: str, message: str) -> None:
        self.skipped += 1
        self._problem(number, column, value, message)

    def _problem(self, number: int, column: int | None, value: str, message: str) -> None:
        header = self._headers[column] if column is not None else ""
        self.problems.add(number, header, value, message)

    def _student(
        self, number: int, cells: list[str], columns: Mapping[str, int], whole: bool
    ) -> StudentRecord | None:
        def cell(field: str) -> str:
            return cells[columns[field]] if field in columns else ""

        sis_id = cell("student_id").removesuffix(".0")
        if not sis_id:
            self._skip(number, columns["student_id"], "", _("The student id is missing."))
            return None
        if len(sis_id) > 64 or re.fullmatch(r"\d(\.\d+)?[eE]\+\d+", sis_id):
            message = _("A spreadsheet has rounded this id; format the column as text.")
            self._skip(number, columns["student_id"], sis_id, message)
            return None
        if "enrolled" in columns and not enrolled(cell("enrolled")):
            return StudentRecord(number, sis_id, None, gone=True)
        first, last = cell("student_first_name"), cell("student_last_name")
        if not (first or last):
            first, last = split_name(cell("student_name"))
        if not (first or last) and whole:
            column = columns.get("student_first_name", columns.get("student_name"))
            self._skip(number, column, "", _("The student's name is missing."))
            return None
        school = None
        if whole or cell("school"):
            school = self._school(number, cell("school"), columns.get("school"))
            if school is None:
                return None
        record = StudentRecord(number, sis_id, school, first[:80], last[:80])
        record.state_student_id = cell("state_student_id").removesuffix(".0")[:20]
        record.grade = self._grade(number, cell("grade"), columns.get("grade"))
        record.birth_date = self._date(number, cell("birth_date"), columns.get("birth_date"))
        if cell("path"):
            path = words.path(cell("path"))
            if path is None:
                message = _("Write FAFSA or WASFA, or leave it empty.")
                self._problem(number, columns["path"], cell("path"), message)
            elif path != path.UNSPECIFIED:
                record.path = path
        if cell("status"):
            status = words.status(cell("status")) or self._explained(Kind.STATUS, cell("status"))
            if not status:
                self.vocabulary.miss(Kind.STATUS, cell("status"))
                message = _("This aid status is not known; it was left as it is.")
                self._problem(number, columns["status"], cell("status"), message)
            else:
                record.status = status
                record.status_as_of = self._date(
                    number, cell("status_as_of"), columns.get("status_as_of")
                )
        record.language, record.language_word = self._language(
            number, cell("language"), columns.get("language")
        )
        if "student_phone" in columns:
            line = ContactPoint.Line.UNKNOWN
            record.addresses += self._phones(
                number, cell("student_phone"), columns["student_phone"], line, record.unread
            )
        if "student_email" in columns:
            record.addresses += self._emails(
                number, cell("student_email"), columns["student_email"], record.unread
            )
        return record

    def _guardian(
        self,
        number: int,
        cells: list[str],
        place: int,
        columns: Mapping[str, int],
        record: StudentRecord,
    ) -> None:
        def cell(part: str) -> str:
            return cells[columns[part]] if part in columns else ""

        guardian = Guardian(sis_id=cell("id").removesuffix(".0")[:64])
        first, last = cell("first_name"), cell("last_name")
        if not (first or last):
            first, last = split_name(cell("name"))
        if first or last or guardian.sis_id:
            self._passed_over.discard(place)
        passed = any(words.yes_or_no(cell(part)) is False for part in ("is_guardian", "is_active"))
        if passed or words.is_stranger(cell("relationship")):
            self._passed_over.add(place)  # an emergency contact: a neighbour, a doctor
        if place in self._passed_over:
            return
        guardian.first_name, guardian.last_name = first[:80], last[:80]
        guardian.relationship = cell("relationship")[:40]
        guardian.language, guardian.language_word = self._language(
            number, cell("language"), columns.get("language")
        )
        guardian.gone = bool(words.yes_or_no(cell("gone")))
        guardian.may_contact = self._permission(cell("may_contact"), cell("do_not_contact"))
        line = kind_of_line(cell("phone_type"))
        for part, kind in (("cell_phone", ContactPoint.Line.MOBILE), ("phone", line)):
            if part in columns:
                guardian.addresses += self._phones(
                    number, cell(part), columns[part], kind, guardian.unread
                )
        # A home phone is texted only where no other phone is known; a phone at work never is.
        others = any(a.channel == Channel.SMS for a in guardian.addresses)
        home = ContactPoint.Line.LANDLINE if others else ContactPoint.Line.UNKNOWN
        work = ContactPoint.Line.LANDLINE
        for part, kind in (("home_phone", home), ("work_phone", work)):
            if part in columns:
                held = {a.text for a in guardian.addresses}
                found = self._phones(number, cell(part), columns[part], kind, guardian.unread)
                guardian.addresses += [a for a in found if a.text not in held]
        if "email" in columns:
            guardian.addresses += self._emails(
                number, cell("email"), columns["email"], guardian.unread
            )
        if words.yes_or_no(cell("sms_opt_out")):
            guardian.opted_out.add(Channel.SMS)
        if words.yes_or_no(cell("email_opt_out")):
            guardian.opted_out.add(Channel.EMAIL)
        if guardian.name or guardian.sis_id or guardian.addresses:
            record.add_guardian(guardian)

    def _permission(self, allowed: str, forbidden: str) -> bool | None:
        """May the adult be contacted? None if the file does not say."""
        if words.yes_or_no(forbidden):
            return False
        said = words.yes_or_no(allowed)
        return said if said is not None else (True if words.yes_or_no(forbidden) is False else None)

    def _school(self, number: int, text: str, column: int | None) -> int | None:
        found = self.schools.find(text)
        if found is None:
            found = self.schools.find(self._explained(Kind.SCHOOL, text))
        if self.only_school is not None:
            if found not in (None, self.only_school):
                self._skip(number, column, text, _("This student belongs to another school."))
                return None
            return self.only_school
        if found is None:
            self.vocabulary.miss(Kind.SCHOOL, text)
            message = (
                _("This school is not in the district.") if text else _("The school is missing.")
            )
            self._skip(number, column, text, message)
        return found

    def _grade(self, number: int, text: str, column: int | None) -> str:
        word = text.strip().lower().removesuffix(".0")
        word = re.sub(r"(st|nd|rd|th)?( grade)?$", "", word.removeprefix("grade ")).strip()
        if not word:
            return ""
        if word.isdecimal() and 1 <= int(word) <= 13:
            return f"{int(word):02d}"
        grade = _GRADES.get(word) or _SENIOR.get(text.strip().lower())
        if not grade:
            self._problem(number, column, text, _("This grade is not known."))
        return grade or ""

    def _date(self, number: int, text: str, column: int | None) -> dt.date | None:
        if is_untold(text):
            return None
        date = read_date(text)
        if date is not None:
            return date
        self._problem(number, column, text, _("Write dates as 2008-05-31 or 5/31/2008."))
        return None

    def _language(self, number: int, text: str, column: int | None) -> tuple[str, str]:
        """The language meant; where it is not understood, "" and the word that asks for it."""
        if is_untold(text):
            return "", ""
        code = self._explained(Kind.LANGUAGE, text) or languages.understand(text)
        if code:
            return code, ""
        message = _("This language was not understood; the family keeps the one it has.")
        self._problem(number, column, text, message)
        return "", self.vocabulary.miss(Kind.LANGUAGE, text)

    def _explained(self, kind: str, text: str) -> str:
        return self.vocabulary.meaning(kind, text)

    def _phones(
        self, number: int, text: str, column: int, line: str, unread: set[str]
    ) -> list[Address]:
        found: list[Address] = []
        for part in several(text):
            try:
                phone = phones.read(part)
            except phones.BadPhone as error:
                unread.add(Channel.SMS)
                self._problem(number, column, part, str(error))
            else:
                address = Address(Channel.SMS, phone.e164, line, phone.area_zone)
                if phone.e164 not in {a.text for a in found}:
                    found.append(address)
        return found

    def _emails(self, number: int, text: str, column: int, unread: set[str]) -> list[Address]:
        found: list[Address] = []
        for part in several(text):
            try:
                email = emails.read(part)
            except emails.BadEmail as error:
                unread.add(Channel.EMAIL)
                self._problem(number, column, part, str(error))
            else:
                if email not in {a.text for a in found}:
                    found.append(Address(Channel.EMAIL, email))
        return found

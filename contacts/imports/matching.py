"""Who in the file is who in the records, and what that would change. Writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from contacts.crypto import blind_index
from contacts.ids import new_key
from contacts.imports.book import Book, Key, Person
from contacts.imports.plan import Plan
from contacts.imports.problems import Problems
from contacts.imports.records import Address, Guardian, StudentRecord
from contacts.imports.rows import ContactRow, PointRow, Row, StudentRow, TieRow
from contacts.imports.spool import CHANGED, NEW, SAME, Spool
from contacts.models import Consent, ContactPoint, Student
from contacts.names import plain
from contacts.statuses import Finding
from schools.models import Cycle, District


class Matcher:
    """Plans one import into one district, chunk by chunk; a chunk holds whole students.

    What one chunk must know of another is in the spool (what the file said of whom) or already
    in the database (the caller writes each plan before it asks for the next).
    """

    def __init__(
        self,
        district: District,
        spool: Spool,
        problems: Problems,
        *,
        now: dt.datetime,
        today: dt.date,
        whole: bool,
        overwrite: bool,
    ) -> None:
        self.district, self.spool, self.problems = district, spool, problems
        self.now, self.day, self.today = now, today, today.isoformat()
        self.whole, self.overwrite = whole, overwrite
        self._cycles: set[str] = set()

    def match(self, records: Sequence[StudentRecord]) -> Plan:
        """The plan for these records; each student appears once."""
        self.plan = Plan()
        self.book = Book(self.district)
        self._keys: dict[tuple[str, str], Key] = {}
        keys = {
            self._key(a)
            for record in records
            for a in (*record.addresses, *(a for g in record.guardians for a in g.addresses))
        }
        self.book.load(records, keys)
        self._remember_what_was_said()
        people: dict[str, Person] = {}
        seen: dict[str, StudentRow] = {}
        for record in records:
            student = self._student(record)
            if student is None:
                continue
            seen[student.pk] = student
            self._family(student, record, people)
            self._status(student, record)
        for person in people.values():
            self._finish(person)
        self._remember(people)
        self._changed_rows(people)
        self.spool.saw(
            (s.pk, s.school_id, s.grade, NEW if s.is_new else self._outcome(s.pk))
            for s in seen.values()
        )
        return self.plan

    def _outcome(self, student: str) -> int:
        return CHANGED if student in self.plan.touched else SAME

    def _remember_what_was_said(self) -> None:
        people = [*self.book.people.values(), *self.book.own.values()]
        heard = self.spool.heard([p.contact.pk for p in people])
        for person in people:
            if person.contact.pk in heard:
                person.was_named, person.was_language, person.was_unread = heard[person.contact.pk]

    def _change(self, row: Row, **values: object) -> bool:
        """Changes a row unless a person set it by hand; True if anything is different now."""
        changed = row.change(self.overwrite, **values)
        if row.by_hand:  # type: ignore[attr-defined]
            kept = (name for name, value in values.items() if getattr(row, name) != value)
            self.plan.kept_by_hand += sum(1 for _name in kept)
        if not row.is_new:
            self.plan.fields.update(f"{type(row).__name__}.{name}" for name in changed)
        return bool(changed)

    # Students ---------------------------------------------------------------------------

    def _student(self, record: StudentRecord) -> StudentRow | None:
        student = self.book.students.get(record.sis_id) or self._renumbered(record)
        merged = student is not None and student.sis_id != record.sis_id
        if student is not None and merged and self.spool.names([student.sis_id]):
            return None  # the file says more of them under the id that they kept
        if record.gone:
            if student is not None and self._change(student, left_on=student.left_on or self.today):
                self.plan.left += 1
                self._leaves(student)
            return None
        if student is None:
            if record.school is None or not (record.first_name or record.last_name):
                self.problems.add(
                    record.row,
                    "",
                    record.sis_id,
                    _("No student here has this id, and the row lacks a name or a school."),
                )
                return None
            student = StudentRow(
                new_key(), sis_id=record.sis_id, household_id=new_key(), is_new=True
            )
            self.book.students[record.sis_id] = student
            self.book.by_pk[student.pk] = student
            self.plan.new_students.append(student)
        grade = record.grade or student.grade
        said = {
            "school_id": record.school or student.school_id,
            "grade": grade,
            "cycle_id": self._cycle(grade),
            "left_on": None,
        }
        if record.first_name or record.last_name:
            said |= {"first_name": record.first_name, "last_name": record.last_name}
        for name in ("state_student_id", "path"):
            if getattr(record, name):
                said[name] = getattr(record, name)
        if record.birth_date:
            said["birth_date"] = record.birth_date.isoformat()
        if "grade" in student.by_hand and not self.overwrite:
            del said["cycle_id"]
        if self._change(student, **said):
            self.plan.touched.add(student.pk)
        return student

    def _renumbered(self, record: StudentRecord) -> StudentRow | None:
        """A student known by the state's id whose number in the SIS is another now."""
        known = self.book.by_state_id.get(record.state_student_id, [])
        if len(known) != 1 or self.spool.names([known[0].sis_id]):
            return None
        student = known[0]
        self._change(student, sis_id=record.sis_id)
        self.plan.touched.add(student.pk)
        self.book.students[record.sis_id] = student
        return student

    def _leaves(self, student: StudentRow) -> None:
        own = self.book.own.get(student.pk)
        if own is not None and self._change(own.contact, left_on=self.today):
            self.plan.changed.append(own.contact)
        self.plan.changed.append(student)
        self.spool.desert(p.contact.pk for p in self.book.by_student[student.pk])

    def _cycle(self, grade: str) -> str:
        """The award year that a student of this grade files for: seniors now, others later."""
        name = Cycle.name_on(self.day, grade=grade)
        if name not in self._cycles:
            self._cycles.add(Cycle.objects.get_or_create(name=name)[0].pk)
        return name

    def _status(self, student: StudentRow, record: StudentRecord) -> None:
        if not record.status:
            return
        as_of = self.now
        if record.status_as_of:
            noon = dt.datetime.combine(record.status_as_of, dt.time(12))
            as_of = min(noon.replace(tzinfo=self.now.tzinfo), self.now)
        self.plan.findings.append(Finding(Student(pk=UUID(student.pk)), record.status, as_of))

    # Guardians --------------------------------------------------------------------------

    def _family(
        self, student: StudentRow, record: StudentRecord, people: dict[str, Person]
    ) -> None:
        told = self.whole or record.first_name or record.last_name  # else of a guardian alone
        if record.addresses or (told and student.pk in self.book.own):
            own = self._own(student, record)
            people[own.contact.pk] = own
        named: set[str] = set()
        keyed = [(g, [self._key(a) for a in g.addresses]) for g in record.guardians]
        if len(keyed) > 1:
            keyed.sort(key=lambda pair: self._doubt(pair[0], pair[1], student))
        for guardian, keys in keyed:
            person = self.book.find(guardian, keys, student.pk, besides=named)
            if guardian.gone:
                if person is not None:
                    self._untie(student, person)
                continue
            if person is None:
                person = self._new_guardian(guardian)
            self._say(person, guardian, keys, record, student)
            self._tie(student, guardian, person)
            people[person.contact.pk] = person
            named.add(person.contact.pk)
        if named and self.whole:
            for person in self.book.by_student[student.pk]:
                if person.contact.pk not in named:
                    self._untie(student, person)

    def _doubt(self, guardian: Guardian, keys: list[Key], student: StudentRow) -> tuple[bool, ...]:
        """Sorts those first of whom it is certain who they are: by id, by whole name, by name."""
        person = self.book.find(guardian, keys, student.pk)
        exactly = person is not None and person.named == plain(guardian.name)
        return (not guardian.sis_id, not exactly, not guardian.name)

    def _own(self, student: StudentRow, record: StudentRecord) -> Person:
        """The contact that is the student in person."""
        person = self.book.own.get(student.pk)
        if person is None:
            person = Person(ContactRow(new_key(), student_id=student.pk, is_new=True))
            self.book.add(person)
            self.plan.new_contacts.append(person.contact)
        guardian = Guardian(
            first_name=student.first_name,
            last_name=student.last_name,
            addresses=record.addresses,
            language=record.language,
            language_word=record.language_word,
            unread=record.unread,
        )
        keys = [self._key(a) for a in record.addresses]
        self._say(person, guardian, keys, record, student)
        return person

    def _new_guardian(self, guardian: Guardian) -> Person:
        contact = ContactRow(new_key(), guardian.sis_id, is_new=True)
        contact.first_name, contact.last_name = guardian.first_name, guardian.last_name
        person = Person(contact)
        self.book.add(person)
        self.plan.new_contacts.append(contact)
        return person

    def _tie(self, student: StudentRow, guardian: Guardian, person: Person) -> None:
        tie = person.ties.get(student.pk)
        if tie is None:
            tie = TieRow(None, person.contact.pk, student.pk, is_new=True)
            tie.may_contact = guardian.may_contact is not False
            tie.relationship = guardian.relationship
            self.book.tie(person, tie)
            self.plan.new_ties.append(tie)
            if not student.is_new:
                self.plan.fields["TieRow.added"] += 1
            self.plan.touched.add(student.pk)
            return
        allowed = guardian.may_contact
        if allowed is None:
            # Whoever custody papers bar stays barred, though named again without a word on it.
            allowed = tie.may_contact if tie.left_on is None else not tie.barred
        if self._change(
            tie,
            left_on=None,
            relationship=guardian.relationship or tie.relationship,
            may_contact=allowed,
            barred=False,
        ):
            self.plan.touched.add(student.pk)

    def _untie(self, student: StudentRow, person: Person) -> None:
        """Whoever the district no longer names for the student is not written to any more."""
        tie = person.ties.get(student.pk)
        if tie is None or tie.left_on is not None or tie.is_new:
            return
        if self._change(tie, left_on=self.today, may_contact=False, barred=not tie.may_contact):
            self.plan.changed.append(tie)
            self.plan.touched.add(student.pk)
            self.spool.desert([person.contact.pk])

    def _say(
        self,
        person: Person,
        guardian: Guardian,
        keys: list[Key],
        record: StudentRecord,
        student: StudentRow,
    ) -> None:
        """Adds what one row says of a person, and makes its addresses findable for siblings."""
        person.students.add(student.pk)
        heard = Guardian(
            sis_id=guardian.sis_id,
            first_name=guardian.first_name,
            last_name=guardian.last_name,
            language=guardian.language or record.language,
            language_word=guardian.language_word or record.language_word,
            opted_out=set(guardian.opted_out),
            unread=set(guardian.unread),
        )
        if person.said is None:
            person.said = heard
        else:
            person.said.merge(heard)
        if person.said.name and not person.was_named:
            person.named = plain(person.said.name)
        if guardian.sis_id and person.contact.student_id is None:
            self.book.by_sis.setdefault(guardian.sis_id, person)
            if not person.contact.sis_id and self._change(person.contact, sis_id=guardian.sis_id):
                self.plan.touched.add(student.pk)
        for key, address in zip(keys, guardian.addresses, strict=True):
            if key not in person.keys:
                person.keys[key] = address
                if person.contact.student_id is None and key not in person.points:
                    self.book.by_key[key].append(person)

    # People, once the chunk has spoken --------------------------------------------------

    def _finish(self, person: Person) -> None:
        """Turns what the file said of a person into changes."""
        said, contact = person.said, person.contact
        assert said is not None
        values: dict[str, object] = {"left_on": None}
        if said.language and not person.was_language:
            values["language"] = said.language
        elif not contact.language:
            values["language"] = "en"
        if said.language:
            self.plan.understood.append(contact.pk)
        elif said.language_word and not person.was_language:
            self.plan.unexplained[contact.pk] = said.language_word
        if said.name and not person.was_named:
            values |= {"first_name": said.first_name, "last_name": said.last_name}
        changed = self._change(contact, **values) or contact.is_new
        changed |= self._points(person, said)
        if changed:
            self.plan.touched |= person.students

    def _remember(self, people: dict[str, Person]) -> None:
        """Leaves in the spool what later chunks and the endings must know of these people."""
        self.spool.hear(
            (
                person.contact.pk,
                person.was_named or bool(person.said and person.said.name),
                person.was_language or bool(person.said and person.said.language),
                _joined(person.was_unread, person.said.unread if person.said else set()),
            )
            for person in people.values()
        )
        self.spool.mention((pk, *key) for pk, person in people.items() for key in person.keys)
        self.spool.doubt(
            pk
            for pk, person in people.items()
            if any(
                key not in person.keys and point.removed_on is None
                for key, point in person.points.items()
            )
        )

    def _points(self, person: Person, said: Guardian) -> bool:
        """Adds and restores a person's addresses; True if anything changed.

        Those that no row mentions are taken away once the whole file has been read.
        """
        changed = False
        for key, address in person.keys.items():
            point = person.points.get(key)
            if point is None:
                self.plan.new_points.append(self._new_point(person.contact, key, address))
                if not person.contact.is_new:
                    self.plan.fields["PointRow.added"] += 1
                changed = True
                continue
            values: dict[str, object] = {"removed_on": None}
            if address.line != ContactPoint.Line.UNKNOWN:
                values["line"] = address.line
            changed |= self._change(point, **values)
        for channel in said.opted_out:
            for key in [*person.keys, *person.points]:
                if key[0] == channel and key not in self.book.suppressed:
                    self.plan.opt_outs.add(key)
                    changed = True
        return changed

    def _new_point(self, contact: ContactRow, key: Key, address: Address) -> PointRow:
        """A new address starts with what it has said before, and never with more."""
        known = self.book.consent.get(key, Consent.IMPLIED)
        consent = Consent.WITHDRAWN if key in self.book.suppressed else known
        point = PointRow(new_key(), contact.pk, *key, address.line, consent, is_new=True)
        point.text, point.area_zone = address.text, address.area_zone
        return point

    def _changed_rows(self, people: dict[str, Person]) -> None:
        rows: list[StudentRow | ContactRow | TieRow | PointRow] = [*self.book.by_pk.values()]
        for person in people.values():
            rows += [person.contact, *person.ties.values(), *person.points.values()]
        known = {id(row) for row in self.plan.changed}
        self.plan.changed += [
            row for row in rows if row.before and not row.is_new and id(row) not in known
        ]

    def _key(self, address: Address) -> Key:
        place = (address.channel, address.text)
        if place not in self._keys:
            self._keys[place] = (address.channel, blind_index(*place))
        return self._keys[place]


def _joined(known: str, more: set[str]) -> str:
    """Channels in one text: "email,sms"."""
    return ",".join(sorted({*known.split(","), *more} - {""}))

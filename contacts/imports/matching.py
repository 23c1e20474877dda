"""Who in the file is who in the records, and what that would change. Writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from contacts.crypto import blind_index
from contacts.imports.book import Book, Key, Person, folded
from contacts.imports.households import join
from contacts.imports.plan import NewPoint, Plan, change
from contacts.imports.reach import why_unreachable
from contacts.imports.records import Address, Guardian, StudentRecord
from contacts.models import Channel, Consent, Contact, ContactPoint, Guardianship, Student
from contacts.statuses import Finding, news
from schools.models import Cycle, District


class Matcher:
    """Plans one import into one district.

    `guardian_channels` and `student_channels` are those that the file has columns for: what it
    does not speak of, it does not remove. `names_guardians` likewise.
    """

    def __init__(
        self,
        district: District,
        *,
        now: dt.datetime,
        today: dt.date,
        guardian_channels: set[str],
        student_channels: set[str],
    ) -> None:
        self.district, self.now, self.today = district, now, today
        self.guardian_channels = guardian_channels
        self.student_channels = student_channels
        self.book = Book(district)
        self.plan = Plan()
        self.in_file: dict[UUID, StudentRecord] = {}
        self.touched: set[UUID] = set()  # students of whom anything changes
        self.new_ids: set[UUID] = set()
        self._cycles: dict[int, str] = {}

    def match(self, records: Iterable[StudentRecord]) -> Plan:
        """The plan for these records; each student appears once."""
        people: dict[UUID, Person] = {}
        for record in records:
            student = self._student(record)
            self.in_file[student.pk] = record
            if record.addresses or student.pk in self.book.own:
                own = self._own(student, record)
                people[own.contact.pk] = own
            named = set()
            for guardian in record.guardians:
                person = self._guardian(student, record, guardian)
                people[person.contact.pk] = person
                named.add(person.contact.pk)
            if named:
                self._untie_others(student, named)
        for person in people.values():
            self._finish(person)
        self._mark_left()
        touched = join(self.book, self.plan, self.in_file, people.values(), self.district)
        self.touched |= touched
        self._statuses()
        self._count()
        return self.plan

    # Students ---------------------------------------------------------------------------

    def _student(self, record: StudentRecord) -> Student:
        student = self.book.students.get(record.sis_id)
        if student is None:
            student = Student(district=self.district, sis_id=record.sis_id)
            self.book.students[record.sis_id] = student
            self.book.by_pk[student.pk] = student
            self.plan.new_students.append(student)
            self.new_ids.add(student.pk)
        grade = record.grade or student.grade
        said = {
            "school_id": record.school,
            "first_name": record.first_name,
            "last_name": record.last_name,
            "grade": grade,
            "cycle_id": self._cycle(grade),
            "left_on": None,
        }
        for name in ("state_student_id", "birth_date", "path"):
            if getattr(record, name):
                said[name] = getattr(record, name)
        if change(student, **said):
            self._changed(student)
        return student

    def _changed(self, student: Student) -> None:
        self.touched.add(student.pk)
        if student.pk not in self.new_ids:
            self.plan.changed_students[student.pk] = student

    def _cycle(self, grade: str) -> str:
        """The award year that a student of this grade files for: seniors now, others later."""
        later = 12 - int(grade) if grade.isdecimal() else 0
        later = min(max(later, 0), 12)
        if later not in self._cycles:
            first = int(Cycle.name_on(self.today)[:4]) + later
            name = f"{first}-{(first + 1) % 100:02d}"
            self._cycles[later] = Cycle.objects.get_or_create(name=name)[0].pk
        return self._cycles[later]

    def _own(self, student: Student, record: StudentRecord) -> Person:
        """The contact that is the student in person."""
        person = self.book.own.get(student.pk)
        if person is None:
            contact = Contact(district=self.district, student=student, language="")
            person = Person(contact, is_new=True)
            self.book.add(person)
            self.plan.new_contacts.append(contact)
        guardian = Guardian(
            first_name=student.first_name,
            last_name=student.last_name,
            addresses=record.addresses,
            language=record.language,
            unread=record.unread,
        )
        self._say(person, guardian, record)
        return person

    # Guardians --------------------------------------------------------------------------

    def _guardian(self, student: Student, record: StudentRecord, guardian: Guardian) -> Person:
        keys = [self._key(a) for a in guardian.addresses]
        person = self.book.find(guardian, keys, student)
        if person is None:
            contact = Contact(district=self.district, sis_id=guardian.sis_id, language="")
            contact.first_name, contact.last_name = guardian.first_name, guardian.last_name
            person = Person(contact, is_new=True)
            self.book.add(person)
            self.plan.new_contacts.append(contact)
        self._say(person, guardian, record)
        tie = person.ties.get(student.pk)
        if tie is None:
            tie = Guardianship(contact=person.contact, student=student)
            tie.may_contact = guardian.may_contact is not False
            tie.relationship = guardian.relationship
            self.book.tie(person, tie)
            self.plan.new_ties.append(tie)
            self.touched.add(student.pk)
            return person
        returned = tie.left_on is not None
        allowed = guardian.may_contact
        said = {
            "left_on": None,
            "relationship": guardian.relationship or tie.relationship,
            "may_contact": allowed if allowed is not None else tie.may_contact or returned,
        }
        if change(tie, **said):
            self.touched.add(student.pk)
            if tie.pk:
                self.plan.changed_ties[tie.pk] = tie
        return person

    def _untie_others(self, student: Student, named: set[UUID]) -> None:
        """Whoever the district no longer names for the student is not written to any more."""
        for person in self.book.by_student[student.pk]:
            tie = person.ties[student.pk]
            if person.contact.pk in named or tie.left_on is not None or not tie.pk:
                continue
            change(tie, left_on=self.today, may_contact=False)
            self.plan.changed_ties[tie.pk] = tie
            self.touched.add(student.pk)
            self._leave_if_alone(person)

    def _say(self, person: Person, guardian: Guardian, record: StudentRecord) -> None:
        """Adds what one row says of a person, and makes its addresses findable for siblings."""
        heard = Guardian(
            sis_id=guardian.sis_id,
            first_name=guardian.first_name,
            last_name=guardian.last_name,
            language=guardian.language or record.language,
            addresses=list(guardian.addresses),
            opted_out=set(guardian.opted_out),
            unread=set(guardian.unread),
        )
        if person.said is None:
            person.said = heard
        else:
            person.said.merge(heard)
        if person.said.name:
            person.named = folded(person.said.name)
        if guardian.sis_id and person.contact.student_id is None:
            self.book.by_sis.setdefault(guardian.sis_id, person)
            if not person.contact.sis_id:
                person.contact.sis_id = guardian.sis_id
                person.changed = True
        for address in guardian.addresses:
            key = self._key(address)
            if key not in person.keys:
                person.keys[key] = None
                if person.contact.student_id is None and key not in person.points:
                    self.book.by_key[key].append(person)

    # People, once the whole file has spoken ---------------------------------------------

    def _finish(self, person: Person) -> None:
        """Turns what the file said of a person into changes."""
        said = person.said
        assert said is not None
        contact = person.contact
        language = said.language or contact.language or "en"
        values = {"language": language, "left_on": None}
        if said.name:
            values |= {"first_name": said.first_name, "last_name": said.last_name}
        person.changed |= change(contact, **values)
        if person.changed and not person.is_new:
            self.plan.changed_contacts[contact.pk] = contact
        person.changed |= self._points(person, said)
        if person.changed or person.is_new:
            self.touched |= {pk for pk in self._students_of(person) if pk in self.in_file}

    def _points(self, person: Person, said: Guardian) -> bool:
        """Adds, restores and removes a person's addresses; True if anything changed."""
        changed = False
        for address in said.addresses:
            key = self._key(address)
            point = person.points.get(key)
            if point is None:
                self.plan.new_points.append(
                    NewPoint(person.contact, address, key[1], self._consent(key))
                )
                changed = True
                continue
            values: dict[str, object] = {"removed_on": None}
            if address.line != ContactPoint.Line.UNKNOWN:
                values["line"] = address.line
            if change(point, **values):
                self.plan.changed_points[point.pk] = point
                changed = True
        own = person.contact.student_id is not None
        spoken_of = (self.student_channels if own else self.guardian_channels) - said.unread
        if own or all(pk in self.in_file for pk, tie in person.ties.items() if tie.left_on is None):
            for key, point in person.points.items():
                gone = key not in person.keys and key[0] in spoken_of
                if gone and point.removed_on is None:
                    point.removed_on = self.today
                    self.plan.changed_points[point.pk] = point
                    changed = True
        for channel in said.opted_out:
            for key in [*person.keys, *person.points]:
                if key[0] == channel and not self._is_silent(key):
                    self.plan.opt_outs.add(key)
                    changed = True
        return changed

    def _consent(self, key: Key) -> str:
        """What a new point starts with: never more than its address has said before."""
        if key in self.book.suppressed:
            return Consent.WITHDRAWN
        return self.book.consent.get(key, Consent.IMPLIED)

    def _is_silent(self, key: Key) -> bool:
        return key in self.book.suppressed

    def _key(self, address: Address) -> Key:
        return (address.channel, blind_index(address.channel, address.text))

    def _students_of(self, person: Person) -> set[UUID]:
        if person.contact.student_id is not None:
            return {person.contact.student_id}
        return set(person.ties)

    # The rest of the school -------------------------------------------------------------

    def _mark_left(self) -> None:
        """Students of the file's schools and grades whom it does not name have left."""
        seen = {
            (student.school_id, student.grade)
            for student in (self.book.by_pk[pk] for pk in self.in_file)
        }
        for student in self.book.students.values():
            if student.pk in self.in_file or student.left_on is not None:
                continue
            if (student.school_id, student.grade) not in seen:
                continue
            student.left_on = self.today
            self.plan.changed_students[student.pk] = student
            self.plan.left += 1
            own = self.book.own.get(student.pk)
            if own is not None and change(own.contact, left_on=self.today):
                self.plan.changed_contacts[own.contact.pk] = own.contact
            for person in self.book.by_student[student.pk]:
                self._leave_if_alone(person)

    def _leave_if_alone(self, person: Person) -> None:
        """A guardian without a present student has left as well."""
        for pk, tie in person.ties.items():
            if tie.left_on is None and self.book.by_pk[pk].left_on is None:
                return
        if change(person.contact, left_on=self.today) and not person.is_new:
            self.plan.changed_contacts[person.contact.pk] = person.contact

    def _statuses(self) -> None:
        findings = []
        for pk, record in self.in_file.items():
            if record.status:
                as_of = self.now
                if record.status_as_of:
                    noon = dt.datetime.combine(record.status_as_of, dt.time(12))
                    as_of = min(noon.replace(tzinfo=self.now.tzinfo), self.now)
                findings.append(Finding(self.book.by_pk[pk], record.status, as_of))
        fresh = news(findings, source="file")
        self.plan.findings = [finding for finding, _current in fresh]
        self.touched |= {finding.student.pk for finding in self.plan.findings}

    def _count(self) -> None:
        plan = self.plan
        plan.created = len(plan.new_students)
        plan.updated = len(self.touched - self.new_ids)
        plan.unchanged = len(self.in_file) - plan.created - plan.updated
        new_points: dict[UUID, list[NewPoint]] = {}
        for point in plan.new_points:
            new_points.setdefault(point.contact.pk, []).append(point)
        silenced = self.book.suppressed | plan.opt_outs
        for pk in self.in_file:
            people = [
                (person, person.ties[pk].may_contact and person.ties[pk].left_on is None)
                for person in self.book.by_student.get(pk, ())
            ]
            if pk in self.book.own:
                people.append((self.book.own[pk], True))
            reason = why_unreachable(people, new_points, silenced, self.district)
            if reason:
                plan.unreachable[reason] += 1


def channels(mapped: Iterable[str], prefix: str) -> set[str]:
    """The channels that a mapping's fields (all starting with `prefix`) speak of."""
    found = set()
    for field in mapped:
        if field.startswith(prefix) and field.endswith("phone"):
            found.add(str(Channel.SMS))
        if field.startswith(prefix) and field.endswith("email"):
            found.add(str(Channel.EMAIL))
    return found

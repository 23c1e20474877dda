"""What can be told only once a whole file has been read: who has left, what is gone, who is kin."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from contacts.ids import as_key
from contacts.imports import bulk
from contacts.imports.plan import Plan
from contacts.imports.rows import ContactRow, PointRow, Row, StudentRow, load
from contacts.imports.spool import Spool
from contacts.imports.upsert import Writer
from contacts.models import Contact, Guardianship, Household, Student
from contacts.signals import rehoming
from schools.models import District

AT_ONCE = 1_000
# An adult named for more students than this is a caseworker or a coach, not a parent.
LARGEST_FAMILY = 8

T = TypeVar("T")


class Endings:
    """The last steps of one import, each a few statements over the district."""

    def __init__(
        self,
        district: District,
        spool: Spool,
        writer: Writer,
        *,
        today: dt.date,
        overwrite: bool,
    ) -> None:
        self.district, self.spool, self.writer = district, spool, writer
        self.today, self.overwrite = today.isoformat(), overwrite
        self.plan = Plan()

    def mark_missing_as_left(self) -> int:
        """Students of the file's schools and grades whom it does not name have left."""
        grades = self.spool.grades()
        if not grades:
            return 0
        of_them = Q()
        for school, grade in grades:
            of_them |= Q(school_id=school, grade=grade)
        present = Student.objects.filter(of_them, district=self.district, left_on=None)
        left = 0
        pks = map(as_key, present.values_list("pk", flat=True).iterator(AT_ONCE))
        for chunk in _batches(pks, AT_ONCE):
            missing = set(chunk) - self.spool.holds(chunk)
            students = list(load(StudentRow, "pk", sorted(missing)))
            gone = [s for s in students if self._change(s, left_on=self.today)]
            left += len(gone)
            own = load(ContactRow, "student_id", [s.pk for s in gone])
            self.writer.update([*gone, *(c for c in own if self._change(c, left_on=self.today))])
            ties = bulk.select(Guardianship, ["contact_id"], "student_id", [s.pk for s in gone])
            self.spool.desert(contact for (contact,) in ties)
        return left

    def take_away_addresses(self, guardian_channels: set[str], student_channels: set[str]) -> None:
        """Addresses that the file, naming all of a person's students, no longer gives them."""
        for chunk in self.spool.doubtful():
            elsewhere = self._with_students_outside(chunk)
            heard, said = self.spool.heard(chunk), self.spool.mentioned(chunk)
            pairs = bulk.select(Contact, ["pk", "student_id"], "pk", chunk)
            own = {contact: student for contact, student in pairs if student}
            gone = []
            for point in load(PointRow, "contact_id", chunk):
                contact = point.contact_id
                spoken_of = student_channels if contact in own else guardian_channels
                unread = heard[contact][2].split(",")
                if point.channel not in spoken_of or point.channel in unread:
                    continue
                if contact in elsewhere or (contact, *point.key) in said or point.removed_on:
                    continue
                if self._change(point, removed_on=self.today):
                    gone.append(point)
            self.writer.update(gone)
            self._touch({point.contact_id for point in gone}, own)

    def _with_students_outside(self, contacts: list[str]) -> set[str]:
        """Those of the contacts who have a present student whom the file does not name."""
        ties = Guardianship.objects.filter(
            contact__in=map(UUID, contacts), left_on=None, student__left_on=None
        ).values_list("contact_id", "student_id")
        pairs = [(as_key(contact), as_key(student)) for contact, student in ties]
        here = self.spool.holds([student for _contact, student in pairs])
        return {contact for contact, student in pairs if student not in here}

    def _touch(self, contacts: set[str], own: dict[str, str]) -> None:
        ties = bulk.select(Guardianship, ["student_id"], "contact_id", contacts)
        self.spool.touch(student for (student,) in ties)
        self.spool.touch(own[contact] for contact in contacts if contact in own)

    def let_guardians_go(self) -> None:
        """A guardian without a present student has left as well."""
        for chunk in self.spool.deserted():
            still = Guardianship.objects.filter(
                contact=OuterRef("pk"), left_on=None, student__left_on=None
            )
            alone = Contact.objects.filter(pk__in=chunk, left_on=None).exclude(Exists(still))
            rows = load(ContactRow, "pk", map(as_key, alone.values_list("pk", flat=True)))
            self.writer.update([row for row in rows if self._change(row, left_on=self.today)])

    def join_households(self) -> None:
        """Students who share a guardian form one household: it hears once, and is drawn together.

        Households are joined and never split: a campaign that drew an arm for one keeps it, and
        other rooms hear of who moved, so that an arm goes with a family.
        """
        torn = (
            Guardianship.objects.filter(left_on=None, student__district=self.district)
            .values("contact")
            .annotate(students=Count("student"), homes=Count("student__household", distinct=True))
            .filter(students__lte=LARGEST_FAMILY, homes__gt=1)
            .values_list("contact", flat=True)
        )
        ties = Guardianship.objects.filter(left_on=None)
        known = Household.objects.filter(pk=OuterRef("student__household"))
        parent: dict[str, str] = {}
        new: set[str] = set()
        for chunk in _batches(torn.iterator(AT_ONCE), AT_ONCE):
            found = (
                ties.filter(contact__in=chunk).annotate(is_known=Exists(known)).order_by("contact")
            )
            pairs = found.values_list("contact", "student__household", "is_known")
            for _contact, homes in itertools.groupby(pairs, key=lambda pair: pair[0]):
                together = []
                for _c, pk, is_known in homes:
                    home = as_key(pk)
                    together.append(home)
                    if not is_known:
                        new.add(home)
                for home in together[1:]:
                    parent[_root(parent, home)] = _root(parent, together[0])
        self._move(parent, new)
        self._keep_households()

    def _move(self, parent: dict[str, str], new: set[str]) -> None:
        """Moves joined students into the oldest of their households."""
        groups: dict[str, list[str]] = {}
        for home in list(parent):
            groups.setdefault(_root(parent, home), []).append(home)
        into = {}
        for homes in groups.values():
            chosen = min(homes, key=lambda home: (home in new, home))
            into.update({home: chosen for home in homes if home != chosen})
        for chunk in _batches(into, AT_ONCE):
            students = list(load(StudentRow, "household_id", chunk))
            for student in students:
                assert student.household_id is not None
                student.set("household_id", into[student.household_id])
            # Only students of this very import are in a household that is not kept yet; for
            # them there is nothing to journal.
            fresh = [s for s in students if s.before["household_id"] in new]
            bulk.update(Student, ["household_id"], ([s.household_id, s.pk] for s in fresh))
            known = [s for s in students if s.before["household_id"] not in new]
            self.writer.update(known)
            self.spool.touch(s.pk for s in known)
        left = {UUID(home): UUID(chosen) for home, chosen in into.items() if home not in new}
        if left:
            rehoming.send(sender=Student, homes=left)

    def _keep_households(self) -> None:
        """Adds the households that new students already name."""
        quote = connection.ops.quote_name
        students, homes = quote(Student._meta.db_table), quote(Household._meta.db_table)
        upload = self.writer.upload
        origin = Household._meta.get_field("brought_by").get_db_prep_save(
            upload.pk if upload else None, connection
        )
        cast = "CAST(%s AS uuid)" if connection.vendor == "postgresql" else "%s"
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {homes} (id, district_id, brought_by_id)"
                f" SELECT DISTINCT s.household_id, s.district_id, {cast} FROM {students} s"
                f" LEFT JOIN {homes} h ON h.id = s.household_id"
                " WHERE s.district_id = %s AND h.id IS NULL",
                [origin, self.district.pk],
            )

    def _change(self, row: Row, **values: object) -> bool:
        """Changes a row unless a person set it by hand; True if anything is different now."""
        changed = row.change(self.overwrite, **values)
        self.plan.fields.update(f"{type(row).__name__}.{name}" for name in changed)
        return bool(changed)


def _root(parent: dict[str, str], home: str) -> str:
    while parent.setdefault(home, home) != home:
        parent[home] = parent[parent[home]]
        home = parent[home]
    return home


def _batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(values)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk

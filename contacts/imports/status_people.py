"""Whom a row of a status file means: told by an id, by an earlier answer, or perhaps by a name."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q

from contacts import names, status_reviews
from contacts.models import OtherId, Student
from contacts.models.people import StudentQuerySet
from schools.models import District


@dataclass(frozen=True)
class Line:
    """One row, cleaned: which student, and what is said."""

    row: int
    student_id: str
    state_id: str
    first_name: str
    last_name: str
    birth_date: dt.date | None
    school: int | None
    status: str
    as_of: dt.datetime
    path: str

    @property
    def who(self) -> str:
        """The person as the file names them, for the person who decides."""
        born = self.birth_date.isoformat() if self.birth_date else ""
        return ", ".join(filter(None, [f"{self.first_name} {self.last_name}".strip(), born]))

    @property
    def who_index(self) -> str:
        """Equal for rows that name a person in the same way."""
        born = self.birth_date.isoformat() if self.birth_date else ""
        name = names.folded(f"{self.first_name} {self.last_name}")
        return status_reviews.index(self.state_id, self.student_id, name, born)


class People:
    """The students of one place, as the rows of a status file name them."""

    def __init__(self, district: District, students: StudentQuerySet) -> None:
        self.district, self.students = district, students

    def by_ids(self, lines: list[Line]) -> dict[int, Student]:
        """The student of each row that gives an id that is known: the state's goes first."""
        state_ids = {line.state_id for line in lines} - {""}
        ids = {line.student_id for line in lines} - {""}
        students = self.students.filter(Q(state_student_id__in=state_ids) | Q(sis_id__in=ids))
        by_state_id: dict[str, list[Student]] = defaultdict(list)
        by_id: dict[str, Student] = {}
        for student in students:
            by_state_id[student.state_student_id].append(student)
            by_id[student.sis_id] = student
        merged = OtherId.objects.filter(district=self.district, sis_id__in=ids)
        for other in merged.filter(student__in=self.students).select_related("student"):
            by_id.setdefault(other.sis_id, other.student)  # type: ignore[arg-type]
        found: dict[int, Student] = {}
        for line in lines:
            same = by_state_id.get(line.state_id, []) if line.state_id else []
            one = same[0] if len(same) == 1 else by_id.get(line.student_id)
            if one is not None:
                found[line.row] = one
        return found

    def by_names(self, lines: list[Line]) -> dict[int, list[Student]]:
        """The present students whom each row may mean: born that day, and of that name."""
        days = {line.birth_date for line in lines if line.birth_date}
        born: dict[dt.date | None, list[Student]] = defaultdict(list)
        for student in self.students.present().filter(birth_date__in=days):
            born[student.birth_date].append(student)
        return {
            line.row: [
                student
                for student in born[line.birth_date]
                if _same_name(line, student) and line.school in (None, student.school_id)
            ]
            for line in lines
            if line.birth_date and line.first_name and line.last_name
        }

    def as_answered(
        self, lines: list[Line], candidates: dict[int, list[Student]]
    ) -> dict[int, Student]:
        """The students of rows that a person has decided on before.

        Where they said that it is none of those whom it may mean, nobody is left to ask about.
        """
        indexes = {line.row: line.who_index for line in lines if candidates.get(line.row)}
        known = status_reviews.answers(self.district, set(indexes.values())) if indexes else {}
        found: dict[int, Student] = {}
        for row, index in indexes.items():
            answer = known.get(index)
            if answer is None:
                continue
            meant = [s for s in candidates[row] if answer.student and s.pk == answer.student.pk]
            if meant:
                found[row] = meant[0]
            elif answer.asked.issuperset(student.pk for student in candidates[row]):
                candidates[row] = []
        return found


def _same_name(line: Line, student: Student) -> bool:
    """The same last name, and first names of which one begins with the other's words."""
    if names.folded(line.last_name) != names.folded(student.last_name):
        return False
    one, two = names.folded(line.first_name).split(), names.folded(student.first_name).split()
    return all(a == b for a, b in zip(one, two, strict=False))

"""Students who share a guardian form one household: the unit that hears once, and is randomised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from contacts.imports.book import Book, Person
from contacts.imports.plan import Plan
from contacts.models import Household
from schools.models import District

# An adult named for more students than this is a caseworker or a coach, not a parent.
LARGEST_FAMILY = 8


def join(
    book: Book,
    plan: Plan,
    in_file: Mapping[UUID, object],
    people: Iterable[Person],
    district: District,
) -> set[UUID]:
    """Gives every student of the file a household, siblings the same; returns whom it moved.

    Households are joined and never split: a campaign that drew an arm for one keeps it.
    """
    parent: dict[UUID, UUID] = {}

    def root(pk: UUID) -> UUID:
        while parent.setdefault(pk, pk) != pk:
            parent[pk] = parent[parent[pk]]
            pk = parent[pk]
        return pk

    for person in people:
        students = [pk for pk, tie in person.ties.items() if tie.left_on is None]
        if len(students) <= LARGEST_FAMILY:
            for pk in students[1:]:
                parent[root(pk)] = root(students[0])
    groups: dict[UUID, list[UUID]] = {}
    for pk in {*in_file, *parent}:
        groups.setdefault(root(pk), []).append(pk)
    moved = set()
    new = {student.pk for student in plan.new_students}
    for members in groups.values():
        students_here = [book.by_pk[pk] for pk in members if pk in book.by_pk]
        known = sorted({s.household_id for s in students_here if s.household_id})
        if known:
            household_id = known[0]
        else:
            household = Household(district=district)
            plan.new_households.append(household)
            household_id = household.pk
        for student in students_here:
            if student.household_id != household_id:
                student.household_id = household_id
                if student.pk not in new:
                    plan.changed_students[student.pk] = student
                    moved.add(student.pk)
    return moved & in_file.keys()

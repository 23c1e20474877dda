"""What an import would change: made by matching, shown in the preview, written by upsert."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from contacts.imports.records import Address
from contacts.models import Contact, ContactPoint, Guardianship, Household, Student
from contacts.statuses import Finding

STUDENT_FIELDS = [
    "school",
    "household",
    "cycle",
    "state_student_id",
    "first_name",
    "last_name",
    "birth_date",
    "grade",
    "path",
    "left_on",
]
CONTACT_FIELDS = ["sis_id", "first_name", "last_name", "language", "left_on"]
TIE_FIELDS = ["relationship", "may_contact", "left_on"]
POINT_FIELDS = ["line", "removed_on"]


def change(row: Any, **values: Any) -> bool:
    """Sets attributes; True if any of them was something else."""
    changed = False
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    return changed


@dataclass(eq=False, slots=True)
class NewPoint:
    """An address to be added to a contact; sealed only when it is written."""

    contact: Contact
    address: Address
    index: str
    consent: str


@dataclass
class Plan:
    """Rows to add and rows to change, and what that means for a person who decides."""

    new_households: list[Household] = field(default_factory=list)
    new_students: list[Student] = field(default_factory=list)
    new_contacts: list[Contact] = field(default_factory=list)
    new_ties: list[Guardianship] = field(default_factory=list)
    new_points: list[NewPoint] = field(default_factory=list)
    changed_students: dict[UUID, Student] = field(default_factory=dict)
    changed_contacts: dict[UUID, Contact] = field(default_factory=dict)
    changed_ties: dict[int, Guardianship] = field(default_factory=dict)
    changed_points: dict[UUID, ContactPoint] = field(default_factory=dict)
    opt_outs: set[tuple[str, str]] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    left: int = 0
    unreachable: Counter[str] = field(default_factory=Counter)

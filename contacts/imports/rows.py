"""Rows of the records as an import holds them: only what a file can change, and what was before.

Model instances would cost ten times the memory and time; an import touches half a million. Keys
and dates are text here, as the database writes them (bulk.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from contacts.imports import bulk
from contacts.models import Contact, ContactPoint, Guardianship, Student


@dataclass(eq=False, slots=True)
class Row:
    """A row with the values it had before this import, by name, for those that changed."""

    before: dict[str, Any] = field(default_factory=dict, kw_only=True)
    is_new: bool = field(default=False, kw_only=True)

    def change(self, overwrite: bool = False, /, **values: Any) -> list[str]:
        """Sets attributes, returns the names of those that were something else.

        What a person set by hand stays unless `overwrite`; then it is the file's again.
        """
        changed = []
        for name, value in values.items():
            old = getattr(self, name)
            if old == value:
                continue
            if self.is_by_hand(name):
                if not overwrite:
                    continue
                self.give_back(name)
            self.set(name, value)
            changed.append(name)
        return changed

    def set(self, name: str, value: Any) -> None:
        """Sets an attribute and remembers the first value that it had."""
        self.before.setdefault(name, getattr(self, name))
        setattr(self, name, value)

    def is_by_hand(self, name: str) -> bool:
        """True if a person here set this field."""
        return name.removesuffix("_id") in self.by_hand  # type: ignore[attr-defined]

    def give_back(self, name: str) -> None:
        """The field is the file's to set again."""
        left = [n for n in self.by_hand if n != name.removesuffix("_id")]  # type: ignore[attr-defined]
        self.set("by_hand", left)


@dataclass(eq=False, slots=True)
class StudentRow(Row):
    MODEL: ClassVar[Any] = Student
    FIELDS: ClassVar[tuple[str, ...]] = (
        "school_id", "household_id", "cycle_id", "sis_id", "state_student_id", "first_name",
        "last_name", "birth_date", "grade", "path", "left_on", "by_hand",
    )  # fmt: skip

    pk: str
    school_id: int | None = None
    household_id: str | None = None
    cycle_id: str = ""
    sis_id: str = ""
    state_student_id: str = ""
    first_name: str = ""
    last_name: str = ""
    birth_date: str | None = None
    grade: str = "12"
    path: str = "unspecified"
    left_on: str | None = None
    by_hand: list[str] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class ContactRow(Row):
    MODEL: ClassVar[Any] = Contact
    FIELDS: ClassVar[tuple[str, ...]] = (
        "sis_id", "student_id", "first_name", "last_name", "language", "left_on", "by_hand",
    )  # fmt: skip

    pk: str
    sis_id: str = ""
    student_id: str | None = None
    first_name: str = ""
    last_name: str = ""
    language: str = ""
    left_on: str | None = None
    by_hand: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(eq=False, slots=True)
class WholeByHand(Row):
    """A row of which a person set all or nothing."""

    def is_by_hand(self, name: str) -> bool:
        return bool(self.by_hand) and name != "by_hand"  # type: ignore[attr-defined]

    def give_back(self, name: str) -> None:
        self.set("by_hand", False)


@dataclass(eq=False, slots=True)
class TieRow(WholeByHand):
    MODEL: ClassVar[Any] = Guardianship
    FIELDS: ClassVar[tuple[str, ...]] = (
        "contact_id", "student_id", "relationship", "may_contact", "barred", "left_on", "by_hand",
    )  # fmt: skip

    pk: int | None
    contact_id: str
    student_id: str
    relationship: str = ""
    may_contact: bool = True
    barred: bool = False
    left_on: str | None = None
    by_hand: bool = False


@dataclass(eq=False, slots=True)
class PointRow(WholeByHand):
    MODEL: ClassVar[Any] = ContactPoint
    FIELDS: ClassVar[tuple[str, ...]] = (
        "contact_id", "channel", "address_index", "line", "consent", "removed_on", "by_hand",
    )  # fmt: skip

    pk: str
    contact_id: str
    channel: str
    address_index: str
    line: str = "unknown"
    consent: str = "implied"
    removed_on: str | None = None
    by_hand: bool = False
    text: str = ""  # of a new one: the address itself, sealed only when it is written
    area_zone: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return (self.channel, self.address_index)


R = TypeVar("R", bound=Row)


def load(kind: type[R], by: str, values: Iterable[Any], **also: Any) -> Iterator[R]:
    """The rows with one of these values in the column `by`, in the order of their keys."""
    model, names = kind.MODEL, kind.FIELDS  # type: ignore[attr-defined]
    for pk, *rest, by_hand in bulk.select(model, ["pk", *names], by, values, **also):
        hand = by_hand
        if isinstance(hand, str):
            hand = [] if hand == "[]" else json.loads(hand)
        yield kind(pk, *rest, hand)  # type: ignore[call-arg]

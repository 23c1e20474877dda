"""What can be wrong with a file, told to the person who can mend it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

KEPT_PROBLEMS = 5_000


class BadFile(Exception):
    """The file as a whole cannot be imported; nothing was changed. The message says the mend."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in one row that was left out, and why. `row` counts the header as row 1."""

    row: int
    column: str
    value: str
    message: str

    def as_dict(self) -> dict[str, str | int]:
        return asdict(self)


@dataclass
class Problems:
    """A list that stays bounded: the first few thousand are kept, all are counted."""

    kept: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, row: int, column: str, value: str, message: str) -> None:
        self.count += 1
        if len(self.kept) < KEPT_PROBLEMS:
            self.kept.append(Problem(row, column, value[:120], str(message)))

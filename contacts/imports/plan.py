"""What a chunk of an import changes: made by matching, written by upsert."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from contacts.imports.rows import ContactRow, PointRow, StudentRow, TieRow
from contacts.statuses import Finding


@dataclass
class Plan:
    """Rows to add and rows that changed (each knows what it was before)."""

    new_students: list[StudentRow] = field(default_factory=list)
    new_contacts: list[ContactRow] = field(default_factory=list)
    new_ties: list[TieRow] = field(default_factory=list)
    new_points: list[PointRow] = field(default_factory=list)
    changed: list[StudentRow | ContactRow | TieRow | PointRow] = field(default_factory=list)
    opt_outs: set[tuple[str, str]] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    unexplained: dict[str, str] = field(default_factory=dict)  # contact → word for a language
    understood: list[str] = field(default_factory=list)  # contacts whose language is told
    touched: set[str] = field(default_factory=set)  # students of whom anything changes
    fields: Counter[str] = field(default_factory=Counter)  # what changed, for the preview
    left: int = 0
    kept_by_hand: int = 0  # values of the file that a person had set otherwise

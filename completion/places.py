"""Schools and states that a completion file names and the house does not know yet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from completion.readers import BadFile, Row
from schools.models import District, School, State

_SMALL = frozenset(
    {"of", "and", "the", "at", "for", "in", "on", "de", "del", "la", "las", "los", "y", "a"}
)
_CAPITALS = frozenset(
    {"ib", "ii", "iii", "iv", "k", "pk", "stem", "jrotc", "usa", "us", "ne", "nw", "se", "sw"}
)
_WORD = re.compile(r"[^\s/()-]+|[\s/()-]+")


def readable_name(name: str) -> str:
    """`A. CRAWFORD MOSLEY HIGH SCHOOL` → `A. Crawford Mosley High School`; mixed case stays."""
    if name != name.upper():
        return name
    parts = _WORD.findall(name)
    return "".join(_readable_word(part, first=i == 0) for i, part in enumerate(parts))


def _readable_word(word: str, *, first: bool) -> str:
    low = word.lower()
    if low in _CAPITALS or (len(word) > 1 and all(len(bit) < 2 for bit in word.split("."))):
        return word
    if low in _SMALL and not first:
        return low
    if low.startswith("mc") and len(low) > 3:
        return "Mc" + low[2:].capitalize()
    if low[1:2] == "'" and len(low) > 3:
        return low[:2].upper() + low[2:].capitalize()
    return low.capitalize()


@cache
def _known_states() -> dict[str, tuple[str, str]]:
    path = Path(__file__).parent / "data" / "us_states.csv"
    with path.open(encoding="utf-8") as file:
        return {row["code"]: (row["name"], row["time_zone"]) for row in csv.DictReader(file)}


def ensure_states(codes: Iterable[str]) -> None:
    """Adds states by their postal code. Raises BadFile for a code that is none."""
    missing = set(codes) - set(State.objects.values_list("code", flat=True))
    unknown = missing - set(_known_states())
    if unknown:
        raise BadFile(f"“{', '.join(sorted(unknown))}” is not a state or territory code.")
    State.objects.bulk_create(
        State(code=code, name=_known_states()[code][0], time_zone=_known_states()[code][1])
        for code in sorted(missing)
    )


def ensure_schools(rows: Iterable[Row]) -> tuple[dict[str, School], int]:
    """Every school that the rows name by code and state, and how many had to be added.

    A row without a state (a district's own file) only finds schools, and adds none. The district
    of a new school is the one whose NCES id its own id begins with, where that district is known.
    """
    rows = list(rows)
    first: dict[str, Row] = {}
    for row in rows:
        if row.code:
            first.setdefault(row.code, row)
    known = School.objects.select_related("state").in_bulk(list(first), field_name="nces_id")
    new = [row for code, row in first.items() if code not in known and row.state]
    ensure_states({row.state for row in new})
    districts = District.objects.in_bulk({row.code[:7] for row in new}, field_name="nces_id")
    School.objects.bulk_create(
        School(
            nces_id=row.code,
            name=readable_name(row.name)[:160],
            city=readable_name(row.city)[:80],
            state_id=row.state,
            district=districts.get(row.code[:7]) if row.code.isdigit() else None,
            high_grade="12",
        )
        for row in new
    )
    return School.objects.select_related("state").in_bulk(list(first), field_name="nces_id"), len(
        new
    )

"""Schools and states that a completion file names and the house does not know yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from completion import naming
from completion.naming import Called
from completion.readers import BadFile, Row
from contacts.imports import bulk
from schools.models import District, School, State
from schools.names import readable_name
from schools.reference import known_states

# NCES's code of a school, or Federal Student Aid's own of one that NCES does not list: both begin
# with the district's.
_OF_A_DISTRICT = re.compile(r"\d{7}(\d{5}|F\d{4})")


def ensure_states(codes: Iterable[str]) -> None:
    """Adds states by their postal code. Raises BadFile for a code that is none."""
    missing = set(codes) - set(State.objects.values_list("code", flat=True))
    unknown = missing - set(known_states())
    if unknown:
        raise BadFile(f"“{', '.join(sorted(unknown))}” is not a state or territory code.")
    State.objects.bulk_create(
        State(code=code, name=known_states()[code][0], time_zone=known_states()[code][1])
        for code in sorted(missing)
    )


class Home(NamedTuple):
    """As much of a school as an import of a nation's rows needs."""

    pk: int
    state: str


def ensure_schools(first: Mapping[Called, Row]) -> tuple[dict[Called, Home], int]:
    """The school that each name means, where that is certain, and how many had to be added.

    `first` is the first line of each. A person's word counts first, then the code, then the exact
    name and city. A school with an unknown code is added, in the district whose NCES id its own
    begins with; a line without a state (a district's own file) or without a code only finds
    schools, and adds none.
    """
    decided = naming.words_on(first)
    open_rows = {called: row for called, row in first.items() if called not in decided}
    placed, created = _by_code([row for called, row in open_rows.items() if called.code])
    known = naming.exact(called for called in open_rows if not called.code)
    known |= {called: school for called, school in decided.items() if school is not None}
    return placed | {called: Home(s.pk, s.state_id) for called, s in known.items()}, created


def _by_code(rows: list[Row]) -> tuple[dict[Called, Home], int]:
    known = _homes(row.code for row in rows)
    new = [row for row in rows if row.code not in known and row.state]
    ensure_states({row.state for row in new})
    districts = District.objects.in_bulk({row.code[:7] for row in new}, field_name="nces_id")
    School.objects.bulk_create(
        School(
            nces_id=row.code,
            name=readable_name(row.name)[:160],
            city=readable_name(row.city)[:80],
            state_id=row.state,
            district=districts.get(row.code[:7]) if _OF_A_DISTRICT.fullmatch(row.code) else None,
            high_grade="12",
        )
        for row in new
    )
    known |= _homes(row.code for row in new)
    return {Called(code=code): home for code, home in known.items()}, len(new)


def _homes(codes: Iterable[str]) -> dict[str, Home]:
    found = bulk.select(School, ("nces_id", "pk", "state_id"), "nces_id", codes)
    return {code: Home(pk, state) for code, pk, state in found}

"""Schools and states that a completion file names and the house does not know yet."""

from __future__ import annotations

from collections.abc import Iterable

from completion import naming
from completion.naming import Called
from completion.readers import BadFile, Row
from schools.models import District, School, State
from schools.names import readable_name
from schools.reference import known_states


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


def ensure_schools(rows: Iterable[Row]) -> tuple[dict[Called, School], int]:
    """The school that each line means, where that is certain, and how many had to be added.

    A person's word counts first, then the code, then the exact name and city. A school with an
    unknown code is added, in the district whose NCES id its own begins with; a line without a
    state (a district's own file) or without a code only finds schools, and adds none.
    """
    first: dict[Called, Row] = {}
    for row in rows:
        first.setdefault(Called.of(row), row)
    decided = naming.words_on(first)
    open_rows = {called: row for called, row in first.items() if called not in decided}
    placed, created = _by_code([row for called, row in open_rows.items() if called.code])
    placed |= naming.exact(called for called in open_rows if not called.code)
    placed |= {called: school for called, school in decided.items() if school is not None}
    return placed, created


def _by_code(rows: list[Row]) -> tuple[dict[Called, School], int]:
    codes = [row.code for row in rows]
    known = School.objects.select_related("state").in_bulk(codes, field_name="nces_id")
    new = [row for row in rows if row.code not in known and row.state]
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
    if new:
        known = School.objects.select_related("state").in_bulk(codes, field_name="nces_id")
    return {Called(code=code): school for code, school in known.items()}, len(new)

"""Schools and states that a completion file names and the house does not know yet."""

from __future__ import annotations

from collections.abc import Iterable

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

"""Which schools the lines of a file with named columns mean, of its state or its one district."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import QuerySet

from completion import codes, naming
from completion.models import Layout
from completion.naming import Called, folded, telling
from schools.models import School

Words = tuple[str, str, str]
"""A line's school id, its school's name, and the city or district beside it; empty if unsaid."""


def schools(layout: Layout) -> QuerySet[School]:
    """The schools that such a file may mean."""
    found = School.objects.filter(state=layout.state_id)
    return found.filter(district=layout.district) if layout.district else found


def by_line(lines: Sequence[Words], layout: Layout) -> list[School | None]:
    """The school of each line: by its id, else by its name in its district; None where neither
    tells for sure."""
    among = schools(layout)
    known = codes.schools_of({code for code, _name, _where in lines if code}, among)
    named: dict[tuple[str, str], list[School]] = defaultdict(list)
    for school in among.exclude(district=None).select_related("district"):
        assert school.district
        named[_in_district(school.name, school.district.name)].append(school)
    district = layout.district.name if layout.district else ""
    found = []
    for code, name, where in lines:
        same = named.get(_in_district(name, where or district), []) if name else []
        found.append(known.get(code) or (same[0] if len(same) == 1 else None))
    return found


def decided_or_exact(lines: Sequence[Words], layout: Layout) -> list[School | None]:
    """The same by a person's word on a name in earlier files, or by its very city."""
    district = layout.district.name if layout.district else ""
    called = [
        Called(layout.state_id, "", folded(name)[:200], folded(where or district)[:120])
        for _code, name, where in lines
    ]
    found = {**naming.exact(called), **naming.words_on(called)}
    return [found.get(each) for each in called]


def _in_district(name: str, district: str) -> tuple[str, str]:
    """A name by which a district's schools are told apart: “OAK HIGH SCHOOL” is Oak High."""
    return telling(folded(name)), folded(district)

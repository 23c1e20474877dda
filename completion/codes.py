"""Schools by the codes that files write: NCES's, a state's, or a district's part of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from schools.models import School

_POWER = re.compile(r"\d+(\.\d+)?[eE]\+?\d+")


def spoilt(code: str) -> str:
    """What a spreadsheet did to a school's code, in words; empty for a sound one."""
    if _POWER.fullmatch(code):
        return _(
            "“%(value)s” is a school code that a spreadsheet turned into a rounded number; its "
            "digits are lost. Import the file as it was downloaded."
        ) % {"value": code}
    if code.isdigit() and len(code) == 11:
        return _(
            "“%(value)s” has 11 digits; an NCES id has 12. A spreadsheet has dropped the leading "
            "zero: import the file as it was downloaded."
        ) % {"value": code}
    return ""


def schools_of(codes: Iterable[str], schools: QuerySet[School] | None = None) -> dict[str, School]:
    """Each code's school: by its NCES id, by its state's own code, or by that code's last part
    (OSPI writes 2281 for WA-34033-2281), in the one state that most of the codes fit."""
    wanted = set(codes)
    known = School.objects.all() if schools is None else schools
    known = known.select_related("state")
    found = known.in_bulk([c for c in wanted if len(c) >= 7], field_name="nces_id")
    rest = wanted - set(found)
    if not rest:
        return found
    parts: dict[str, dict[str, list[School]]] = {}
    for school in known.exclude(state_code=""):
        for key in {school.state_code, school.state_code.rpartition("-")[2]} & rest:
            parts.setdefault(school.state_id, {}).setdefault(key, []).append(school)
    likeliest = max(parts.values(), key=len, default={})
    return found | {key: schools[0] for key, schools in likeliest.items() if len(schools) == 1}

"""Mappings: checked, remembered for a state or district, and found again by a file's headers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from completion import codes
from completion.columns import fields, meant
from completion.columns.tables import Table, table_of
from completion.models import Layout, LayoutKind
from completion.readers import BadFile
from completion.readers.values import text_of
from schools.models import School, User


def fields_of(kind: str) -> dict[str, str | Promise]:
    """What the columns of a kind of file may hold."""
    return fields.COMPLETION if kind == LayoutKind.COMPLETION else fields.ENROLMENTS


def check(mapping: Mapping[str, str], headers: list[str], kind: str) -> dict[str, str]:
    """The mapping with its headers spelt as in the file. Raises BadFile, in words."""
    known = fields_of(kind)
    spelt = {header.casefold(): header for header in headers}
    checked: dict[str, str] = {}
    for field, header in mapping.items():
        if field not in known:
            raise BadFile(
                _("“%(name)s” is not a field that can be mapped; there are: %(fields)s.")
                % {"name": field, "fields": ", ".join(known)}
            )
        if header and header.casefold() not in spelt:
            raise BadFile(_("The file has no column “%(header)s”.") % {"header": header})
        if header:
            checked[field] = spelt[header.casefold()]
    for need in fields.needs(known, checked):
        if need.must and not need.met:
            raise BadFile(_("No column holds this: %(what)s.") % {"what": need.label})
    return checked


def fitting(table: Table, kind: str, states: Collection[str] | None = None) -> list[Layout]:
    """What was confirmed for files with these headers (of these states), newest first."""
    found = Layout.objects.filter(kind=kind, headers_sha256=table.signature)
    if states is not None:
        found = found.filter(state__in=states)
    return list(found.select_related("state", "district").order_by("-confirmed_at"))


def for_file(content: bytes, kind: str, states: Collection[str] | None = None) -> Layout | None:
    """The one layout that a file may be read by with nobody looking; None if there is none.

    Where one district's names would be taken for another's, a person has to look; and where
    nobody says whose file it is (`states`), unless its schools tell.
    """
    try:
        table = table_of(content)
        found = fitting(table, kind, states)
    except BadFile:
        return None
    if len(found) != 1:
        return None
    [layout] = found
    if layout.district and "school_id" not in layout.mapping:
        return None
    return layout if states is not None or _of_its_state(table, layout) else None


def _of_its_state(table: Table, layout: Layout) -> bool:
    """Whether most of the table's lines mean schools of the layout's state, and fewer of its ids
    fit any other state: states' own codes may be alike."""
    mapping = check(layout.mapping, table.headers, layout.kind)
    at = {name: table.headers.index(header) for name, header in mapping.items()}

    def text(row: list[Any], *names: str) -> str:
        return next((found for n in names if n in at and (found := text_of(row[at[n]]))), "")

    lines = [
        (text(row, "school_id").removesuffix(".0").upper(), text(row, "school"),
         text(row, "city", "district"))
        for _number, row in table.rows()
    ]  # fmt: skip
    here = meant.by_line(lines, layout), meant.decided_or_exact(lines, layout)
    placed = sum(bool(a or b) for a, b in zip(*here, strict=True))
    ids = {code for code, _name, _where in lines if code}
    mine = codes.schools_of(ids, meant.schools(layout))
    others = codes.schools_of(ids, School.objects.exclude(state=layout.state_id))
    return placed * 2 > len(lines) and (not others or len(mine) > len(others))


def remember(layout: Layout, table: Table, *, by: User | None) -> None:
    """Keeps a confirmed mapping for the next file with these headers."""
    Layout.objects.update_or_create(
        kind=layout.kind,
        state=layout.state,
        district=layout.district,
        headers_sha256=table.signature,
        defaults={"mapping": layout.mapping, "confirmed_by": by},
    )

"""A person's word on which school a file means: kept, and applied to every file that was read."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet

from completion import naming, summaries
from completion.models import SchoolName, Snapshot, UnplacedRow
from completion.naming import Called
from schools import audit
from schools.models import School, User

Line = tuple[int, str, dt.date]  # source, cycle, date: what one snapshot speaks of


def waiting() -> QuerySet[UnplacedRow, Any]:
    """Names that no school here bears and nobody has decided on, those in most files first."""
    same = {field: OuterRef(field) for field in ("state", "code", "name", "city")}
    return (
        UnplacedRow.objects.filter(~Exists(SchoolName.objects.filter(**same)))
        .order_by()
        .values("state", "code", "name", "city")
        .annotate(
            first=Min("pk"),
            printed=Max("printed"),
            lines=Count("pk"),
            files=Count("source", distinct=True),
        )
        .order_by("-files", "-lines", "printed")
    )


def waiting_for(user: User) -> QuerySet[UnplacedRow, Any]:
    """Of those the names that this person answers for: all, or those in their states."""
    names = waiting()
    return names if user.is_superuser else names.filter(state__in=user.scope.states)


@transaction.atomic
def decide(
    called: Called, printed: str, school: School | None, *, by: User | None, now: dt.datetime
) -> int:
    """Keeps that these words mean this school (None: none here); returns how many lines moved.

    Figures that earlier files gave under the name move to the school, or out of sight.
    """
    before = _school_of(called)
    SchoolName.objects.update_or_create(
        state=called.state,
        code=called.code,
        name=called.name,
        city=called.city,
        defaults={"printed": printed, "school": school, "decided_by": by, "decided_at": now},
    )
    moved = 0
    if before != school:
        lines, kept = _taken(called, before)
        moved = sum(map(len, lines.values()))
        if school is not None:
            _put(lines, school)
        else:
            UnplacedRow.objects.bulk_create(kept)
        changed = [each for each in (before, school) if each]
        for each in changed:
            settle(each)
        if before:  # its figures were another school's: wrong, not merely old
            summaries.drop([each.pk for each in changed])
        else:
            cycles = {cycle for _source, cycle, _as_of in lines}
            summaries.forget([each.state_id for each in changed], cycles)
    audit.record(
        by,
        "completion.matched",
        f"school:{school.nces_id}" if school else "none",
        lines=moved,
    )
    return moved


def _school_of(called: Called) -> School | None:
    """Where the name's lines have gone so far."""
    words = naming.words_on([called])
    if called in words:
        return words[called]
    if called.code:
        return School.objects.filter(nces_id=called.code).first()
    return naming.exact([called]).get(called)


def _taken(
    called: Called, school: School | None
) -> tuple[dict[Line, list[dict[str, Any]]], list[UnplacedRow]]:
    """Takes the name's lines from where they are; also as rows for no school."""
    lines: dict[Line, list[dict[str, Any]]] = defaultdict(list)
    unplaced = UnplacedRow.objects.filter(**called.fields())
    for row in unplaced:
        lines[row.source_id, row.cycle_id, row.as_of].append(row.row)
    unplaced.delete()
    for snapshot in Snapshot.objects.filter(school=school) if school else ():
        mine = [row for row in snapshot.rows if _is_called(row, called, school)]
        if not mine:
            continue
        lines[snapshot.source_id, snapshot.cycle_id, snapshot.as_of] += mine
        others = [row for row in snapshot.rows if row not in mine]
        if others:
            snapshot.add_up(others)
            snapshot.save()
        else:
            snapshot.delete()
    kept = [
        UnplacedRow(
            source_id=source,
            cycle_id=cycle,
            as_of=as_of,
            printed=", ".join(part for part in (row["name"], row["city"]) if part)[:330],
            row=row,
            **called.fields(),
        )
        for (source, cycle, as_of), rows in lines.items()
        for row in rows
    ]
    return lines, kept


def _is_called(row: dict[str, Any], called: Called, school: School | None) -> bool:
    code = row.get("code", school.nces_id if school else "")
    if called.code or code:
        return bool(code == called.code)
    return (naming.folded(row["name"]), naming.folded(row["city"])) == (called.name, called.city)


def _put(lines: dict[Line, list[dict[str, Any]]], school: School) -> None:
    for (source, cycle, as_of), rows in lines.items():
        snapshot = Snapshot.objects.filter(
            source=source, school=school, cycle=cycle, as_of=as_of
        ).first() or Snapshot(source_id=source, school=school, cycle_id=cycle, as_of=as_of)
        snapshot.add_up([*snapshot.rows, *rows])
        snapshot.save()


def settle(school: School) -> None:
    """Says again which file has the newest word on each of the school's cycles and dates."""
    newest: dict[tuple[str, dt.date], int] = {}
    stale: list[int] = []
    rows: Iterable[tuple[int, str, dt.date]] = (
        Snapshot.objects.filter(school=school)
        .order_by("-source__as_of", "-source__imported_at", "-source")
        .values_list("pk", "cycle_id", "as_of")
    )
    for pk, cycle, as_of in rows:
        if newest.setdefault((cycle, as_of), pk) != pk:
            stale.append(pk)
    Snapshot.objects.filter(pk__in=newest.values()).update(superseded=False)
    Snapshot.objects.filter(pk__in=stale).update(superseded=True)

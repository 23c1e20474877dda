"""A completion file into snapshots: all of it, or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from completion import summaries
from completion.columns import counts, memory, tables
from completion.enrolments import intake as enrolments
from completion.models import (
    DistrictBand,
    Layout,
    LayoutKind,
    Snapshot,
    SourceFile,
    UnplacedRow,
)
from completion.naming import Called, printed
from completion.places import ensure_schools
from completion.readers import BadFile, Band, Problem, Reading, Row, UnknownLayout, read
from contacts.imports.bulk import tell_planner
from schools.models import Cycle, School, User


@dataclass(frozen=True)
class Intake:
    """What became of a file: its source, and whether this very call wrote it."""

    source: SourceFile
    new: bool

    def report(self) -> dict[str, Any]:
        """The command's contract: counts of the newest pair of columns, and problems.

        `rows` are data rows of the by-school sheet with the newest cycle (own files: all rows),
        `schools` the schools among them, `unmatched` the rows of no known school,
        `suppressed_cells` and the sums belong to the newest cycle and date; sums leave `<5` out.
        """
        summary = {key: value for key, value in self.source.summary.items() if key in REPORTED}
        if not self.new:
            summary["created_schools"] = 0
            again = Problem(_("This file was imported before; nothing changed."))
            summary["problems"] = [*summary["problems"], again.as_dict()]
        return summary


Placed = dict[Called, School]

REPORTED = (
    "as_of", "cycle", "rows", "schools", "created_schools", "unmatched", "suppressed_cells",
    "sum_submitted", "sum_completed", "problems",
)  # fmt: skip


def bring_in(
    name: str,
    content: bytes,
    *,
    state: str = "",
    cycle: str = "",
    as_of: dt.date | None = None,
    by: User | None = None,
    allowed_states: frozenset[str] | None = None,
    layout: Layout | None = None,
    remembered: bool = True,
    leave_out: bool = False,
    dry_run: bool = False,
) -> Intake:
    """Reads a file and stores its snapshots in one transaction; the same file again is a no-op.

    `state` keeps only that state's rows of a national file; `allowed_states` refuses rows of
    others. `layout` says what the columns of an unknown layout hold, else what is `remembered`
    does; `leave_out` agrees to lose its unreadable lines. A `dry_run` tells what would come of it.
    Raises BadFile, and then nothing has changed; UnknownLayout where nobody has named the columns.
    """
    said = f"{layout.key}{cycle}{as_of}" if layout else ""
    digest = hashlib.sha256(content + state.encode() + said.encode()).hexdigest()
    before = SourceFile.objects.filter(sha256=digest).first()
    if before:
        return Intake(before, new=False)
    if layout is not None:
        table = tables.table_of(content)
        layout.mapping = memory.check(layout.mapping, table.headers, layout.kind)
        reading = counts.read(table, layout, cycle=cycle, as_of=as_of, leave_out=leave_out)
    else:
        try:
            reading = read(content, cycle=cycle, as_of=as_of)
        except UnknownLayout:
            if not remembered:
                raise
            states = {state} if state else allowed_states
            layout = memory.for_file(content, LayoutKind.COMPLETION, states)
            if layout is None:
                raise
            return bring_in(
                name, content, state=state, cycle=cycle, as_of=as_of, by=by,
                allowed_states=allowed_states, layout=layout, dry_run=dry_run,
            )  # fmt: skip
    if state:
        reading = reading.only_state(state)
    if not reading.rows:
        problems = [*reading.problems, *reading.notes]
        no_rows = _("The file has no rows%(of)s.") % {"of": f" ({state})" if state else ""}
        raise BadFile(no_rows, *problems)
    with transaction.atomic():
        source = _store(name, digest, reading, by, allowed_states)
        transaction.set_rollback(dry_run)
    return Intake(source, new=True)


def _store(
    name: str, digest: str, reading: Reading, by: User | None, allowed: frozenset[str] | None
) -> SourceFile:
    newest_cycle, newest_day = reading.newest
    for cycle_name in {r.cycle for r in reading.rows} | {b.cycle for b in reading.bands}:
        Cycle.objects.get_or_create(name=cycle_name)
    schools, created = ensure_schools(reading.rows)
    _refuse_others((*reading.rows, *reading.bands), schools, allowed)
    kind = _kind(reading, schools)
    unmatched = [row for row in reading.rows if Called.of(row) not in schools]
    newest = [r for r in reading.rows if (r.cycle, r.as_of) == (newest_cycle, newest_day)]
    rows = reading.rows if reading.kind == "own" else newest
    problems = [problem.as_dict() for problem in reading.problems]
    if unmatched:
        problems.append(_about_unmatched(unmatched).as_dict())
    source = SourceFile.objects.create(
        name=name[:200],
        sha256=digest,
        kind=kind,
        as_of=newest_day,
        cycle_id=newest_cycle,
        rows=len(rows),
        imported_by=by,
        summary={
            "as_of": newest_day.isoformat(),
            "cycle": newest_cycle,
            "rows": len(rows),
            "schools": len({s.pk for row in rows if (s := schools.get(Called.of(row)))}),
            "created_schools": created,
            "unmatched": sum(Called.of(row) not in schools for row in rows),
            "suppressed_cells": sum(r.submitted.hidden + r.completed.hidden for r in newest),
            "sum_submitted": sum(row.submitted.known or 0 for row in newest),
            "sum_completed": sum(row.completed.known or 0 for row in newest),
            "problems": problems,
            "notes": [note.as_dict() for note in reading.notes],
            "first_unmatched": list(dict.fromkeys(map(printed, unmatched)))[:10],
            "left_out": reading.left_out,
            "bands": len({band.leaid for band in reading.bands if band.low is not None}),
            "seniors": _set_seniors(name, reading, schools),
        },
    )
    UnplacedRow.objects.bulk_create((_unplaced(source, row) for row in unmatched), batch_size=1000)
    Snapshot.objects.bulk_create(_snapshots(source, reading.rows, schools), batch_size=1000)
    DistrictBand.objects.bulk_create((_band(source, b) for b in reading.bands), batch_size=1000)
    tell_planner(Snapshot)
    _supersede(source)
    summaries.forget({school.state_id for school in schools.values()})
    return source


def _snapshots(source: SourceFile, rows: list[Row], schools: Placed) -> list[Snapshot]:
    """One snapshot a school, cycle and date: rows of the same school are added up, and kept."""
    together: dict[tuple[School, str, dt.date], list[Row]] = defaultdict(list)
    for row in rows:
        if school := schools.get(Called.of(row)):
            together[school, row.cycle, row.as_of].append(row)
    found = []
    for (school, cycle, as_of), parts in together.items():
        snapshot = Snapshot(source=source, school=school, cycle_id=cycle, as_of=as_of)
        snapshot.add_up([_as_json(row) for row in parts])
        found.append(snapshot)
    return found


def _set_seniors(name: str, reading: Reading, schools: Placed) -> int:
    """Sets the seniors that stand beside the counts; returns of how many schools anew."""
    newest = {  # a class stands beside every date of its counts
        (school.nces_id, each.school_year): enrolments.Line(
            each.row.line, school.nces_id, each.text, each.school_year
        )
        for each in sorted(reading.seniors, key=lambda each: each.row.as_of)
        if (school := schools.get(Called.of(each.row)))
    }
    if not newest:
        return 0
    seniors, report = enrolments.parsed(list(newest.values()))
    by_id = {school.nces_id: school for school in schools.values()}
    enrolments.store(seniors, by_id, name[:200], report)
    return report.created + report.updated


def _supersede(source: SourceFile) -> None:
    """Marks the older word on the same school, cycle and date; a late import of an older file
    is itself the older word."""
    same = {name: OuterRef(name) for name in ("school", "cycle", "as_of")}
    current = Snapshot.objects.newest()
    mine = current.filter(source=source)
    later = current.filter(source__as_of__gt=source.as_of).exclude(source=source)
    mine.filter(Exists(later.filter(**same))).update(superseded=True)
    earlier = current.filter(source__as_of__lte=source.as_of).exclude(source=source)
    earlier.filter(Exists(mine.filter(**same))).update(superseded=True)


def _kind(reading: Reading, schools: Placed) -> str:
    """The source's kind; raises BadFile where made-up and real schools share a file."""
    made_up = {school.state.made_up for school in schools.values()}
    if made_up == {True, False}:
        raise BadFile(_("The file mixes made-up schools with real ones. Split it."))
    return SourceFile.Kind.MADE_UP if made_up == {True} else reading.kind


def _refuse_others(
    rows: Iterable[Row | Band], schools: Placed, allowed: frozenset[str] | None
) -> None:
    """Raises BadFile for schools of states that whoever imports does not answer for."""
    if allowed is None:
        return
    named = {row.state for row in rows if row.state} | {s.state_id for s in schools.values()}
    others = sorted(named - allowed)
    if others:
        raise BadFile(
            _("The file has schools in %(states)s, outside of your states.")
            % {"states": ", ".join(others)}
        )


def _about_unmatched(rows: list[Row]) -> Problem:
    lines = sorted({(row.sheet, row.line) for row in rows})
    first = rows[0]
    return Problem(
        _(
            "%(count)s rows name no school that is known here (the first: “%(value)s”). They are "
            "kept with the file and counted; say which schools they are under “Names to match”."
        )
        % {"count": len(lines), "value": first.code or printed(first)},
        first.sheet,
        first.line,
        value=first.code or first.name,
    )


def _unplaced(source: SourceFile, row: Row) -> UnplacedRow:
    return UnplacedRow(
        source=source,
        cycle_id=row.cycle,
        as_of=row.as_of,
        printed=printed(row),
        row=_as_json(row),
        **Called.of(row).fields(),
    )


def _band(source: SourceFile, band: Band) -> DistrictBand:
    return DistrictBand(
        source=source,
        leaid=band.leaid,
        name=band.name[:160],
        cycle_id=band.cycle,
        as_of=band.as_of,
        low=band.low,
        high=band.high,
        row=band.line,
    )


def _as_json(row: Row) -> dict[str, Any]:
    return {
        "line": row.line,
        "code": row.code,
        "name": row.name,
        "city": row.city,
        "submitted": str(row.submitted),
        "completed": str(row.completed),
    }

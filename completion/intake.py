"""A completion file into snapshots: all of it, or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from completion import band_intake, summaries, superseding
from completion.columns import counts, memory, tables
from completion.enrolments import intake as enrolments
from completion.models import (
    Layout,
    LayoutKind,
    Snapshot,
    SourceFile,
    UnplacedRow,
)
from completion.models.snapshots import summed
from completion.naming import Called, printed
from completion.places import Home, ensure_schools
from completion.readers import BadFile, Band, Problem, Reading, Row, UnknownLayout, read
from completion.readers.rows import Trouble
from contacts.imports import bulk
from schools.models import Cycle, School, State, User


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
    """Reads a file and stores its snapshots in one transaction; the same file again is a no-op
    (but for district bands of one that was read before these were kept).

    `state` keeps only that state's rows of a national file; `allowed_states` refuses rows of
    others. `layout` says what the columns of an unknown layout hold, else what is `remembered`
    does; `leave_out` agrees to lose its unreadable lines. A `dry_run` tells what would come of it.
    Raises BadFile, and then nothing has changed; UnknownLayout where nobody has named the columns.
    """
    said = f"{layout.key}{cycle}{as_of}" if layout else ""
    digest = hashlib.sha256(content + state.encode() + said.encode()).hexdigest()
    before = SourceFile.objects.filter(sha256=digest).first()
    if before:
        if before.kind == SourceFile.Kind.FEDERAL and "bands" not in before.summary:
            band_intake.catch_up(before, content, state=state, cycle=cycle)
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
    named = [Called.of(row) for row in reading.rows]
    first: dict[Called, Row] = {}
    for called, row in zip(named, reading.rows, strict=True):
        first.setdefault(called, row)
    homes, created = ensure_schools(first)
    placed = [(row, homes.get(called)) for called, row in zip(named, reading.rows, strict=True)]
    _refuse_others((*reading.rows, *reading.bands), homes, allowed)
    kind = _kind(reading, homes)
    unmatched = [row for row, home in placed if home is None]
    newest = [r for r in reading.rows if (r.cycle, r.as_of) == (newest_cycle, newest_day)]
    counted = [(r, h) for r, h in placed if reading.kind == "own"
               or (r.cycle, r.as_of) == (newest_cycle, newest_day)]  # fmt: skip
    problems = [problem.as_dict() for problem in reading.problems]
    if unmatched:
        problems.append(_about_unmatched(unmatched).as_dict())
    source = SourceFile.objects.create(
        name=name[:200],
        sha256=digest,
        kind=kind,
        as_of=newest_day,
        cycle_id=newest_cycle,
        rows=len(counted),
        imported_by=by,
        summary={
            "as_of": newest_day.isoformat(),
            "cycle": newest_cycle,
            "rows": len(counted),
            "schools": len({home.pk for _row, home in counted if home}),
            "created_schools": created,
            "unmatched": sum(home is None for _row, home in counted),
            "suppressed_cells": sum(r.submitted.hidden + r.completed.hidden for r in newest),
            "sum_submitted": sum(row.submitted.known or 0 for row in newest),
            "sum_completed": sum(row.completed.known or 0 for row in newest),
            "problems": problems,
            "notes": [note.as_dict() for note in reading.notes],
            "first_unmatched": list(dict.fromkeys(map(printed, unmatched)))[:10],
            "left_out": reading.left_out,
            "bands": band_intake.districts(reading.bands),
            "seniors": _set_seniors(name, reading, homes),
        },
    )
    UnplacedRow.objects.bulk_create((_unplaced(source, row) for row in unmatched), batch_size=1000)
    bulk.insert(Snapshot, SNAPSHOT, _snapshots(source, placed))
    band_intake.store(source, reading.bands)
    bulk.tell_planner(Snapshot)
    changed = superseding.settle(source)
    # Other seniors change the rates of every cycle that stands beside theirs.
    summaries.forget(
        {home.state for home in homes.values()}, None if source.summary["seniors"] else changed
    )
    return source


SNAPSHOT = (
    "source_id", "school_id", "cycle_id", "as_of", "submitted", "submitted_hidden", "completed",
    "completed_hidden", "rows", "superseded",
)  # fmt: skip


def _snapshots(
    source: SourceFile, placed: Iterable[tuple[Row, Home | None]]
) -> Iterator[tuple[Any, ...]]:
    """One snapshot a school, cycle and date: rows of the same school are added up, and kept."""
    together: dict[tuple[int, str, dt.date], list[dict[str, Any]]] = defaultdict(list)
    for row, home in placed:
        if home:
            together[home.pk, row.cycle, row.as_of].append(_as_json(row))
    for (school, cycle, as_of), rows in together.items():
        submitted = summed(row["submitted"] for row in rows)
        completed = summed(row["completed"] for row in rows)
        yield source.pk, school, cycle, as_of, *submitted, *completed, rows, False


def _set_seniors(name: str, reading: Reading, homes: Mapping[Called, Home]) -> int:
    """Sets the seniors that stand beside the counts; returns of how many schools anew."""
    beside = [(each, homes.get(Called.of(each.row))) for each in reading.seniors]
    schools = School.objects.in_bulk({home.pk for _each, home in beside if home})
    newest = {  # a class stands beside every date of its counts
        (home.pk, each.school_year): enrolments.Line(
            each.row.line, schools[home.pk].nces_id, each.text, each.school_year
        )
        for each, home in sorted(beside, key=lambda pair: pair[0].row.as_of)
        if home
    }
    if not newest:
        return 0
    seniors, report = enrolments.parsed(list(newest.values()))
    by_id = {school.nces_id: school for school in schools.values()}
    enrolments.store(seniors, by_id, name[:200], report)
    return report.created + report.updated


def _kind(reading: Reading, homes: Mapping[Called, Home]) -> str:
    """The source's kind; raises BadFile where made-up and real schools share a file."""
    states = State.objects.filter(pk__in={home.state for home in homes.values()})
    made_up = set(states.order_by().values_list("made_up", flat=True))
    if made_up == {True, False}:
        raise BadFile(_("The file mixes made-up schools with real ones. Split it."))
    return SourceFile.Kind.MADE_UP if made_up == {True} else reading.kind


def _refuse_others(
    rows: Iterable[Row | Band], homes: Mapping[Called, Home], allowed: frozenset[str] | None
) -> None:
    """Raises BadFile for schools of states that whoever imports does not answer for."""
    if allowed is None:
        return
    named = {row.state for row in rows if row.state} | {home.state for home in homes.values()}
    others = sorted(named - allowed)
    if others:
        raise BadFile(
            _("The file has schools in %(states)s, outside of your states.")
            % {"states": ", ".join(others)}
        )


def _about_unmatched(rows: list[Row]) -> Problem:
    lines = sorted({(row.sheet, row.line) for row in rows})
    first = rows[0]
    text = ngettext(
        "%(count)s row names no school that is known here (“%(value)s”). It is kept with the file "
        "and counted; say which school it is under “Names to match”.",
        "%(count)s rows name no school that is known here (the first: “%(value)s”). They are kept "
        "with the file and counted; say which schools they are under “Names to match”.",
        len(lines),
    )
    return Problem(
        text % {"count": len(lines), "value": first.code or printed(first)},
        first.sheet,
        first.line,
        value=first.code or first.name,
        kind=Trouble.UNKNOWN,
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


def _as_json(row: Row) -> dict[str, Any]:
    return {
        "line": row.line,
        "code": row.code,
        "name": row.name,
        "city": row.city,
        "submitted": str(row.submitted),
        "completed": str(row.completed),
    }

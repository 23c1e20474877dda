"""An uploaded file of an unknown layout, from the upload to the import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from completion import codes, intake, sources
from completion.columns import fields, memory
from completion.columns.tables import SAMPLES, Table, table_of
from completion.enrolments import intake as enrolments
from completion.models import HeldFile, LayoutKind, SourceFile
from completion.readers import Problem
from schools.models import School, User

KEPT = dt.timedelta(days=1)


@dataclass
class Column:
    """A column as the page shows it."""

    position: int
    header: str
    samples: list[str]
    field: str


@dataclass
class Outcome:
    """What an import does, or would do."""

    facts: list[tuple[str, str]]
    problems: list[Problem]
    notes: list[Problem]
    unmatched: list[str]  # the first few
    source: SourceFile | None = None
    again: bool = False  # the very file was imported before


def hold(
    kind: str, name: str, content: bytes, *, said: dict[str, str], by: User, now: dt.datetime
) -> HeldFile:
    """Keeps an upload, with the columns as remembered, else as guessed. Raises BadFile."""
    table = table_of(content)
    states = None if by.is_superuser else by.scope.states
    held = HeldFile(kind=kind, name=name[:200], said=said, uploaded_by=by, uploaded_at=now)
    known = memory.fitting(table, kind, states)
    if known:
        held.mapping = known[0].mapping
        held.state, held.district = known[0].state, known[0].district
    else:
        held.mapping = fields.guess(table.headers, table.values(), memory.fields_of(kind))
        held.state_id = _likely_state(table, held.mapping, states)
    held.content = content
    held.save()
    return held


def _likely_state(
    table: Table, mapping: dict[str, str], states: Collection[str] | None
) -> str | None:
    """The one state of whoever uploads, else that of the schools whose ids are in the file."""
    if states is not None and len(states) == 1:
        return next(iter(states))
    if "school_id" not in mapping:
        return None
    samples = table.values()[table.headers.index(mapping["school_id"])]
    schools = School.objects.all() if states is None else School.objects.filter(state__in=states)
    found = codes.schools_of(samples[: SAMPLES * 4], schools)
    return next((school.state_id for school in found.values()), None)


def is_understood(held: HeldFile) -> bool:
    """True if a person confirmed these columns before, for this one place."""
    table = table_of(held.content)
    states = None if held.uploaded_by.is_superuser else held.uploaded_by.scope.states
    known = memory.fitting(table, held.kind, states)
    return len(known) == 1 and known[0].mapping == held.mapping


def columns(held: HeldFile) -> list[Column]:
    """The file's columns with their first values and what they are taken for."""
    table = table_of(held.content)
    taken = {header: field for field, header in held.mapping.items()}
    return [
        Column(position, header, values[:SAMPLES], taken.get(header, ""))
        for position, (header, values) in enumerate(zip(table.headers, table.values(), strict=True))
    ]


def needs(held: HeldFile) -> list[fields.Need]:
    return fields.needs(memory.fields_of(held.kind), held.mapping)


def run(held: HeldFile, *, leave_out: bool = False, dry_run: bool = False) -> Outcome:
    """Imports the file, or tells what would come of it; an import is remembered and ends the
    file's stay. Raises BadFile, and then nothing has changed."""
    by, content = held.uploaded_by, held.content
    states = None if by.is_superuser else by.scope.states
    with transaction.atomic():
        work = _counts if held.kind == LayoutKind.COMPLETION else _seniors
        outcome = work(held, content, states, leave_out=leave_out or dry_run, dry_run=dry_run)
        if not dry_run:
            memory.remember(held.layout, table_of(content), by=by)
            held.delete()
    return outcome


def _counts(
    held: HeldFile, content: bytes, states: frozenset[str] | None, **options: Any
) -> Outcome:
    day = held.said.get("as_of", "")
    found = intake.bring_in(
        held.name,
        content,
        cycle=held.said.get("cycle", ""),
        as_of=dt.date.fromisoformat(day) if day else None,
        by=held.uploaded_by,
        allowed_states=states,
        layout=held.layout,
        **options,
    )
    summary = found.source.summary
    problems = [Problem(**each) for each in summary["problems"]]
    unreadable = len(problems) - bool(summary["unmatched"])
    return Outcome(
        sources.of_counts(found.source, sums=True),
        problems[:unreadable],
        [*problems[unreadable:], *(Problem(**each) for each in summary["notes"])],
        summary.get("first_unmatched", []),
        found.source,
        again=not found.new,
    )


def _seniors(
    held: HeldFile, content: bytes, states: frozenset[str] | None, **options: Any
) -> Outcome:
    report = enrolments.bring_in(
        held.name,
        content,
        school_year=held.said.get("school_year", ""),
        source=held.said.get("source", ""),
        layout=held.layout,
        allowed_states=states,
        **options,
    )
    return Outcome(sources.of_seniors(report), report.problems, [], report.unmatched[:10])


def forget_old(now: dt.datetime) -> int:
    """Deletes the files that nobody went on with; returns how many."""
    return HeldFile.objects.filter(uploaded_at__lt=now - KEPT).delete()[0]

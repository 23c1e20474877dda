"""What a file says otherwise than another file did of the same school, cycle and date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet

from completion import suppression
from completion.models import Snapshot, SourceFile
from completion.permissions import has_the_file
from completion.rates import Count
from completion.suppression import Shown
from schools.models import Cycle, Enrolment, School, User

MOST = 50
KEY = ("school", "cycle", "as_of")
FIGURES = ("submitted", "submitted_hidden", "completed", "completed_hidden")


@dataclass(frozen=True, slots=True)
class Revision:
    """A school's figures of a day in two files; of hidden ones only that they differ."""

    school: School
    cycle: str
    as_of: dt.date
    other: SourceFile
    other_is_newer: bool
    submitted: tuple[Shown, Shown]
    completed: tuple[Shown, Shown]


def of(source: SourceFile, user: User) -> tuple[int, list[Revision]]:
    """How many figures differ between this file and others, and the first of them.

    Of own counts that they differ and no more, as in `of_school`, for whoever has not both files.
    """
    differing = _differing(source)
    others = list(
        differing.select_related("source", "school").order_by("-as_of", "school__name")[:MOST]
    )
    schools = {other.school_id for other in others}
    mine = {
        (each.school_id, each.cycle_id, each.as_of): each
        for each in Snapshot.objects.filter(source=source, school__in=schools).select_related(
            "source"
        )
    }
    seniors = {
        (pk, year): number
        for pk, year, number in Enrolment.objects.filter(school__in=schools).values_list(
            "school", "school_year", "grade12"
        )
    }
    revisions = []
    for other in others:
        here = mine[other.school_id, other.cycle_id, other.as_of]
        newer = _order(other.source) > _order(source)
        pair = (here, other) if newer else (other, here)
        number = seniors.get((other.school_id, Cycle(name=other.cycle_id).senior_year))
        told = all(_is_federal(each) or has_the_file(user, each.source) for each in pair)
        figures = [
            _shown(pair, measure, number) if told else (suppression.NO_FIGURE,) * 2
            for measure in ("submitted", "completed")
        ]
        revisions.append(
            Revision(
                other.school,
                other.cycle_id,
                other.as_of,
                other.source,
                newer,
                figures[0],
                figures[1],
            )
        )
    return differing.count() if len(others) == MOST else len(others), revisions


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a school's figures of a day stand, and what older files said otherwise of it."""

    as_of: dt.date
    source: SourceFile
    rows: list[int]
    before: list[tuple[SourceFile, Shown, Shown]]


def of_school(school: School, cycle: str) -> list[Origin]:
    """A school's days of a cycle, newest first, with file, rows and revisions (two queries).

    Of a revised own count it is told that it was revised and no more: two own counts of one day
    may lie a few students apart (suppression.py).
    """
    found = Snapshot.objects.filter(school=school, cycle=cycle).select_related("source")
    words = list(found.order_by("-as_of", "superseded", "-source__as_of", "-source__imported_at"))
    year = Cycle(name=cycle).senior_year
    enrolments = Enrolment.objects.filter(school=school, school_year=year)
    seniors = enrolments.values_list("grade12", flat=True).first() if words else None
    origins: list[Origin] = []
    newest: Snapshot | None = None
    for word in words:
        if newest is None or word.as_of != newest.as_of:
            newest = word
            lines = [row["line"] for row in word.rows if "line" in row]
            origins.append(Origin(word.as_of, word.source, lines, []))
        elif any(getattr(word, name) != getattr(newest, name) for name in FIGURES):
            federal = _is_federal(word)
            figures = [
                _told(word, measure, seniors) if federal else suppression.NO_FIGURE
                for measure in ("submitted", "completed")
            ]
            origins[-1].before.append((word.source, figures[0], figures[1]))
    return origins


def _differing(source: SourceFile) -> QuerySet[Snapshot]:
    """Other files' words on what this file speaks of, where any figure differs."""
    differs = reduce(or_, (~Q(**{name: OuterRef(name)}) for name in FIGURES))
    same = {name: OuterRef(name) for name in KEY}
    here = Snapshot.objects.filter(source=source)
    return Snapshot.objects.exclude(source=source).filter(
        Exists(here.filter(**same).filter(differs)), school__in=here.values("school")
    )


def _is_federal(word: Snapshot) -> bool:
    return word.source.kind == SourceFile.Kind.FEDERAL


def _order(source: SourceFile) -> tuple[dt.date, dt.datetime]:
    return source.as_of, source.imported_at


def _shown(pair: Sequence[Snapshot], measure: str, seniors: int | None) -> tuple[Shown, Shown]:
    before, after = (_told(each, measure, seniors) for each in pair)
    return before, after


def _told(word: Snapshot, measure: str, seniors: int | None) -> Shown:
    return suppression.count(
        suppression.told(
            Count.of(getattr(word, measure), getattr(word, f"{measure}_hidden")),
            seniors,
            federal=_is_federal(word),
        )
    )

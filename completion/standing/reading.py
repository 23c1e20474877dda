"""Standings from snapshots, each count as it may be told; from here on nothing knows of more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.db.models import QuerySet

from completion import history, suppression
from completion.calendar import Calendar, senior_year
from completion.history import Point
from completion.standing.school import SchoolStanding, Series, stand
from completion.standing.seniors import Classes, Seniors, seniors_by_year
from schools.models import School


def of_schools(
    schools: QuerySet[School], cycle: str = "", *, choices: dict[str, list[str]] | None = None
) -> list[SchoolStanding]:
    """Every school's standing from its snapshots, in six queries however many there are.

    In `cycle`, or where that is empty in each state's newest cycle with a published number.
    """
    if choices is None:
        choices = history.cycles_by_state(schools)
    chosen = {state: cycle or cycles[0] for state, cycles in choices.items()}
    wanted = set(chosen.values()) | ({cycle} if cycle else set())
    calendar = Calendar.load()
    compared = {f(name) for name in wanted for f in (calendar.last, calendar.normal)}
    enrolments = seniors_by_year(schools)
    told_of = series_of(schools, wanted | compared, enrolments)
    standings = []
    for school in schools.select_related("state", "district", "region", "district__region"):
        name = cycle or chosen.get(school.state_id, "")
        if name:
            known = {c: each[school.pk] for c, each in told_of.items() if school.pk in each}
            standings.append(stand(school, name, known, calendar))
        else:  # nothing published yet: the newest class that is known
            years = enrolments.get(school.pk, {})
            newest = years[max(years)] if years else None
            standings.append(SchoolStanding(school, "", seniors=newest))
    return standings


def series_of(
    schools: QuerySet[School], cycles: Iterable[str], enrolments: Mapping[int, Classes]
) -> dict[str, dict[int, Series]]:
    """Each school's series of these cycles, from its snapshots (two queries)."""
    told_of: dict[str, dict[int, Series]] = {}
    for cycle, histories in history.load(schools, cycles).items():
        year = senior_year(cycle)
        seniors = {pk: years[year] for pk, years in enrolments.items() if year in years}
        told_of[cycle] = {
            pk: Series(told(histories.get(pk, []), seniors.get(pk)), seniors.get(pk))
            for pk in histories.keys() | seniors.keys()
        }
    return told_of


def told(points: list[Point], seniors: Seniors | None) -> list[Point]:
    """A school's points as they may be told."""
    number = seniors.number if seniors else None
    if points and points[0].own:
        submitted = suppression.series((p.submitted for p in points), number)
        completed = suppression.series((p.completed for p in points), number)
        pairs = zip(points, submitted, completed, strict=True)
        return [replace(p, submitted=sent, completed=done) for p, sent, done in pairs]
    return [
        Point(
            point.as_of,
            suppression.told(point.submitted, number, federal=point.federal),
            suppression.told(point.completed, number, federal=point.federal),
            point.federal,
            point.own,
        )
        for point in points
    ]

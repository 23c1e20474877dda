"""The places whose figures a person may see, by the key that a URL names; for pages and API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import get_object_or_404

from completion import history, standing, summaries
from completion.listing import Computed, FromSummaries, Listing
from completion.standing import GroupStanding, SchoolStanding
from completion.summaries import Summarised
from schools.models import County, District, Region, School, State, User
from schools.models.places import SchoolQuerySet, scope_of

Kind = Literal["states", "regions", "counties", "districts"]
KINDS: tuple[Kind, ...] = ("states", "regions", "counties", "districts")


@dataclass(frozen=True)
class Seen:
    """A place, and all schools that add up to it (not only those that this person may open)."""

    kind: Kind
    place: Any
    schools: SchoolQuerySet

    @property
    def state(self) -> State:
        found: State = self.place if self.kind == "states" else self.place.state
        return found

    def in_cycle(self, cycle: str) -> tuple[GroupStanding, str, list[str]]:
        """How it stands in a cycle (empty: the newest), that cycle, and all there are. Raises
        Http404 for a cycle without figures."""
        ready = summaries.of(self.kind, getattr(self.place, KEYS[self.kind]), self.state.pk)
        choices = None if ready else history.cycles_by_state(self.schools)
        cycles = ready.cycles if ready else (choices or {}).get(self.state.pk, [])
        if cycle and cycle not in cycles:
            raise Http404
        cycle = cycle or next(iter(cycles), "")
        if ready:
            return ready.standing(cycle), cycle, cycles
        depth = {"states": 0, "regions": 1}.get(self.kind, 2)
        alone = schools_apart(self.place) if self.kind == "counties" else frozenset()
        standings = standing.of_schools(self.schools, cycle, choices=choices)
        return GroupStanding(standings, depth, alone), cycle, cycles

    def listing(
        self, user: User | AnonymousUser, group: GroupStanding, *, bare: bool = False
    ) -> Listing:
        """Those of its schools that this person may open, as they stand with the group."""
        mine = self.schools.visible_to(user)
        if isinstance(group, Summarised):
            return FromSummaries(mine, group.cycle, bare=bare)
        return Computed(group.schools, set(mine.values_list("pk", flat=True)), bare=bare)


@dataclass(frozen=True)
class SeenSchool:
    """A school in a cycle, and all its cycles with figures; `ready` if read from summaries."""

    standing: SchoolStanding
    cycle: str
    cycles: list[str]
    ready: bool


def in_cycle(school: School, cycle: str) -> SeenSchool:
    """A school in a cycle (empty: the newest). Raises Http404 for one without figures."""
    ready = summaries.school(school)
    this = School.objects.filter(pk=school.pk)
    cycles = ready.cycles if ready else history.cycles_by_state(this).get(school.state_id, [])
    if cycle and cycle not in cycles:
        raise Http404
    cycle = cycle or next(iter(cycles), "")
    here = ready.standing(cycle) if ready else standing.of_schools(this, cycle)[0]
    return SeenSchool(here, cycle, cycles, ready is not None)


def whole_state(state: State, cycle: str) -> GroupStanding | None:
    """All schools of a state in a cycle, for places to stand beside.

    None where that has not been worked out yet: a school's page does not wait for a large state.
    """
    ready = summaries.in_cycle("states", state.code, cycle, state.code)
    if ready:
        return ready
    schools = schools_of("states", state)
    if schools.count() >= summaries.FEW:
        return None
    return GroupStanding(standing.of_schools(schools, cycle, choices={state.pk: [cycle]}), 0)


def states(user: User | AnonymousUser) -> QuerySet[State]:
    """States whose totals this person may see."""
    if user.is_superuser:
        return State.objects.all()
    return State.objects.filter(pk__in=scope_of(user).states)


def places(user: User | AnonymousUser, kind: Kind) -> QuerySet[Any]:
    """Places of a kind whose totals this person may see."""
    if kind == "states":
        return states(user)
    if kind == "regions":
        return Region.objects.visible_to(user).select_related("state")
    if kind == "counties":
        return County.objects.visible_to(user).select_related("state")
    return District.objects.visible_to(user).select_related("state", "region")


KEYS = {"states": "code", "regions": "code", "counties": "fips", "districts": "nces_id"}


def place(user: User | AnonymousUser, kind: Kind, key: str) -> Seen:
    """Raises Http404 for a place that is not there, or not for this person."""
    found = get_object_or_404(places(user, kind), **{KEYS[kind]: key})
    return Seen(kind, found, schools_of(kind, found))


def schools_of(kind: Kind, found: Any) -> SchoolQuerySet:
    """All schools of a place."""
    if kind == "regions":
        return School.objects.in_region(found)
    if kind == "counties":
        return School.objects.in_county(found)
    return School.objects.filter(**{"state" if kind == "states" else "district": found})


def schools_apart(county: County) -> frozenset[int]:
    """The county's schools whose district (or its part in a region) has schools outside of it."""
    inside = School.objects.in_county(county)
    outside = School.objects.filter(state=county.state_id).exclude(pk__in=inside.values("pk"))
    path = (Coalesce("region", "district__region"), "district")
    elsewhere = set(outside.values_list(*path))
    found = inside.values_list("pk", *path)
    return frozenset(pk for pk, *where in found if tuple(where) in elsewhere)

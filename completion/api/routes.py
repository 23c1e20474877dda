"""The addresses of the API, each scoped to whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI, Query
from ninja.constants import NOT_SET

from completion import bands, changes, figures, visible
from completion.api.auth import ANYONE_SIGNED_IN
from completion.api.shapes import (
    Band,
    Comparison,
    Figure,
    PlaceName,
    PlaceOut,
    SchoolOut,
    SchoolPage,
    SchoolWithWeeks,
    Week,
    seniors,
)
from completion.visible import KEYS, KINDS, Kind, Seen
from schools.models import School

A_PAGE = 100
CYCLE = Query("", description="Such as 2025-26; the newest without it.")

api = NinjaAPI(
    title="Aidbeacon",
    version="1",
    description="Completion figures of the places and schools that you may see; small ones hidden.",
    auth=ANYONE_SIGNED_IN,
    docs_url=None,  # its page needs inline scripts, which our policy refuses
    openapi_url=None,  # below, for whoever may ask the rest
    urls_namespace="api",
)
PREFIX = "/api/v1/"


@api.get("/openapi.json", include_in_schema=False, url_name="api-openapi")
def openapi(request: HttpRequest) -> dict[str, Any]:
    """All of this, described."""
    return dict(api.get_openapi_schema(path_prefix=PREFIX))


@api.get("/places", response=list[PlaceName], url_name="api-places")
def places(request: HttpRequest) -> list[PlaceName]:
    """Every state, region, county and district that you may ask about."""
    return [
        PlaceName(kind=kind, id=getattr(place, KEYS[kind]), name=place.name)
        for kind in KINDS
        for place in visible.places(request.user, kind)
    ]


@api.get("/schools/{nces_id}", response=SchoolWithWeeks, url_name="api-school")
def school(request: HttpRequest, nces_id: str, cycle: str = CYCLE) -> SchoolWithWeeks:
    """A school in a cycle, week by week."""
    schools = School.objects.visible_to(request.user).select_related("state", "district__region")
    found = get_object_or_404(schools, nces_id=nces_id)
    here = visible.in_cycle(found, cycle).standing
    among = visible.whole_state(found.state, here.cycle) if here.cycle else None
    moved = changes.of(here, found.state, among)
    return SchoolWithWeeks(
        **dict(SchoolOut.of(figures.row(here))),
        weeks=[Week.of(point) for point in here.points],
        last_weeks=[Week.of(point) for point in here.last_points],
        changes=[Comparison.of(line) for line in moved.lines] if moved else [],
        beside_state=Figure.gap(moved.state_gap if moved else None),
    )


def _place(seen: Seen, cycle: str) -> PlaceOut:
    group, cycle, cycles = seen.in_cycle(cycle)
    among = visible.whole_state(seen.state, cycle) if cycle and seen.kind != "states" else None
    moved = changes.of(group, seen.state, among)
    told_bands = bands.of(seen.place, group) if seen.kind == "districts" else []
    return PlaceOut(
        id=getattr(seen.place, KEYS[seen.kind]),
        name=seen.place.name,
        state=seen.state.pk,
        made_up=seen.state.made_up,
        **PlaceOut.figures(group),
        seniors=seniors(group),
        schools=group.reporting,
        cycles=cycles,
        weeks=[Week.of(point) for point in group.points],
        last_weeks=[Week.of(point) for point in group.last_points],
        changes=[Comparison.of(line) for line in moved.lines] if moved else [],
        beside_state=Figure.gap(moved.state_gap if moved else None),
        federal_bands=[Band.of(told) for told in told_bands],
    )


def _schools(request: HttpRequest, seen: Seen, cycle: str, page: int) -> SchoolPage:
    group, _cycle, _cycles = seen.in_cycle(cycle)
    shown = seen.listing(request.user, group, bare=True).page("name", A_PAGE, page)
    return SchoolPage(
        count=shown.paginator.count,
        page=shown.number,
        pages=shown.paginator.num_pages,
        schools=[SchoolOut.of(row) for row in shown],
    )


def _add(kind: Kind) -> None:
    """A place of this kind, and its schools."""

    def place(request: HttpRequest, key: str, cycle: str = CYCLE) -> PlaceOut:
        return _place(visible.place(request.user, kind, key), cycle)

    def schools(
        request: HttpRequest, key: str, cycle: str = CYCLE, page: int = Query(1, ge=1)
    ) -> SchoolPage:
        return _schools(request, visible.place(request.user, kind, key), cycle, page)

    answers: list[tuple[str, Callable[..., object], type, str]] = [
        ("", place, PlaceOut, "A place in a cycle, week by week."),
        ("/schools", schools, SchoolPage, "Its schools that you may open, by name."),
    ]
    for tail, view, response, says in answers:
        api.default_router.add_api_operation(
            f"/{kind}/{{key}}{tail}",
            ["GET"],
            view,
            auth=NOT_SET,
            response=response,
            url_name=f"api-{kind}{tail.replace('/', '-')}",
            operation_id=f"{kind}{tail.replace('/', '_')}",
            summary=says,
        )


for each in KINDS:
    _add(each)


def urls() -> list[URLPattern | URLResolver]:
    """The addresses; a visitor is refused in JSON (401) instead of being led to the sign-in."""
    found = [each for each in api.urls[0] if isinstance(each, URLPattern)]
    for pattern in found:
        pattern.callback.login_required = False  # type: ignore[attr-defined]
    return [pattern for pattern in found if pattern.name != "api-root"]

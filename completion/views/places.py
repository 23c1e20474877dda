"""Overview, states, regions, districts: where their schools stand."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from completion import changes, figures, history, standing, suppression
from completion.cards import cards_for
from completion.charts.bars import BESIDE, WIDE
from completion.charts.counties import county_map
from completion.charts.dots import school_dots
from completion.charts.multiples import small_multiples
from completion.charts.places import place_bars
from completion.exports import pdf_response, schools_csv
from completion.marks import campaign_marks
from completion.onepage import one_page
from completion.permissions import may_import, staff
from completion.standing import GroupStanding
from schools.models import County, District, Region, School, State
from schools.models.places import SchoolQuerySet

A_PAGE = 50
A_FEW = 24  # of small pictures


def visible_states(user: Any) -> QuerySet[State]:
    """States whose totals this person may see."""
    return (
        State.objects.all() if user.is_superuser else State.objects.filter(pk__in=user.scope.states)
    )


def overview(request: HttpRequest) -> HttpResponse:
    """A card for each state, region and (with no region to see) district of this person."""
    states = list(visible_states(request.user))
    regions = list(Region.objects.visible_to(request.user).select_related("state"))
    districts: list[District] = []
    if not states and not staff(request).scope.regions:
        districts = list(District.objects.visible_to(request.user).select_related("state"))
    schools = School.objects.filter(
        Q(state__in=states)
        | Q(region__in=regions)
        | Q(region=None, district__region__in=regions)
        | Q(district__in=districts)
    )
    standings = standing.of_schools(schools)
    mine = []
    if districts:
        visible = set(School.objects.visible_to(request.user).values_list("pk", flat=True))
        mine = [figures.row(s) for s in standings if s.school.pk in visible]
    context = {
        "sections": cards_for(standings, states, regions, districts),
        "rows": figures.ordered(mine, "name")[:A_PAGE],
        "may_import": may_import(request.user),
        "made_up": any(s.made_up for s in states) or any(r.state.made_up for r in regions),
    }
    return render(request, "completion/overview.html", context)


def state(request: HttpRequest, code: str) -> HttpResponse:
    place = get_object_or_404(visible_states(request.user), code=code)
    return _place(request, place, place, School.objects.filter(state=place), [])


def region(request: HttpRequest, code: str) -> HttpResponse:
    regions = Region.objects.visible_to(request.user).select_related("state")
    place = get_object_or_404(regions, code=code)
    above: list[Any] = [place.state] if _sees_state(request, place.state) else []
    return _place(request, place, place.state, School.objects.in_region(place), above)


def district(request: HttpRequest, nces_id: str) -> HttpResponse:
    districts = District.objects.visible_to(request.user).select_related("state", "region")
    place = get_object_or_404(districts, nces_id=nces_id)
    above: list[Any] = [place.state] if _sees_state(request, place.state) else []
    if place.region:
        above.append(place.region)
    return _place(request, place, place.state, School.objects.filter(district=place), above)


def county(request: HttpRequest, fips: str) -> HttpResponse:
    counties = County.objects.visible_to(request.user).select_related("state")
    place = get_object_or_404(counties, fips=fips)
    above: list[Any] = [place.state] if _sees_state(request, place.state) else []
    return _place(request, place, place.state, School.objects.in_county(place), above)


def schools_apart(county: County) -> frozenset[int]:
    """The county's schools whose district (or its part in a region) has schools outside of it."""
    inside = School.objects.in_county(county)
    outside = School.objects.filter(state=county.state_id).exclude(pk__in=inside.values("pk"))
    path = (Coalesce("region", "district__region"), "district")
    elsewhere = set(outside.values_list(*path))
    found = inside.values_list("pk", *path)
    return frozenset(pk for pk, *where in found if tuple(where) in elsewhere)


def _sees_state(request: HttpRequest, state: State) -> bool:
    return visible_states(request.user).filter(pk=state.pk).exists()


def _place(
    request: HttpRequest, place: Any, state: State, schools: SchoolQuerySet, above: list[Any]
) -> HttpResponse:
    """The page (or CSV) of a place: its totals over all schools, its table of the visible ones."""
    choices = history.cycles_by_state(schools)
    cycles = choices.get(state.pk, [])
    cycle = request.GET.get("cycle", "")
    if cycle and cycle not in cycles:
        raise Http404
    cycle = cycle or (cycles[0] if cycles else "")
    depth = {State: 0, Region: 1}.get(type(place), 2)
    alone = schools_apart(place) if isinstance(place, County) else frozenset()
    group = GroupStanding(standing.of_schools(schools, cycle, choices=choices), depth, alone)
    visible = set(schools.visible_to(request.user).values_list("pk", flat=True))
    listed = [
        s
        for s in group.schools
        if s.school.pk in visible and (s.points or s.last_points or s.seniors)
    ]
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") not in figures.SORTS:
        sort = "-rate" if group.rate() else ("-completed" if cycle else "name")
    rows = figures.ordered([figures.row(s) for s in listed], sort)
    name = f"completion-{slugify(place.name)}-{cycle or 'schools'}"
    if request.GET.get("format") == "csv":
        return schools_csv(name, rows)
    marks = campaign_marks(schools, cycle) if cycle else []
    if request.GET.get("format") == "pdf":
        today = timezone.localdate()
        sheet = one_page(place, group, today=today, marks=marks, rows=rows, made_up=state.made_up)
        return pdf_response(name, sheet)
    side_by_side = request.GET.get("view") == "side"
    page = Paginator(rows, A_FEW if side_by_side else A_PAGE).get_page(request.GET.get("page"))
    picture = county_map(group, state) if isinstance(place, State) else None
    context = {
        "place": place,
        "state": state,
        "crumbs": crumbs(above, place),
        "cycle": cycle,
        "cycles": cycles,
        "group": group,
        "tiles": figures.tiles(group),
        "charts": figures.charts(group, cycle, marks) if cycle else [],
        "changes": changes.of(group),
        "bars": place_bars(group, place, width=BESIDE if picture else WIDE),
        "map": picture,
        "dots": school_dots(listed),
        "page": page,
        "side_by_side": small_multiples(row.standing for row in page) if side_by_side else [],
        "view": "side" if side_by_side else "",
        "rows_count": len(rows),
        "sort": sort,
        "seniors": suppression.seniors(group.seniors) if group.seniors else None,
        "senior_years": sorted({s.seniors.school_year for s in group.schools if s.seniors}),
        "may_import": may_import(request.user),
        "made_up": state.made_up,
    }
    return render(request, "completion/place.html", context)


def crumbs(above: list[Any], place: Any) -> list[dict[str, str]]:
    """The way to a place: overview, then what lies above it."""
    items = [{"label": _("Completion"), "url": reverse("completion")}]
    items += [{"label": str(item), "url": item.get_absolute_url()} for item in above]
    return [*items, {"label": str(place)}]

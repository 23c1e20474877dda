"""Overview, states, regions, districts: where their schools stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from completion import bands, changes, exports, figures, standing, summaries, suppression, visible
from completion.cards import cards_for
from completion.charts.bars import BESIDE, WIDE
from completion.charts.counties import county_map
from completion.charts.multiples import small_multiples
from completion.charts.places import place_bars
from completion.exports import pdf_response
from completion.marks import campaign_marks
from completion.onepage import MOST_ROWS, one_page
from completion.permissions import may_import, may_publish, staff
from completion.visible import Seen
from schools.models import District, Region, School, State

A_PAGE = 50
A_FEW = 24  # of small pictures


def overview(request: HttpRequest) -> HttpResponse:
    """A card for each state, region and (with no region to see) district of this person."""
    states = list(visible.states(request.user))
    regions = list(Region.objects.visible_to(request.user).select_related("state"))
    districts: list[District] = []
    if not states and not staff(request).scope.regions:
        districts = list(District.objects.visible_to(request.user).select_related("state"))
    ready = summaries.newest(
        {
            "states": [each.code for each in states],
            "regions": [each.code for each in regions],
        },
        {each.state_id for each in regions} | {each.pk for each in states},
    )
    open_states = [each for each in states if ("states", each.code) not in ready]
    open_regions = [each for each in regions if ("regions", each.code) not in ready]
    schools = School.objects.filter(
        Q(state__in=open_states)
        | Q(region__in=open_regions)
        | Q(region=None, district__region__in=open_regions)
        | Q(district__in=districts)
    )
    standings = standing.of_schools(schools) if open_states or open_regions or districts else []
    mine = []
    if districts:
        may_open = set(School.objects.visible_to(request.user).values_list("pk", flat=True))
        mine = [figures.row(s) for s in standings if s.school.pk in may_open]
    context = {
        "sections": cards_for(standings, states, regions, districts, ready),
        "rows": figures.ordered(mine, "name")[:A_PAGE],
        "may_import": may_import(request.user),
        "made_up": any(s.made_up for s in states) or any(r.state.made_up for r in regions),
    }
    return render(request, "completion/overview.html", context)


def state(request: HttpRequest, code: str) -> HttpResponse:
    return _place(request, visible.place(request.user, "states", code))


def region(request: HttpRequest, code: str) -> HttpResponse:
    return _place(request, visible.place(request.user, "regions", code))


def district(request: HttpRequest, nces_id: str) -> HttpResponse:
    seen = visible.place(request.user, "districts", nces_id)
    return _place(request, seen, [seen.place.region] if seen.place.region else [])


def county(request: HttpRequest, fips: str) -> HttpResponse:
    return _place(request, visible.place(request.user, "counties", fips))


def _place(request: HttpRequest, seen: Seen, above: Sequence[Any] = ()) -> HttpResponse:
    """The page (or CSV) of a place: its totals over all schools, its table of the visible ones."""
    place, state = seen.place, seen.state
    group, cycle, cycles = seen.in_cycle(request.GET.get("cycle", ""))
    listing = seen.listing(request.user, group)
    form = request.GET.get("format", "")
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") not in figures.SORTS:
        sort = "-rate" if group.rate() else ("-completed" if cycle else "name")
    name = f"completion-{slugify(place.name)}-{cycle or 'schools'}"
    marks = campaign_marks(seen.schools, cycle) if cycle else []
    among = visible.whole_state(state, cycle) if cycle and seen.kind != "states" else None
    moved = changes.of(group, state, among)
    if form == "pdf":
        today = timezone.localdate()
        rows = listing.largest(MOST_ROWS)
        sheet = one_page(
            place, group, today=today, changes=moved, marks=marks, rows=rows, made_up=state.made_up
        )
        return pdf_response(name, sheet)
    picture = county_map(group, state) if seen.kind == "states" else None
    charts = figures.charts(group, cycle, marks) if cycle else []
    bars = place_bars(group, place, width=BESIDE if picture else WIDE)
    dots = listing.dots()
    told_bands = bands.of(place, group) if seen.kind == "districts" else []
    if form:
        tables = [exports.schools_table(listing.lines(sort))]
        tables += [exports.changes_table(moved)] if moved else []
        tables += [exports.bands_table(told_bands)] if told_bands else []
        pictures = {"map": picture, "places": bars, "sizes": dots}
        pictures |= {f"weeks-{n}": chart for n, chart in enumerate(charts, start=1)}
        tables += [exports.chart_table(key, chart) for key, chart in pictures.items() if chart]
        file = exports.download(name, tables, form, request.GET.get("table", ""))
        if file:
            return file
    side_by_side = request.GET.get("view") == "side"
    size, number = A_FEW if side_by_side else A_PAGE, request.GET.get("page")
    page = listing.page(sort, size, number, weeks=side_by_side)
    context = {
        "place": place,
        "state": state,
        "crumbs": crumbs([*_states_above(request, seen), *above], place),
        "cycle": cycle,
        "cycles": cycles,
        "group": group,
        "tiles": figures.tiles(group),
        "charts": charts,
        "changes": moved,
        "bands": told_bands,
        "bars": bars,
        "map": picture,
        "dots": dots,
        "page": page,
        "side_by_side": small_multiples(row.standing for row in page) if side_by_side else [],
        "view": "side" if side_by_side else "",
        "rows_count": page.paginator.count,
        "sort": sort,
        "seniors": suppression.seniors(group.seniors) if group.seniors else None,
        "senior_years": group.senior_years,
        "may_import": may_import(request.user),
        "made_up": state.made_up,
    }
    if seen.kind == "regions" and may_publish(request.user, place):
        address = reverse("completion-public", args=[place.code])
        context["public_url"] = request.build_absolute_uri(address)
    return render(request, "completion/place.html", context)


def _states_above(request: HttpRequest, seen: Seen) -> list[State]:
    """The state of a smaller place, for whoever may open it."""
    if seen.kind == "states":
        return []
    return list(visible.states(request.user).filter(pk=seen.state.pk))


def crumbs(above: list[Any], place: Any) -> list[dict[str, str]]:
    """The way to a place: overview, then what lies above it."""
    items = [{"label": _("Completion"), "url": reverse("completion")}]
    items += [{"label": str(item), "url": item.get_absolute_url()} for item in above]
    return [*items, {"label": str(place)}]

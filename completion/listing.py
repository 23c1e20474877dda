"""The schools of a place, as a person may list them: a page, all for a file, dots for a picture.

From summaries, where the place has one: then only the schools of a page are ever made objects of.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet

from completion import exports, figures, standing, summaries
from completion.charts.dots import SchoolDot, dot_plot, school_dots
from completion.charts.frame import Chart
from completion.figures import Row
from completion.models import SchoolSummary
from completion.standing import SchoolStanding
from schools.models import School


class Listing(Protocol):
    def page(
        self, sort: str, size: int, number: int | str | None, *, weeks: bool = False
    ) -> Page[Row]:
        """One page in the order of a column; `weeks` with every week of each school."""

    def lines(self, sort: str) -> list[list[str]]:
        """All of it, as the lines of a file (exports.py)."""

    def largest(self, most: int) -> list[Row]:
        """The schools with the most seniors."""

    def dots(self) -> Chart | None:
        """Schools by size and rate; None with too few."""


class Computed:
    """Of schools that were worked out from their snapshots."""

    def __init__(
        self, standings: Sequence[SchoolStanding], may_open: Collection[int], *, bare: bool = False
    ) -> None:
        """`bare` lists schools without any figure as well."""
        self.standings = [
            s for s in standings if s.school.pk in may_open and (bare or standing.has_figures(s))
        ]

    def page(
        self, sort: str, size: int, number: int | str | None, *, weeks: bool = False
    ) -> Page[Row]:
        return Paginator(self._rows(sort), size).get_page(number)

    def lines(self, sort: str) -> list[list[str]]:
        return [exports.line(row) for row in self._rows(sort)]

    def _rows(self, sort: str) -> list[Row]:
        return figures.ordered([figures.row(each) for each in self.standings], sort)

    def largest(self, most: int) -> list[Row]:
        return self._rows("-seniors")[:most]

    def dots(self) -> Chart | None:
        return school_dots(self.standings)


class FromSummaries:
    """Of schools whose figures stand ready, in few queries however many they are."""

    def __init__(self, schools: QuerySet[School], cycle: str, *, bare: bool = False) -> None:
        self.cycle = cycle
        self.found = SchoolSummary.objects.filter(cycle=cycle, school__in=schools.order_by())
        if not bare:
            self.found = self.found.filter(listed=True)

    def page(
        self, sort: str, size: int, number: int | str | None, *, weeks: bool = False
    ) -> Page[Row]:
        page: Page[int] = Paginator(self._schools(sort), size).get_page(number)
        rows = self._made(list(page.object_list), weeks=weeks)
        return Page(rows, page.number, page.paginator)  # type: ignore

    def lines(self, sort: str) -> list[list[str]]:
        found = list(
            self._order(sort).values_list(
                "school", "school__nces_id", "school__name", "school__city",
                "school__district__name", "cells",
            )
        )  # fmt: skip
        worded = [pk for pk, *_others, cells in found if not cells]  # by each reader's language
        rows = summaries.rows(School.objects.filter(pk__in=worded), self.cycle)
        return [
            exports.line(rows[pk]) if pk in rows else [nces, name, city, district or "", *cells]
            for pk, nces, name, city, district, cells in found
        ]

    def largest(self, most: int) -> list[Row]:
        return self._made(list(self._schools("-seniors")[:most]))

    def dots(self) -> Chart | None:
        rows = list(
            self.found.filter(rated=True).values_list(
                "name", "seniors_count", "rate_low", "rate_high"
            )
        )
        told = [
            SchoolDot(name, seniors, low, high)
            for name, seniors, low, high in rows
            if seniors is not None and low is not None and high is not None
        ]
        return dot_plot(told, len(rows) - len(told))

    def _order(self, sort: str) -> QuerySet[SchoolSummary]:
        """In the order of a column, empty ones last."""
        name, down = sort.removeprefix("-"), sort.startswith("-")
        field = F("folded_name" if name == "name" else name)
        order = field.desc(nulls_last=True) if down else field.asc(nulls_last=True)
        return self.found.order_by(order, "folded_name", "school")

    def _schools(self, sort: str) -> QuerySet[SchoolSummary, int]:
        return self._order(sort).values_list("school", flat=True)

    def _made(self, keys: Sequence[int], *, weeks: bool = False) -> list[Row]:
        schools = School.objects.filter(pk__in=keys)
        if weeks:
            whole = summaries.standings(schools, self.cycle)
            return [figures.row(whole[pk]) for pk in keys if pk in whole]
        ready = summaries.rows(schools, self.cycle)
        return [ready[pk] for pk in keys if pk in ready]

"""Pages of a list that may be endless: counted no further than anybody would leaf."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

COUNTED = 10_000


class CappedPaginator(Paginator):
    """A paginator that stops counting at COUNTED; whoever wants more narrows the search.

    A count of a million rows reads a million rows, on every page. `has_more` is true where the
    list goes on beyond what was counted.
    """

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        """How many there are, or COUNTED where there are more."""
        return min(self._counted, COUNTED)

    @cached_property
    def _counted(self) -> int:
        return self.object_list.order_by()[: COUNTED + 1].count()

    @property
    def has_more(self) -> bool:
        return self._counted > COUNTED

"""A file's figures taken out again, as if it had not come in."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from completion import summaries
from completion.models import Snapshot, SourceFile


@transaction.atomic
def take_back(source: SourceFile) -> None:
    """Deletes a file with all that it said; older words on the same days count once more.

    Schools that it added, and seniors that stood in it, stay. Places concerned are computed until
    their summaries are made anew: a false figure is worse than a slow page.
    """
    mine = Snapshot.objects.filter(source=source).order_by()
    schools = set(mine.values_list("school", flat=True))
    cycles = set(mine.values_list("cycle", flat=True))
    source.delete()
    words = Snapshot.objects.filter(
        **{name: OuterRef(name) for name in ("school", "cycle", "as_of")}
    )
    newer = Q(source__as_of__gt=OuterRef("source__as_of")) | Q(
        source__as_of=OuterRef("source__as_of"),
        source__imported_at__gt=OuterRef("source__imported_at"),
    )
    Snapshot.objects.filter(school__in=schools, cycle__in=cycles, superseded=True).exclude(
        Exists(words.filter(superseded=False))
    ).exclude(Exists(words.filter(newer))).update(superseded=False)
    summaries.drop(schools)

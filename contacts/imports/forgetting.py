"""What imports keep of families for a while only: files that waited, cells, values from before."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from contacts.models import ContactImport, ImportChange

# Long enough to mend the cells at their source and to notice a wrong file: a term, with its
# dozen weekly files on top. What is older serves nobody, and is a copy of families' data.
KEPT = dt.timedelta(days=90)
AT = dt.time(3, 45)

State = ContactImport.State


def run(now: dt.datetime) -> int:
    """Lets go of what imports of long ago still hold; returns how many imports that concerned.

    A file that nobody imported goes whole. Of an import stay its counts and which rows it
    changed, but neither cells with problems nor values from before: it can no longer be undone.
    """
    before = now - KEPT
    waited = ContactImport.objects.filter(
        state__in=[State.MAPPING, State.PREVIEW], uploaded_at__lt=before
    )
    old = ContactImport.objects.filter(
        state__in=[State.DONE, State.UNDONE], finished_at__lt=before, forgotten_at=None
    )
    count = 0
    for pk in waited.values_list("pk", flat=True):
        count += bool(waited.filter(pk=pk).delete()[0])
    for pk in old.values_list("pk", flat=True):
        with transaction.atomic():
            count += old.filter(pk=pk).update(problems_sealed=b"", forgotten_at=now)
            ImportChange.objects.filter(upload=pk).update(before={}, after={})
    return count

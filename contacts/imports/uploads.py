"""A file on its way through the pages: kept sealed, confirmed by a person, then forgotten.

What takes long (the preview, the import, the undoing) is a job: a small file's runs at once, a
large one's in the background. Each job is claimed by one guarded UPDATE, so that a queue that
hands it out twice does no harm.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from contacts import vocabulary
from contacts.imports import fields, kept, kinds, readers, undo
from contacts.imports import mapping as mappings
from contacts.imports.problems import BadFile
from contacts.imports.progress import Teller, told
from contacts.models import ContactImport
from schools import audit, faults
from schools.models import District, School, User

logger = logging.getLogger(__name__)

State = ContactImport.State

SAMPLES = 5
SAMPLE_ROWS = 200
AT_ONCE_BYTES = 256 * 1024  # a school's file: quicker done than queued
JOB_SECONDS = 3 * 60 * 60  # for the largest file on the slowest machine
SILENCE = dt.timedelta(minutes=10)  # without a sign of life, the work is taken up anew
WORKING = (State.READING, State.IMPORTING, State.UNDOING)


@dataclass
class Column:
    """A column of the file as the mapping page shows it."""

    position: int
    header: str
    samples: list[str]
    field: str


def begin(
    name: str,
    file: IO[bytes] | bytes,
    *,
    district: District,
    school: School | None,
    by: User,
    kind: ContactImport.Kind = ContactImport.Kind.FAMILIES,
    as_of: dt.date | None = None,
) -> ContactImport:
    """Keeps an uploaded file. Raises BadFile, keeping nothing, if it cannot be read."""
    file = io.BytesIO(file) if isinstance(file, bytes) else file
    table = readers.read(name, file, district=district)
    upload = ContactImport(
        district=district,
        school=school,
        uploaded_by=by,
        file_name=name[:200],
        kind=kind,
        as_of=as_of,
    )
    known = mappings.remembered(district, table.headers, kind)
    upload.mapping = known or kinds.of(upload).guess(table.headers, _first_values(table))
    with transaction.atomic():
        upload.save()
        kept.keep(upload, file)
        upload.save()
    return upload


def is_understood(upload: ContactImport) -> bool:
    """True if nobody need confirm the columns: the district did, or a standard names them."""
    with kept.opened(upload) as file:
        headers = readers.read(upload.file_name, file, district=upload.district).headers
    if mappings.remembered(upload.district, headers, upload.kind) is not None:
        return True
    standard = upload.file_name.lower().endswith(".zip")  # OneRoster, read into our own fields
    return standard and all(fields.known(header) == header for header in headers)


def confirmed_on(upload: ContactImport) -> dt.datetime | None:
    """When the district last confirmed the very columns of this upload; None if it did not."""
    with kept.opened(upload) as file:
        headers = readers.read(upload.file_name, file, district=upload.district).headers
    known = mappings.known(upload.district, headers, upload.kind)
    return known.updated_at if known and known.mapping == upload.mapping else None


def columns(upload: ContactImport) -> list[Column]:
    """The file's columns with their first few values and the fields they are taken for."""
    with kept.opened(upload) as file:
        table = readers.read(upload.file_name, file, district=upload.district)
        values = _first_values(table)
    taken_for = {header: field for field, header in upload.mapping.items()}
    return [
        Column(position, header, list(dict.fromkeys(filter(None, found)))[:SAMPLES],
               taken_for.get(header, ""))
        for position, (header, found) in enumerate(zip(table.headers, values, strict=True))
    ]  # fmt: skip


def _first_values(table: readers.Table) -> list[list[str]]:
    """The values of each column in the first rows."""
    rows = [cells for _number, cells in itertools.islice(table.rows, SAMPLE_ROWS)]
    return [[cells[i] for cells in rows] for i in range(len(table.headers))]


# Jobs --------------------------------------------------------------------------------------


def preview(upload: ContactImport, mapping: Mapping[str, str], *, now: dt.datetime) -> None:
    """Keeps a mapping and has the file read, to say what the import would change.

    Raises BadFile if the columns do not do; what is wrong with the rows, the job finds.
    """
    with kept.opened(upload) as file:
        table = readers.read(upload.file_name, file, district=upload.district)
        upload.mapping = kinds.of(upload).check(mapping, table, upload)
    upload.save(update_fields=["mapping"])
    _start(upload, State.READING, now)


def confirm(upload: ContactImport, *, by: User, now: dt.datetime) -> bool:
    """Has the file imported; False if that had been asked for already."""
    upload.uploaded_by = by
    upload.save(update_fields=["uploaded_by"])
    return _start(upload, State.IMPORTING, now)


def take_back(upload: ContactImport, *, by: User, now: dt.datetime) -> bool:
    """Has the import undone; False if that had been asked for.

    Raises undo.CannotUndo; what it takes long to find, the job finds and tells on the page.
    """
    reasons = kinds.of(upload).objections(upload)
    if reasons:
        raise undo.CannotUndo(reasons)
    upload.undone_by = by
    upload.save(update_fields=["undone_by"])
    return _start(upload, State.UNDOING, now)


def move(upload: ContactImport, to: str) -> bool:
    """Moves an upload on to a state; False if it had moved already, to wherever it may not."""
    may = [state for state, follows in ContactImport.MOVES.items() if to in follows]
    moved = ContactImport.objects.filter(pk=upload.pk, state__in=may).update(
        state=to, progress=0, alive_at=None, error=""
    )
    upload.refresh_from_db()
    return bool(moved)


def _start(upload: ContactImport, state: str, now: dt.datetime) -> bool:
    if not move(upload, state):
        return False
    if _is_small(upload):
        work(upload.pk, now=now)
    else:
        send_for(upload)
    upload.refresh_from_db()
    return True


def _is_small(upload: ContactImport) -> bool:
    if upload.state == State.UNDOING:
        return bool(upload.summary.get("rows", 0) <= undo.QUICK_ROWS)
    return upload.pieces.count() == 1 and len(upload.pieces.get().sealed) <= AT_ONCE_BYTES


def send_for(upload: ContactImport) -> None:
    """Asks the queue to do an upload's job; where it is away, the next minute asks again."""
    try:
        async_task(
            "contacts.tasks.work",
            str(upload.pk),
            task_name="import",
            q_options={"timeout": JOB_SECONDS},
        )
    except Exception as error:  # whatever broker is set
        logger.warning("The queue did not take an import (%s)", type(error).__name__)


def waiting(now: dt.datetime) -> list[ContactImport]:
    """Uploads whose job nobody has begun, or whose worker has gone silent."""
    found = ContactImport.objects.filter(state__in=WORKING)
    return [upload for upload in found if _is_silent(upload, now)]


def _is_silent(upload: ContactImport, now: dt.datetime) -> bool:
    _percent, alive_at = told(upload)
    return alive_at is None or alive_at < now - SILENCE


def work(pk: Any, *, now: dt.datetime) -> None:
    """Does an upload's job, unless somebody else is at it."""
    upload = ContactImport.objects.select_related("district__state", "school").get(pk=pk)
    if upload.state not in WORKING or not _is_silent(upload, now):
        return
    unclaimed = Q(alive_at=upload.alive_at) if upload.alive_at else Q(alive_at=None)
    claimed = ContactImport.objects.filter(unclaimed, pk=upload.pk, state=upload.state)
    if not claimed.update(alive_at=now):
        return
    job = {State.READING: _read, State.IMPORTING: _import, State.UNDOING: _undo}
    back = {State.READING: State.MAPPING, State.IMPORTING: State.PREVIEW, State.UNDOING: State.DONE}
    began = upload.state
    try:
        with Teller(upload) as progress:
            job[State(began)](upload, progress, now)
    except (BadFile, undo.CannotUndo) as error:
        _give_back(upload, back[State(began)], str(error))
    except Exception as error:
        logger.error("The work on a file failed: %s", faults.without_words(error))
        why = _("Something went wrong on our side; nothing was changed. Please try again.")
        _give_back(upload, back[State(began)], why)


def _give_back(upload: ContactImport, state: str, why: str) -> None:
    ContactImport.objects.filter(pk=upload.pk).update(
        state=state, error=why, progress=0, alive_at=None
    )


def _read(upload: ContactImport, progress: Teller, now: dt.datetime) -> None:
    report = _run(upload, dry_run=True, progress=progress, now=now)
    today = timezone.localdate(now)
    vocabulary.ask(upload.district, report.missed, upload=upload, today=today)
    _finish(upload, State.PREVIEW, report)


def _import(upload: ContactImport, progress: Teller, now: dt.datetime) -> None:
    with transaction.atomic():
        by = upload.uploaded_by
        report = _run(upload, dry_run=False, progress=progress, now=now, by=by, upload=upload)
        upload.finished_at = now
        _finish(upload, State.DONE, report)
        kept.forget(upload)
        _record(upload, kinds.of(upload).imported, by, report.counts())


def _undo(upload: ContactImport, progress: Teller, now: dt.datetime) -> None:
    with transaction.atomic():
        kinds.of(upload).undo(upload, progress=progress)
        ContactImport.objects.filter(pk=upload.pk).update(undone_at=now, progress=0, alive_at=None)
        _record(upload, kinds.of(upload).undone, upload.undone_by, {})


def _run(upload: ContactImport, /, **options: Any) -> kinds.Report:
    with kept.opened(upload) as file:
        return kinds.of(upload).run(upload, file, **options)


def _finish(upload: ContactImport, state: str, report: kinds.Report) -> None:
    upload.state = state
    upload.error = ""
    upload.alive_at = None
    upload.summary = report.counts()
    upload.problems_text = json.dumps([problem.as_dict() for problem in report.problems])
    upload.save()


def _record(upload: ContactImport, action: str, by: User | None, counts: dict[str, Any]) -> None:
    numbers = {name: n for name, n in counts.items() if isinstance(n, int)}
    audit.record(by, action, f"import {upload.pk}", district=upload.district, **numbers)


def problems_of(upload: ContactImport) -> list[dict[str, Any]]:
    """Problems found in the file, as dictionaries of row, column, value and message."""
    text = upload.problems_text
    return json.loads(text) if text else []

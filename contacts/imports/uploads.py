"""A file on its way through the pages: kept sealed, confirmed by a person, then emptied."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from contacts.imports import kept, readers
from contacts.imports import mapping as mappings
from contacts.imports.run import Report, run
from contacts.models import ContactImport
from schools import audit
from schools.models import District, School, User

SAMPLES = 5
SHOWN_ROWS = 60


@dataclass
class Column:
    """A column of the file as the mapping page shows it."""

    position: int
    header: str
    samples: list[str]
    field: str


def begin(
    name: str, content: bytes, *, district: District, school: School | None, by: User
) -> ContactImport:
    """Keeps an uploaded file. Raises BadFile, keeping nothing, if it cannot be read.

    Where the district confirmed such columns before, the mapping page is passed over.
    """
    table = readers.read(name, content)
    upload = ContactImport(
        district=district,
        school=school,
        uploaded_by=by,
        file_name=name[:200],
    )
    known = mappings.remembered(district, table.headers)
    upload.mapping = known or mappings.guess(table.headers)
    with transaction.atomic():
        upload.save()
        kept.keep(upload, io.BytesIO(content))
        upload.save()
    return upload


def was_remembered(upload: ContactImport) -> bool:
    """True if the district confirmed these columns in an earlier import."""
    headers = readers.read(upload.file_name, content_of(upload)).headers
    return mappings.remembered(upload.district, headers) is not None


def content_of(upload: ContactImport) -> bytes:
    """The file's bytes; empty once the import is done."""
    with kept.opened(upload) as file:
        return file.read()


def columns(upload: ContactImport) -> list[Column]:
    """The file's columns with their first few values and the fields they are taken for."""
    table = readers.read(upload.file_name, content_of(upload))
    samples: list[list[str]] = [[] for _header in table.headers]
    for _number, cells in table.rows:
        for known, cell in zip(samples, cells, strict=True):
            if cell and cell not in known and len(known) < SAMPLES:
                known.append(cell)
        if _number > SHOWN_ROWS:
            break
    fields = {header: field for field, header in upload.mapping.items()}
    return [
        Column(position, header, values, fields.get(header, ""))
        for position, (header, values) in enumerate(zip(table.headers, samples, strict=True))
    ]


def preview(upload: ContactImport, mapping: Mapping[str, str], *, now: dt.datetime) -> Report:
    """Keeps a mapping and says what the import would change. Raises BadFile."""
    report = _run(upload, mapping, dry_run=True, now=now)
    upload.mapping = dict(mapping)
    upload.state = ContactImport.State.PREVIEW
    _keep(upload, report)
    upload.save()
    return report


def confirm(upload: ContactImport, *, by: User, now: dt.datetime) -> bool:
    """Imports the file and empties it; False if that had happened already. Raises BadFile."""
    with transaction.atomic():
        claimed = ContactImport.objects.select_for_update().get(pk=upload.pk)
        if claimed.state != ContactImport.State.PREVIEW:
            return False
        report = _run(claimed, claimed.mapping, dry_run=False, now=now, by=by)
        claimed.state = ContactImport.State.DONE
        claimed.finished_at = now
        _keep(claimed, report)
        claimed.save()
        kept.forget(claimed)
        audit.record(
            by,
            "contacts.imported",
            f"import {claimed.pk}",
            district=claimed.district,
            **report.counts(),
        )
    return True


def problems_of(upload: ContactImport) -> list[dict[str, Any]]:
    """Problems found in the file, as dictionaries of row, column, value and message."""
    text = upload.problems_text
    return json.loads(text) if text else []


def _run(upload: ContactImport, mapping: Mapping[str, str], **options: Any) -> Report:
    return run(
        upload.file_name,
        content_of(upload),
        district=upload.district,
        school=upload.school,
        mapping=mapping,
        **options,
    )


def _keep(upload: ContactImport, report: Report) -> None:
    upload.summary = report.counts()
    upload.problems_text = json.dumps([problem.as_dict() for problem in report.problems])

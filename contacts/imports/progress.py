"""How far the work on a file has come, told while its one transaction is still open.

On PostgreSQL a connection of its own tells it. SQLite has one writer at a time, the import
itself; but there everything runs on one machine, so a small file beside the database does.
"""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from contacts.models import ContactImport

SECONDS_BETWEEN = 1.0


class Teller:
    """Tells the progress of one upload, at most once a second; a context manager."""

    def __init__(self, upload: ContactImport) -> None:
        self._upload = upload
        self._last = 0.0
        self._connection: BaseDatabaseWrapper | None = None

    def __enter__(self) -> Teller:
        return self

    def __exit__(self, *_why: object) -> None:
        if self._connection is not None:
            self._connection.close()
        _file(self._upload).unlink(missing_ok=True)

    def __call__(self, share: float) -> None:
        """Notes that this share (0 to 1) of the work is done."""
        if time.monotonic() - self._last < SECONDS_BETWEEN:
            return
        self._last = time.monotonic()
        percent = min(99, int(100 * share))
        if connection.vendor == "sqlite":
            file = _file(self._upload)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(str(percent))
            return
        if self._connection is None:
            self._connection = connections.create_connection("default")
        table = ContactImport._meta.db_table
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {table} SET progress = %s, alive_at = %s WHERE id = %s",
                    [percent, timezone.now(), self._upload.pk],
                )
        except DatabaseError:
            return  # the bar stands still for a moment; the work goes on


def told(upload: ContactImport) -> tuple[int, dt.datetime | None]:
    """The per cent that are done, and when the work last gave a sign of life."""
    if connection.vendor == "sqlite":
        file = _file(upload)
        try:
            percent, touched = int(file.read_text() or 0), file.stat().st_mtime
        except (OSError, ValueError):
            return upload.progress, upload.alive_at
        return percent, dt.datetime.fromtimestamp(touched, dt.UTC)
    return upload.progress, upload.alive_at


def _file(upload: ContactImport) -> Path:
    return settings.VAR / "progress" / str(upload.pk)

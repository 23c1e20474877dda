"""What the queue calls for the contacts room; each may be called twice without harm."""

from __future__ import annotations

from django.utils import timezone

from contacts.imports import uploads


def work(upload: str) -> None:
    """The job of one uploaded file: its preview, import or undoing."""
    uploads.work(upload, now=timezone.now())


def pick_up() -> int:
    """Sends for jobs that nobody has begun or whose worker died; returns how many."""
    lost = uploads.waiting(timezone.now())
    for upload in lost:
        uploads.send_for(upload)
    return len(lost)

"""What the queue calls for the contacts room; each may be called twice without harm."""

from __future__ import annotations

from django.utils import timezone

from contacts import retention
from contacts.imports import forgetting, uploads
from contacts.rosters import jobs, nightly


def work(upload: str) -> None:
    """The job of one uploaded file: its preview, import or undoing."""
    uploads.work(upload, now=timezone.now())


def pick_up() -> int:
    """Sends for jobs that nobody has begun or whose worker died; returns how many."""
    lost = uploads.waiting(timezone.now())
    for upload in lost:
        uploads.send_for(upload)
    return len(lost)


def erase_due() -> int:
    """Erases the families whose time is over; returns how many students went."""
    return retention.run(timezone.now())


def forget_imports() -> int:
    """Lets go of what old imports still hold of families; returns how many imports."""
    return forgetting.run(timezone.now())


def fetch_rosters() -> int:
    """Sends for the rosters of all districts that want it every night; returns how many."""
    return nightly.fetch_all(timezone.now())


def fetch_roster(service: str, by: int | None) -> bool:
    """What was asked of one roster service: a try, or a fetch."""
    return jobs.work(service, by, now=timezone.now())

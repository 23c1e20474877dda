"""What the queue calls: it only wakes; the outbox decides."""

from __future__ import annotations

import logging
import os

from django.db.models import F
from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

import contacts.tasks
from campaigns import tick
from campaigns.models import WorkerHeartbeat
from contacts.rosters import nightly

logger = logging.getLogger(__name__)

WORKER = "AIDBEACON_WORKER"  # the supervised cluster that a task runs in


def send_due() -> dict[str, object]:
    """The minute's tick."""
    beat()
    contacts.tasks.pick_up()
    return tick.run(timezone.now()).as_json()


def wake() -> None:
    """Asks for a tick now; where the queue is away, the next minute does the work."""
    try:
        async_task("campaigns.tasks.send_due", task_name="wake")
    except Exception as error:  # whatever broker is set: a launch must not fail because of it
        logger.warning("The queue did not take a wake-up (%s)", type(error).__name__)


def beat() -> None:
    """Says that this cluster's processes still take tasks from the queue."""
    name = os.environ.get(WORKER)
    if name:
        WorkerHeartbeat.objects.filter(worker=name).update(beat_at=timezone.now())


def begin(worker: str, *, restarted: bool) -> None:
    """Enters a cluster that starts now, or starts again."""
    now = timezone.now()
    WorkerHeartbeat.objects.get_or_create(
        worker=worker, defaults={"started_at": now, "beat_at": now}
    )
    WorkerHeartbeat.objects.filter(worker=worker).update(
        beat_at=now, restarts=F("restarts") + (1 if restarted else 0)
    )


def schedule(worker: str) -> None:
    """The tick and the night's rosters, once for all clusters, and a heartbeat for each.

    Asking twice changes nothing.
    """
    for name, task in (
        ("tick", "campaigns.tasks.send_due"),
        (f"heartbeat {worker}"[:100], "campaigns.tasks.beat"),
    ):
        Schedule.objects.update_or_create(
            name=name, defaults={"func": task, "schedule_type": Schedule.MINUTES, "minutes": 1}
        )
    Schedule.objects.get_or_create(
        name="rosters",
        defaults={
            "func": "contacts.tasks.fetch_rosters",
            "schedule_type": Schedule.DAILY,
            "next_run": nightly.next_night(timezone.now()),
        },
    )


def end(worker: str) -> None:
    """Takes a cluster that stops in good order from the list."""
    WorkerHeartbeat.objects.filter(worker=worker).delete()
    Schedule.objects.filter(name=f"heartbeat {worker}"[:100]).delete()

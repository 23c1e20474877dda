"""What the worker calls; thin, short, and harmless to repeat."""

from __future__ import annotations

import os

from django.conf import settings
from django.utils import timezone

from campaigns import tick as scheduler
from campaigns.models import WorkerHeartbeat

WORKER_ENV = "AIDBEACON_WORKER"


def tick() -> dict[str, object]:
    """One pass of the scheduler, well within the task's time."""
    return scheduler.run(
        timezone.now(), until_idle=True, seconds=settings.TASK_SECONDS / 2
    ).as_dict()


def beat() -> None:
    """Says that the cluster which runs this still does its work."""
    WorkerHeartbeat.objects.filter(pk=os.environ.get(WORKER_ENV, "")).update(beat_at=timezone.now())

"""What all workers on all machines share."""

from __future__ import annotations

from django.db import models


class SenderBudget(models.Model):
    """A sender's token bucket: how many segments may go out now."""

    sender = models.CharField(max_length=80, primary_key=True)
    tokens = models.FloatField()
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sender


class WorkerHeartbeat(models.Model):
    """A supervised cluster that says each minute that it still does its work."""

    worker = models.CharField(max_length=120, primary_key=True)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    restarts = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.worker

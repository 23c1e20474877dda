"""What the queue calls: it only wakes; the outbox decides."""

from __future__ import annotations

import logging
import os

from django.db.models import F
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import Schedule
from django_q.tasks import async_task

import contacts.tasks
from campaigns.family_pages import new_mailbox
from campaigns.inbox import strangers
from campaigns.models import Campaign, CampaignState, WorkerHeartbeat
from campaigns.sending import alerts, brokers, crews, supervision, tick
from schools import nights

logger = logging.getLogger(__name__)


def send_due() -> dict[str, object]:
    """One tick: the minute's, a supervisor's knock, or a wake-up."""
    supervision.end_if_orphaned()
    beat()
    contacts.tasks.pick_up()
    return tick.run(timezone.now()).as_json()


def wake() -> None:
    """Asks for a tick now; where the queue is away, the next minute does the work."""
    try:
        async_task("campaigns.tasks.send_due", task_name="wake")
    except Exception as error:  # whatever broker is set: a launch must not fail because of it
        logger.warning("The queue did not take a wake-up (%s)", type(error).__name__)


def knock(worker: str) -> None:
    """Puts a tick into one cluster's own queue; its beat says that the cluster lives, and so each
    cluster sends its part."""
    brokers.forget(worker)
    async_task("campaigns.tasks.send_due", task_name="knock", broker=brokers.own_queue(worker))


def tell_of_stop(campaign: int) -> int:
    """Tells those who can mend it that a campaign stopped by itself; returns how many."""
    stopped = Campaign.objects.filter(pk=campaign, state=CampaignState.PAUSED).first()
    return alerts.tell_of_stop(stopped) if stopped and stopped.stopped_because else 0


def forget_mailboxes() -> int:
    """Each night: new addresses that nobody confirmed in time are forgotten."""
    return new_mailbox.forget(timezone.now())


def forget_strangers() -> int:
    """Each night: what people on no record wrote long ago is forgotten."""
    return strangers.forget(timezone.now())


def beat() -> None:
    """Says that this cluster's processes still take tasks from its queues."""
    name = os.environ.get(supervision.WORKER)
    if name:
        WorkerHeartbeat.objects.filter(worker=name).update(beat_at=timezone.now())


def begin(worker: str, *, restarted: bool) -> None:
    """Enters a cluster that starts now, or starts again, and sees to the shared schedules."""
    now = timezone.now()
    WorkerHeartbeat.objects.get_or_create(
        worker=worker, defaults={"started_at": now, "beat_at": now}
    )
    WorkerHeartbeat.objects.filter(worker=worker).update(
        beat_at=now, restarts=F("restarts") + (1 if restarted else 0)
    )
    crews.forget_silent(now)
    alive = set(WorkerHeartbeat.objects.values_list("worker", flat=True))
    brokers.forget_the_dead(alive, Conf.CLUSTER_NAME)
    schedule()


def schedule() -> None:
    """The minute's tick and the night's work, once for all clusters.

    Asking twice changes nothing.
    """
    Schedule.objects.filter(func="campaigns.tasks.beat").delete()  # of versions before 0.2
    Schedule.objects.update_or_create(
        name="tick",
        defaults={
            "func": "campaigns.tasks.send_due",
            "schedule_type": Schedule.MINUTES,
            "minutes": 1,
        },
    )
    now = timezone.now()
    for job in nights.jobs():
        Schedule.objects.get_or_create(
            name=job.name,
            defaults={
                "func": job.task,
                "schedule_type": Schedule.DAILY if job.weekday is None else Schedule.WEEKLY,
                "next_run": job.next_after(now),
            },
        )


def end(worker: str) -> None:
    """Takes a cluster that stops in good order from the list."""
    WorkerHeartbeat.objects.filter(worker=worker).delete()
    brokers.forget(worker)

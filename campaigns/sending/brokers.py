"""django-q2's brokers, with one thing more: a queue that a single cluster reads.

All clusters take work from the shared queue, so a task there proves nothing about any one of them.
What lies in a cluster's own queue only that cluster can take: it is how its supervisor asks
whether it still lives (tasks.knock), and why no cluster is taken for dead because another was
quicker.
"""

from __future__ import annotations

import os
from typing import Any

from django.utils import timezone
from django_q.brokers import Broker, get_broker
from django_q.brokers.orm import ORM
from django_q.brokers.redis_broker import Redis
from django_q.models import OrmQ

from campaigns.sending.supervision import WORKER

Package = tuple[Any, Any]  # what q2 acknowledges it by, and the task


class DatabaseBroker(ORM):
    def dequeue(self) -> list[Package] | None:
        """A task of this cluster's own queue first, else of the shared one."""
        own = os.environ.get(WORKER)
        if own:
            found = OrmQ.objects.filter(key=own).order_by("pk").first()
            if found is not None:
                found.delete()
                return [(None, found.payload)]
        tasks: list[Package] | None = super().dequeue()
        return tasks


class RedisBroker(Redis):
    def dequeue(self) -> list[Package] | None:
        """As above; Redis looks at the keys in their order."""
        own = os.environ.get(WORKER)
        keys = [self.list_key, *([_list_of(own)] if own else [])][::-1]
        found = self.connection.blpop(keys, 1)
        return [(None, found[1])] if found else None


def own_queue(worker: str) -> Broker:
    """The queue that only this worker's cluster reads."""
    return get_broker(worker)


def forget(worker: str) -> None:
    """Empties a worker's own queue."""
    own_queue(worker).delete_queue()


def forget_the_dead(alive: set[str], shared: str) -> None:
    """Empties queues in the database whose workers are gone."""
    OrmQ.objects.exclude(key__in=[*alive, shared]).filter(lock__lt=timezone.now()).delete()


def _list_of(worker: str) -> str:
    return f"django_q:{worker}:q"

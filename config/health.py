"""What a load balancer and a monitor ask. No personal data in any answer."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from campaigns.models import Message, WorkerHeartbeat

PLAIN = "text/plain; charset=utf-8"


@login_not_required
def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("ok", content_type=PLAIN)


@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and its tables are up to date; 503 with the reason if not."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return HttpResponse("the database does not answer", status=503, content_type=PLAIN)
    if pending:
        return HttpResponse("migrations are pending", status=503, content_type=PLAIN)
    return HttpResponse("ok", content_type=PLAIN)


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Messages by channel and state, and each worker's silence, in the Prometheus text format."""
    lines = ["# TYPE aidbeacon_messages gauge"]
    counts = Message.objects.order_by().values_list("channel", "state").annotate(n=Count("pk"))
    lines += [
        f'aidbeacon_messages{{channel="{channel}",state="{state}"}} {count}'
        for channel, state, count in counts
    ]
    lines.append("# TYPE aidbeacon_worker_silence_seconds gauge")
    now = timezone.now()
    lines += [
        f'aidbeacon_worker_silence_seconds{{worker="{beat.worker}"}} '
        f"{(now - beat.beat_at).total_seconds():.0f}"
        for beat in WorkerHeartbeat.objects.all()
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")

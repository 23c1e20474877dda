"""What only the whole house can look at: the keys, the queue, the workers, the districts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import available_timezones

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Inbound, WorkerHeartbeat
from contacts.crypto import CannotOpen
from contacts.models import ContactPoint
from schools.checks import Finding, check
from schools.models import District, WebAddress

SILENT_AFTER = dt.timedelta(minutes=5)  # a worker beats each minute, up to half a minute late


@check
def keys() -> Iterator[Finding]:
    """The keys must open what is stored; a lost one makes every phone and e-mail unreadable."""
    try:
        point = ContactPoint.objects.first()
        opens = point is None or bool(point.address)
    except (CannotOpen, ImproperlyConfigured):
        opens = False
    except DatabaseError:
        return
    yield Finding(
        _("Stored phones and e-mails"),
        opens,
        _("FIELD_KEYS lacks the key that sealed them: put it back, after the newer ones."),
    )


@check
def queue() -> Iterator[Finding]:
    url = settings.BROKER_URL
    fine = not url
    if url.startswith("redis"):
        try:
            fine = bool(redis.Redis.from_url(url, socket_connect_timeout=1).ping())
        except (redis.RedisError, ValueError):
            fine = False
    yield Finding("BROKER_URL", fine, _("Nothing answers there: start Redis, or leave it empty."))


@check
def workers() -> Iterator[Finding]:
    try:
        newest = WorkerHeartbeat.objects.order_by("-beat_at").first()
    except DatabaseError:
        return
    yield Finding(
        _("Worker"),
        newest is not None and newest.beat_at > timezone.now() - SILENT_AFTER,
        _("None has been heard for five minutes, so nothing is sent: run `manage.py worker`."),
        serious=settings.TRANSPORT == "live",
    )


@check
def web_addresses() -> Iterator[Finding]:
    """Addresses of families' links that were entered, and that nobody has seen to lead here."""
    try:
        waiting = list(
            WebAddress.objects.waiting(timezone.now()).values_list("host", flat=True)[:5]
        )
    except DatabaseError:
        return
    yield Finding(
        _("Addresses of families’ links"),
        not waiting,
        _("Not yet seen to lead here: %(hosts)s. The district’s page says what is missing.")
        % {"hosts": ", ".join(waiting)},
        serious=False,
    )


@check
def families_words() -> Iterator[Finding]:
    try:
        aside = Inbound.objects.exclude(set_aside_at=None).count()
        late = timezone.now() - SILENT_AFTER
        waits = Inbound.objects.filter(set_aside_at=None, received_at__lt=late).count()
    except DatabaseError:
        return
    yield Finding(
        _("Families’ messages taken in"),
        not waits,
        _("%(count)s wait for more than five minutes: run `manage.py worker`.") % {"count": waits},
    )
    yield Finding(
        _("Families’ messages understood"),
        not aside,
        _("%(count)s could not be taken in: an administrator finds them in the inbox.")
        % {"count": aside},
    )


@check
def places() -> Iterator[Finding]:
    yield Finding(
        "TIME_ZONE",
        settings.TIME_ZONE in available_timezones(),
        _("Write one such as America/Los_Angeles."),
    )
    try:
        lacking = District.objects.filter(students__isnull=False, postal_address="").distinct()
        names = list(lacking.values_list("name", flat=True)[:5])
    except DatabaseError:
        return
    yield Finding(
        "POSTAL_ADDRESS",
        bool(settings.POSTAL_ADDRESS) or not names,
        _("The law (CAN-SPAM) wants one in each e-mail; without one: %(districts)s.")
        % {"districts": ", ".join(names)},
        serious=settings.TRANSPORT == "live",
    )

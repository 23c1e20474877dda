"""The rosters of all districts that asked for it, every night."""

from __future__ import annotations

import datetime as dt
import logging

from django.utils import timezone

from contacts.models import RosterService
from contacts.rosters import jobs
from contacts.rosters.problems import RosterError

logger = logging.getLogger(__name__)

AT = dt.time(2, 30)  # when schools' own systems have finished their day


def fetch_all(now: dt.datetime) -> int:
    """Sends for each nightly roster, one job a district; returns how many were sent for."""
    sent = 0
    services = RosterService.objects.filter(nightly=True).select_related("district")
    for service in services.order_by("district__nces_id"):
        try:
            sent += jobs.ask(service, jobs.Ask.FETCH, by=None, now=now)
        except RosterError:
            logger.warning("The roster of district %s was not sent for", service.district.nces_id)
    return sent


def next_night(now: dt.datetime) -> dt.datetime:
    """The next half past two at night, by this install's clock."""
    local = timezone.localtime(now)
    tonight = local.replace(hour=AT.hour, minute=AT.minute, second=0, microsecond=0)
    return tonight if tonight > local else tonight + dt.timedelta(days=1)

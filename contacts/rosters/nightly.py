"""The rosters of all districts that asked for it, every night."""

from __future__ import annotations

import datetime as dt
import logging

from contacts.models import RosterService
from contacts.rosters import jobs
from contacts.rosters.problems import RosterError

logger = logging.getLogger(__name__)


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

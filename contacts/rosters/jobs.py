"""What is asked of a roster service, by a person or by the night; a worker does it."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from contacts.models import RosterService
from contacts.rosters.fetch import fetch
from contacts.rosters.problems import RosterError
from schools.models import User

logger = logging.getLogger(__name__)

Ask = RosterService.Ask
SECONDS = 2 * 60 * 60  # the longest that a worker may be at it
FORGOTTEN = dt.timedelta(seconds=SECONDS)


def is_busy(service: RosterService, now: dt.datetime) -> bool:
    """True while a worker is at it, or has been asked and has not had the time."""
    return bool(
        service.asked and service.asked_at is not None and service.asked_at > now - FORGOTTEN
    )


def ask(service: RosterService, what: str, *, by: User | None, now: dt.datetime) -> bool:
    """Sends for a try or a fetch; False if one is under way. Raises RosterError without a queue."""
    if is_busy(service, now):
        return False
    here = RosterService.objects.filter(pk=service.pk)
    if not here.filter(asked=service.asked).update(asked=what, asked_at=now):
        return False  # somebody was quicker
    service.refresh_from_db()
    try:
        async_task(
            "contacts.tasks.fetch_roster",
            str(service.pk),
            by.pk if by else None,
            task_name="roster",
            q_options={"timeout": SECONDS},
        )
    except Exception as error:  # whatever broker is set
        logger.warning("The queue did not take a roster (%s)", type(error).__name__)
        here.update(asked=Ask.NOTHING)
        why = _("The background work is not running; ask whoever runs this install.")
        raise RosterError(why) from None
    return True


def work(pk: Any, by: Any, *, now: dt.datetime) -> bool:
    """Does what was asked; False if another worker is at it. What fails stands on the page."""
    waiting = Q(last_tried_at=None) | Q(last_tried_at__lt=F("asked_at"))
    asked = RosterService.objects.filter(waiting, pk=pk).exclude(asked=Ask.NOTHING)
    if not asked.update(last_tried_at=now):
        return False
    service = RosterService.objects.select_related("district").get(pk=pk)
    try:
        fetch(
            service,
            now=now,
            by=User.objects.filter(pk=by).first(),
            dry_run=service.asked == Ask.TRY,
            anyway=service.asked == Ask.ANYWAY,
        )
    except RosterError:
        logger.warning("The roster of district %s was not fetched", service.district.nces_id)
    finally:
        RosterService.objects.filter(pk=pk).update(asked=Ask.NOTHING)
    return True

"""Why a campaign stopped by itself: kept as a short key, told in words on its page, and to the
people who can mend it."""

from __future__ import annotations

import datetime as dt
import logging
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from campaigns import control, progress
from campaigns.models import Campaign
from campaigns.sending import errors

logger = logging.getLogger(__name__)


def by_code(code: str) -> str:
    """The provider refused for a reason that is ours to mend."""
    return f"code:{code}"


def failures(failed: int, every: int, code: str | None) -> str:
    """Too many of the last messages failed, most often with `code`."""
    return f"failures:{failed}:{every}:{code or ''}"


def in_words(key: str) -> str:
    """What stopped the campaign, and the mend. A key of no known kind is itself the words."""
    kind, _colon, rest = key.partition(":")
    if kind == "code":
        return str(errors.meaning_of(rest).mend)
    if kind == "failures":
        failed, every, code = rest.split(":", 2)
        return _(
            "%(failed)s of the last %(every)s messages failed. Most often: %(why)s. See to that, "
            "then resume."
        ) % {
            "failed": failed,
            "every": every,
            "why": str(errors.meaning_of(code).mend) or progress.reason_in_words(code),
        }
    if kind == "spending":
        return _(
            "It has reached its spending cap of $%(dollars)s. Raise the cap to send the rest."
        ) % {"dollars": rest}
    return key


def stop(campaign: Campaign, key: str, now: dt.datetime) -> bool:
    """Pauses a campaign that cannot go on before someone mends something; tells who can.

    False if it was not running any more: another worker, or a person, has stopped it already.
    """
    try:
        control.pause(campaign, by=None, now=now, because=key)
    except control.ForbiddenMove:
        return False
    logger.warning("campaign %s stopped: %s", campaign.pk, key)
    transaction.on_commit(partial(_have_it_told, campaign.pk))
    return True


def _have_it_told(campaign: int) -> None:
    """By a task of its own: whoever stopped it has other things to do than to write mails."""
    try:
        async_task("campaigns.tasks.tell_of_stop", campaign, task_name=f"stopped {campaign}")
    except Exception as error:  # whatever broker is set; the start page tells it as well
        logger.warning("The queue did not take a notice (%s)", type(error).__name__)

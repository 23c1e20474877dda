"""The lawful hours, told in plain words."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from campaigns.timing import quiet_hours


def hours_in_words(campaign: Campaign, *, now: dt.datetime) -> str:
    """When messages go out and, outside those hours, when the first will.

    Speaks of the district's own zone; a family elsewhere has its own hours, looked up when its
    message is claimed (quiet_hours.py).
    """
    district = campaign.district
    first_step = campaign.steps.first()
    due_at = first_step.due_at if first_step else None
    start = max(now, due_at) if due_at else now
    state, zone = district.state_id, district.zone
    opens = quiet_hours.next_open(start, state=state, zone=zone, district=district)
    if opens is None:
        return _("The district's own hours leave no time to send: widen them in its settings.")
    local = opens.astimezone(ZoneInfo(zone))
    since, until = quiet_hours.window(local.date(), state=state, district=district)
    told = _("Messages go out between %(since)s and %(until)s in each family's own local time.") % {
        "since": time_format(since),
        "until": time_format(until),
    }
    if opens > start:
        told += " " + _("Outside those hours nothing is sent: the first go out on %(moment)s.") % {
            "moment": date_format(local, "DATETIME_FORMAT").rstrip(".")  # the sentence has its own
        }
    return told

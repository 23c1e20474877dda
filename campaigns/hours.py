"""The lawful hours, told in plain words."""

from __future__ import annotations

import datetime as dt

from campaigns.models import Campaign


def hours_in_words(campaign: Campaign, *, now: dt.datetime) -> str:
    """When texts go out, and when the first will."""
    return ""

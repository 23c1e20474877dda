"""How many a campaign reaches, as the rows that its pages show."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from campaigns.targeting.reach import LEFT_OUT, Reach
from contacts import languages

SHORT = {"sms": gettext_lazy("Texts"), "email": gettext_lazy("E-mails")}


def reach_context(reach: Reach) -> dict[str, Any]:
    """A reach as the rows that the page shows."""
    channels = [
        {
            "channel": channel,
            "label": SHORT[channel],
            "total": reach.total(channel),
            "rows": [(languages.get(code).name, n) for code, n in by_language.items()],
        }
        for channel, by_language in reach.messages.items()
    ]
    rows = [
        (
            languages.get(code).name,
            n,
            [reach.messages[channel].get(code, 0) for channel in reach.messages],
        )
        for code, n in reach.languages.items()
    ]
    return {
        "reach": reach,
        "reach_channels": channels,
        "reach_rows": rows,
        "left_out": [(LEFT_OUT[key], n) for key, n in reach.left_out.items()],
    }

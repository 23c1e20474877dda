"""A campaign stopped by itself: those who can mend it are told by e-mail, once."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from campaigns.sending import stops
from campaigns.transports import Fate, Parcel, for_channel
from contacts.models import Channel
from schools.models import Role, User

logger = logging.getLogger(__name__)


def administrators(campaign: Campaign) -> list[User]:
    """Who sets up the campaign's district; where nobody does, the owners of the install."""
    active = User.objects.filter(is_active=True).exclude(email="")
    own = Q(
        memberships__role=Role.DISTRICT_ADMINISTRATOR, memberships__district=campaign.district_id
    )
    found = list(active.filter(own).distinct())
    return found or list(active.filter(is_superuser=True))


def tell_of_stop(campaign: Campaign) -> int:
    """Writes to the administrators why it stopped and where to go on; returns to how many.

    Carries no family's data. A mail that fails is logged and no more: the start page says it too.
    """
    people = administrators(campaign)
    parcels = []
    for user in people:
        with translation.override(getattr(user, "language", "") or settings.LANGUAGE_CODE):
            parcels.append(
                Parcel(
                    message=0,
                    channel=Channel.EMAIL,
                    to=user.email,
                    subject=_("“%(campaign)s” has stopped") % {"campaign": campaign.name},
                    body="\n\n".join(
                        [
                            stops.in_words(campaign.stopped_because),
                            _("Nothing more goes out until somebody resumes it:"),
                            settings.PUBLIC_URL + campaign.get_absolute_url(),
                        ]
                    ),
                )
            )
    told = 0
    for parcel in parcels:
        try:
            outcomes = list(for_channel(Channel.EMAIL).send([parcel]))
        except Exception:
            logger.exception("an administrator could not be told that a campaign stopped")
            continue
        told += sum(outcome.fate == Fate.ACCEPTED for outcome in outcomes)
    return told

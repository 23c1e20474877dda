"""A test message to a member of staff: real words, own address, outside every campaign's count."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import transports
from campaigns.family_pages import links
from campaigns.models import Campaign, Message, MessageState, StepText
from campaigns.words import previews, wording
from contacts.crypto import blind_index
from contacts.models import Suppression
from schools.models import User

LEASE = dt.timedelta(minutes=5)


class CannotTest(Exception):
    """The test cannot go out; the message says why and is shown to the person."""


def send_test(
    campaign: Campaign, text: StepText, to: str, *, user: User, now: dt.datetime
) -> Message:
    """Sends `text`, worded for a sample family, to a normalised address at once.

    Raises CannotTest if the address has asked for silence or the provider refuses it.
    """
    index = blind_index(text.channel, to)
    silenced = Suppression.objects.active().filter(channel=text.channel, address_index=index)
    if silenced.exists():
        raise CannotTest(_("This address has asked not to be written to."))
    today = timezone.localdate(now)
    family = previews.sample_family(campaign, text.language, user=user, today=today)
    worded = wording.word(text.channel, text.language, text.subject, text.body, family)
    message = Message.objects.create(
        school=campaign.schools.first(),
        channel=text.channel,
        address_index=index,
        language=text.language,
        time_zones=campaign.district.zone,
        state=MessageState.CLAIMED,
        claim=uuid.uuid4(),
        claimed_at=now,
        lease_until=now + LEASE,
        attempts=1,
        not_before=now,
        expires_at=now + LEASE,
        segments=worded.segments,
    )
    message.subject, message.body = worded.subject, worded.body
    message.save(update_fields=["subject_sealed", "body_sealed"])
    _hand_over(message, to, worded, now)
    return message


def _hand_over(message: Message, to: str, worded: wording.Wording, now: dt.datetime) -> None:
    """Gives the one message to its transport and keeps what became of it. Raises CannotTest."""
    parcel = transports.Parcel(
        message=message.pk,
        channel=message.channel,
        to=to,
        body=worded.body,
        subject=worded.subject,
        html=worded.html,
        unsubscribe_url=links.unsubscribe_url(message) if worded.html else "",
        claimed_at=now,
    )
    outcome = next(iter(transports.for_channel(message.channel).send([parcel])), None)
    if outcome is not None and outcome.fate == transports.Fate.ACCEPTED:
        message.state, message.sent_at = MessageState.SENT, now
        message.provider_id = outcome.provider_id
    else:
        message.state = MessageState.FAILED
        message.reason = outcome.code[:40] if outcome else ""
    message.claim, message.lease_until = None, None
    message.save(
        update_fields=["state", "sent_at", "provider_id", "reason", "claim", "lease_until"]
    )
    if message.state == MessageState.FAILED:
        raise CannotTest(
            _("The provider did not take it (%(code)s).") % {"code": message.reason or "?"}
        )

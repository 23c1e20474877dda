"""What providers tell us of sent messages: signed, kept once, and state moves only forward."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from campaigns.models import Message, MessageState
from campaigns.providers import intake
from campaigns.providers.intake import Told
from campaigns.providers.signatures import verify_sendgrid, verify_twilio
from campaigns.sending import breaker, errors, outcomes, stops
from contacts import consent
from contacts.models import Suppression

# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
TWILIO_STATES = {
    "sent": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "read": MessageState.DELIVERED,
    "undelivered": MessageState.FAILED,
    "failed": MessageState.FAILED,
    "accepted": MessageState.SENT,
    "queued": MessageState.SENT,
    "scheduled": MessageState.SENT,
    "sending": MessageState.SENT,
}
# https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
SENDGRID_STATES = {
    "processed": MessageState.SENT,
    "deferred": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "bounce": MessageState.FAILED,
    "blocked": MessageState.FAILED,
    "dropped": MessageState.FAILED,
}
SENDGRID_DROPPED = {
    "Bounced Address": "bounce",
    "Spam Reporting Address": "spamreport",
    "Unsubscribed Address": "unsubscribe",
}
SENDGRID_SILENCES = {
    "bounce": Suppression.Reason.BOUNCE,
    "spamreport": Suppression.Reason.COMPLAINT,
    "unsubscribe": Suppression.Reason.UNSUBSCRIBED,
    "group_unsubscribe": Suppression.Reason.UNSUBSCRIBED,
}


@csrf_exempt
@login_not_required
@require_POST
def twilio_status(request: HttpRequest) -> HttpResponse:
    """A text's new status."""
    if not verify_twilio(request):
        return HttpResponseForbidden()
    sid = request.POST.get("MessageSid", "")
    status = request.POST.get("MessageStatus", "")
    code = request.POST.get("ErrorCode", "")
    if not sid or not status:
        return HttpResponseBadRequest()
    told = Told(
        provider="twilio",
        event_id=f"{sid}:{status}"[:160],
        message=request.GET.get("message", ""),
        provider_id=sid[:100],
        kind=status[:30],
        code=code[:20],
        at=timezone.now(),
        to=TWILIO_STATES.get(status),
    )
    _take([told])
    return HttpResponse(status=204)


@csrf_exempt
@login_not_required
@require_POST
def sendgrid_events(request: HttpRequest) -> HttpResponse:
    """A batch of what happened to e-mails."""
    now = timezone.now()
    if not verify_sendgrid(request, now=now):
        return HttpResponseForbidden()
    try:
        events: Sequence[dict[str, Any]] = json.loads(request.body)
        found = [event for event in events if isinstance(event, dict)]
    except (ValueError, TypeError):
        return HttpResponseBadRequest()
    _take([told for event in found if (told := _read(event, now))])
    return HttpResponse(status=204)


def _read(event: dict[str, Any], now: dt.datetime) -> Told | None:
    """One of SendGrid's events; None for what has no name or no kind."""
    kind, event_id = str(event.get("event", "")), str(event.get("sg_event_id", ""))
    if not kind or not event_id:
        return None
    if kind == "bounce" and event.get("type") == "blocked":
        kind = "blocked"  # this time, not for ever
    to = SENDGRID_STATES.get(kind)
    if kind == "dropped":  # for what SendGrid heard before, and told us or not
        kind = SENDGRID_DROPPED.get(str(event.get("reason", "")), kind)
    try:
        at = _moment(int(event["timestamp"]))
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        at = now
    return Told(
        provider="sendgrid",
        event_id=event_id[:160],
        message=str(event.get("message_id", "")),
        provider_id=str(event.get("sg_message_id", "")).split(".")[0][:100],
        kind=kind[:30],
        code=str(event.get("status", ""))[:20],
        at=at,
        to=to,
    )


@lru_cache(maxsize=256)  # the events of a batch share a few seconds
def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)


def _take(told: Sequence[Told]) -> None:
    """Keeps events, and does at once what a few of them ask: silence, a mark, a pause."""
    about = intake.find(told)
    with transaction.atomic():
        for kept in intake.keep(about):
            if kept.message and _asks_more(kept.told):
                _act(Message.objects.get(pk=kept.message), kept.told)


def _asks_more(told: Told) -> bool:
    if told.to == MessageState.FAILED:
        return True
    if told.provider == "sendgrid" and told.kind in SENDGRID_SILENCES:
        return True
    return bool(told.to and told.code and errors.meaning_of(told.code).kind == errors.Kind.OURS)


def _act(message: Message, told: Told) -> None:
    meaning = errors.meaning_of(told.code)
    if told.to == MessageState.FAILED and not outcomes.try_again(message, told.code, told.at):
        outcomes.mark_addresses([message], told.code, meaning.kind, told.at)
        if message.campaign_id:
            breaker.note({message.campaign_id: (0, 1)}, told.at)
    if told.to and meaning.kind == errors.Kind.OURS and message.campaign:
        stops.stop(message.campaign, stops.by_code(told.code), told.at)
    if told.provider == "sendgrid" and (reason := SENDGRID_SILENCES.get(told.kind)):
        consent.withdraw(
            message.channel,
            message.address_index,
            reason=reason,
            basis=f"SendGrid {told.kind}",
            at=told.at,
        )

"""What providers tell us of sent messages: signed, kept once, and state moves only forward."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from campaigns import errors, outcomes, stops
from campaigns.models import Event, Message, MessageState
from campaigns.models.outbox import MOVES
from campaigns.signatures import verify_sendgrid, verify_twilio
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
    _keep(
        provider="twilio",
        event_id=f"{sid}:{status}",
        message=_message(request.GET.get("message", ""), sid),
        kind=status,
        code=code,
        at=timezone.now(),
        to=TWILIO_STATES.get(status),
        provider_id=sid,
    )
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
    for event in found:
        _keep_sendgrid(event, now)
    return HttpResponse(status=204)


def _keep_sendgrid(event: dict[str, Any], now: dt.datetime) -> None:
    kind, event_id = str(event.get("event", "")), str(event.get("sg_event_id", ""))
    if not kind or not event_id:
        return
    if kind == "bounce" and event.get("type") == "blocked":
        kind = "blocked"  # this time, not for ever
    message = _message(str(event.get("message_id", "")), "")
    try:
        at = dt.datetime.fromtimestamp(int(event["timestamp"]), tz=dt.UTC)
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        at = now
    with transaction.atomic():
        new = _keep(
            provider="sendgrid",
            event_id=event_id,
            message=message,
            kind=kind,
            code=str(event.get("status", ""))[:20],
            at=at,
            to=SENDGRID_STATES.get(kind),
            provider_id=str(event.get("sg_message_id", "")).split(".")[0],
        )
        reason = SENDGRID_SILENCES.get(kind)
        if new and message and reason:
            consent.withdraw(
                message.channel,
                message.address_index,
                reason=reason,
                basis=f"SendGrid {kind}",
                at=at,
            )


def _message(pk: str, provider_id: str) -> Message | None:
    """The message meant: by our own number, which the provider hands back, else by its id."""
    if pk.isdigit() and len(pk) < 19:
        found = Message.objects.filter(pk=int(pk)).first()
        if found and (not provider_id or found.provider_id in ("", provider_id)):
            return found
    return Message.objects.filter(provider_id=provider_id).first() if provider_id else None


def _keep(
    *,
    provider: str,
    event_id: str,
    message: Message | None,
    kind: str,
    code: str,
    at: dt.datetime,
    to: str | None,
    provider_id: str,
) -> bool:
    """Stores an event once and moves its message forward; False if it was known already."""
    if Event.objects.filter(provider=provider, provider_event_id=event_id[:160]).exists():
        return False
    with transaction.atomic():
        made = Event.objects.bulk_create(
            [
                Event(
                    provider=provider,
                    provider_event_id=event_id[:160],
                    message=message,
                    kind=kind[:30],
                    code=code[:20],
                    at=at,
                )
            ],
            ignore_conflicts=True,
        )
        if message is None or to is None:
            return bool(made)
        _move(message, to, kind=kind, code=code, at=at, provider_id=provider_id)
        meaning = errors.meaning_of(code)
        if to == MessageState.FAILED:
            outcomes.mark_addresses([message], code, meaning.kind, at)
        if meaning.kind == errors.Kind.OURS and message.campaign:
            stops.stop(message.campaign, stops.by_code(code), at)
    return True


def _move(
    message: Message, to: str, *, kind: str, code: str, at: dt.datetime, provider_id: str
) -> None:
    """One guarded statement: only states that may become `to` move."""
    before = [state for state, allowed in MOVES.items() if to in allowed]
    changes: dict[str, Any] = {"state": to, "claim": None, "lease_until": None}
    if to == MessageState.FAILED:
        changes["reason"] = (code or kind)[:40]
    if to == MessageState.DELIVERED:
        changes["delivered_at"] = at
    waiting = Message.objects.filter(pk=message.pk, state__in=before)
    waiting.filter(sent_at=None).update(sent_at=at)
    waiting.update(**changes)
    Message.objects.filter(pk=message.pk, provider_id="").update(provider_id=provider_id)

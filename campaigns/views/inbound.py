"""What families send us, as the providers hand it over; works while the worker is down."""

from __future__ import annotations

import hmac
import re
from email import message_from_string, policy
from email.utils import parseaddr
from xml.sax.saxutils import escape

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.utils.html import strip_tags
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from campaigns import replies
from campaigns.models import Reply
from campaigns.signatures import verify_twilio
from contacts.models import Channel

LONGEST = 5000
OPT_OUT_TYPES = {
    "STOP": Reply.Meaning.STOP,
    "START": Reply.Meaning.START,
    "HELP": Reply.Meaning.HELP,
}
_QUOTED = re.compile(
    r"^(?:>.*|-{2,}\s*(?:original|forwarded).*|on .{5,200}wrote:|el .{5,200}escribió:)$",
    re.IGNORECASE,
)


@csrf_exempt  # Twilio's signature takes its place
@login_not_required
@require_POST
def twilio(request: HttpRequest) -> HttpResponse:
    """A text from a family. The answer to a keyword goes back as TwiML.

    Where Twilio's own opt-out handling has answered already it says so (OptOutType), and we obey
    without a second answer. https://www.twilio.com/docs/messaging/guides/webhook-request
    """
    if not verify_twilio(request):
        return HttpResponseForbidden()
    sender, sid = request.POST.get("From", ""), request.POST.get("MessageSid", "")
    point, message = replies.find_point(Channel.SMS, sender)
    known = bool(sid) and Reply.objects.filter(provider_id=sid).exists()
    reply = replies.receive(
        point,
        request.POST.get("Body", "")[:LONGEST],
        now=timezone.now(),
        provider_id=sid or None,
        to_message=message,
        address=sender,
        # A word of the district's own, set up at Twilio: what Twilio obeyed, we obey as well.
        meaning=OPT_OUT_TYPES.get(request.POST.get("OptOutType", "")),
    )
    words = "" if known or request.POST.get("OptOutType") else replies.answer(reply)
    inner = f"<Message>{escape(words)}</Message>" if words else ""
    return HttpResponse(
        f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}</Response>',
        content_type="text/xml; charset=utf-8",
    )


@csrf_exempt  # a secret in the address takes its place: SendGrid signs no inbound mail
@login_not_required
@require_POST
def sendgrid(request: HttpRequest) -> HttpResponse:
    """An e-mail from a family, parsed by SendGrid: `…/inbound/?key=SENDGRID_INBOUND_SECRET`."""
    secret = settings.SENDGRID_INBOUND_SECRET
    if not secret or not hmac.compare_digest(request.GET.get("key", ""), secret):
        return HttpResponseForbidden()
    sender = parseaddr(request.POST.get("from", ""))[1].lower()
    headers = message_from_string(request.POST.get("headers", ""), policy=policy.compat32)
    name = str(headers.get("Message-ID", "")).strip()[:100]
    if not sender or str(headers.get("Auto-Submitted", "no")).strip().lower() != "no":
        return HttpResponse(status=204)  # a machine's answer, not a family's
    words = request.POST.get("text", "") or strip_tags(request.POST.get("html", ""))
    body = _own_words(words) or request.POST.get("subject", "")
    point, message = replies.find_point(Channel.EMAIL, sender)
    replies.receive(
        point,
        body[:LONGEST],
        now=timezone.now(),
        provider_id=name or None,
        to_message=message,
        channel=Channel.EMAIL,
        address=sender,
    )
    return HttpResponse(status=204)


def _own_words(text: str) -> str:
    """What the family wrote, without the message that it answers."""
    own = []
    for line in text.splitlines():
        if _QUOTED.match(line.strip()):
            break
        own.append(line)
    return "\n".join(own).strip()

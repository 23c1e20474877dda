"""What families send us, as the providers hand it over; works while the worker is down."""

from __future__ import annotations

import hmac
from xml.sax.saxutils import escape

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from campaigns import inbound_mail, replies
from campaigns.models import Reply
from campaigns.signatures import verify_twilio
from contacts.models import Channel

LONGEST = 5000
OPT_OUT_TYPES = {
    "STOP": Reply.Meaning.STOP,
    "START": Reply.Meaning.START,
    "HELP": Reply.Meaning.HELP,
}


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
    if not sender or not sid:
        return HttpResponseBadRequest()  # without its id a repeated delivery could not be told
    point, message = replies.find_point(Channel.SMS, sender)
    answered_there = request.POST.get("OptOutType", "")
    reply = replies.receive(
        point,
        _with_pictures(request.POST.get("Body", ""), request.POST.get("NumMedia", "")),
        now=timezone.now(),
        provider_id=sid,
        to_message=message,
        address=sender,
        # A word of the district's own, set up at Twilio: what Twilio obeyed, we obey as well.
        meaning=OPT_OUT_TYPES.get(answered_there),
        answers=not answered_there,
    )
    words = "" if reply.repeated else reply.answered
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
    form = inbound_mail.read(request)
    if not form.sender or form.automatic:
        return HttpResponse(status=204)  # a machine's answer, not a family's
    point, message = replies.find_point(Channel.EMAIL, form.sender)
    replies.receive(
        point,
        _with_pictures(form.words, form.attachments),
        now=timezone.now(),
        provider_id=form.name,
        to_message=message,
        channel=Channel.EMAIL,
        address=form.sender,
        proven=form.proven,
        answers=True,
    )
    return HttpResponse(status=204)


def _with_pictures(words: str, count: str) -> str:
    """The words, and a sign for each picture or paper that came with them and is not kept."""
    pictures = "\N{PAPERCLIP}" * (min(int(count), 9) if count.isdecimal() else 0)
    return f"{words[:LONGEST]} {pictures}".strip()

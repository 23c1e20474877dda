"""What families send us, as the providers hand it over: kept at once, taken in by the worker."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from campaigns.inbox import inbound, inbound_mail
from campaigns.inbox.inbound import Said
from campaigns.models import Reply
from campaigns.providers.signatures import verify_twilio
from contacts.models import Channel

LONGEST = 5000
MOST_DIGITS = 9  # Python refuses to read a number of thousands of them
OPT_OUT_TYPES = {
    "STOP": Reply.Meaning.STOP,
    "START": Reply.Meaning.START,
    "HELP": Reply.Meaning.HELP,
}
NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@csrf_exempt  # Twilio's signature takes its place
@login_not_required
@require_POST
def twilio(request: HttpRequest) -> HttpResponse:
    """A text from a family.

    Where Twilio's own opt-out handling has answered already it says so (OptOutType), and we obey
    without a second answer, be it to a word of the district's own that was set up there.
    https://www.twilio.com/docs/messaging/guides/webhook-request
    """
    if not verify_twilio(request):
        return HttpResponseForbidden()
    form = request.POST
    sender, sid = form.get("From", ""), form.get("MessageSid", "")
    if not sender or not sid:
        return HttpResponseBadRequest()  # without its id a repeated delivery could not be told
    said = Said(
        sender=sender,
        words=_with_pictures(form.get("Body", ""), form.get("NumMedia", "")),
        obeyed_there=OPT_OUT_TYPES.get(form.get("OptOutType", ""), ""),
    )
    inbound.keep(Channel.SMS, sid, said, now=timezone.now())
    return HttpResponse(NO_ANSWER, content_type="text/xml; charset=utf-8")


@csrf_exempt  # a secret in the address takes its place: SendGrid signs no inbound mail
@login_not_required
@require_POST
def sendgrid(request: HttpRequest) -> HttpResponse:
    """An e-mail from a family, parsed by SendGrid: `…/inbound/?key=SENDGRID_INBOUND_SECRET`."""
    secret = settings.SENDGRID_INBOUND_SECRET
    if not secret or not hmac.compare_digest(request.GET.get("key", "").encode(), secret.encode()):
        return HttpResponseForbidden()
    mail = inbound_mail.read(request)
    if mail.sender and not mail.automatic:  # a machine's answer is no family's
        words = _with_pictures(mail.words, mail.attachments)
        said = Said(sender=mail.sender, words=words, proven=mail.proven)
        inbound.keep(Channel.EMAIL, mail.name, said, now=timezone.now())
    return HttpResponse(status=204)


def _with_pictures(words: str, count: str) -> str:
    """The words, and a sign for each picture or paper that came with them and is not kept."""
    many = min(int(count[:MOST_DIGITS]), 9) if count.isdecimal() else 0
    pictures = "\N{PAPERCLIP}" * many
    return f"{words[:LONGEST]} {pictures}".strip()

"""The page on which the holder of a new mailbox says that it may be written to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from campaigns import tasks
from campaigns.family_pages import links, new_mailbox
from campaigns.views.family import own_page, public
from campaigns.words import family_words
from contacts import languages


@public
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """One button; opening the page changes nothing, because scanners follow links. It says nothing
    of the family: whoever reads the mailbox may be somebody else."""
    message = links.read_token(token, links.MAILBOX)
    sent = request.method == "POST"
    taken = sent and new_mailbox.confirm(message, now=timezone.now())
    if taken:
        tasks.wake()  # the mailbox before it hears of this soon
    asked = request.GET.get("lang", "")
    words = family_words.for_page(asked if asked in languages.LANGUAGES else message.language)
    context = {
        "school_name": message.school.name if message.school else "",
        "taken": taken,
        "refused": sent and not taken,
        "made_up": bool(message.school and message.school.state.made_up),
    }
    return own_page(request, "family/mailbox.html", words, context)

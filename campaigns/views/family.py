"""A family's own pages: no sign-in, no cookie; the signed link is the proof.

Forms on these pages are exempt from CSRF checks: they need no cookie that a browser would add by
itself, and whoever can forge the address can open the page as well.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from babel.lists import format_list
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns import links, replies, wording
from campaigns.models import Message, Reply
from contacts import consent, languages
from contacts.models import AidStatus, ApplicationPath, Channel, Contact, Student

View = Callable[..., HttpResponse]
LONGEST_QUESTION = 1000


def public(view: View) -> View:
    """Open to everyone who holds the link; kept out of caches."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except links.BadLink:
            return render(request, "family/expired.html", status=404)

    return csrf_exempt(login_not_required(never_cache(opened)))


@public
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Where the student stands, what comes next, and every wish the family may have."""
    message = links.read_token(token, links.FAMILY)
    contact = message.contact_point.contact if message.contact_point else None
    if contact is None:
        raise links.BadLink
    if request.method == "POST":
        said = _do(request, message, contact)
        return redirect(f"{request.path}?said={said}")
    with translation.override(replies.interface_language(contact.language)):
        return render(request, "family/page.html", _page(request, message, contact))


def _page(request: HttpRequest, message: Message, contact: Contact) -> dict[str, Any]:
    students = list(
        replies.students_of(contact).select_related("school__district", "school__state")
    )
    school = students[0].school if students else message.school
    locale = wording.locale_for(translation.get_language() or "en")
    points = contact.points.filter(removed_on=None)
    open_points = consent.allowed(points)
    channels = set(open_points.values_list("channel", flat=True))
    return {
        "school_name": school.name if school else "",
        "help_phone": school.district.help_phone if school and school.district else "",
        "names": format_list([s.first_name for s in students], locale=locale) if students else "",
        "standing": [_standing(student) for student in students],
        "all_done": bool(students) and all(s.aid_status == AidStatus.COMPLETED for s in students),
        "may_say_done": any(s.aid_status in replies.UNFINISHED for s in students),
        "said": request.GET.get("said", ""),
        "channels": channels,
        "both": channels == {Channel.SMS, Channel.EMAIL},
        "silent": not channels,
        "languages": sorted(languages.LANGUAGES.values(), key=lambda each: each.own_name),
        "language": contact.language,
        "not_yet": translation.get_language() != contact.language
        and replies.interface_language(contact.language) == "en"
        and contact.language != "en",
        "made_up": bool(school and school.state.made_up),
    }


def _standing(student: Student) -> dict[str, Any]:
    """What the page says of one student: a first name, a status, the form by its own name.

    No form means both, side by side; the WASFA is Washington's, so elsewhere that is the FAFSA.
    """
    form = {ApplicationPath.FAFSA: "FAFSA", ApplicationPath.WASFA: "WASFA"}.get(
        ApplicationPath(student.path), ""
    )
    state = student.school.state
    if not form and not (state.code == "WA" or state.made_up):
        form = "FAFSA"
    return {"name": student.first_name, "status": student.aid_status, "form": form}


def _do(request: HttpRequest, message: Message, contact: Contact) -> str:
    """Does what a button asks; returns what to confirm."""
    now = timezone.now()
    action = request.POST.get("action", "")
    point = message.contact_point
    if action == "done":
        replies.receive(point, "", now=now, to_message=message, meaning=Reply.Meaning.DONE)
    elif action == "help":
        question = request.POST.get("question", "").strip()[:LONGEST_QUESTION]
        if not question:
            return "empty"
        reply = replies.receive(
            point, question, now=now, to_message=message, meaning=Reply.Meaning.QUESTION
        )
        if reply.meaning == Reply.Meaning.STOP:
            return "stop"
    elif action == "stop":
        for each in contact.points.all():
            replies.stop(each.channel, each.address_index, basis="family page", now=now)
        replies.receive(point, "", now=now, to_message=message, meaning=Reply.Meaning.STOP)
    elif action == "start":
        for each in contact.points.filter(removed_on=None):
            replies.start(each.channel, each.address_index, basis="family page", now=now)
    elif action in ("only-sms", "only-email"):
        dropped = Channel.EMAIL if action == "only-sms" else Channel.SMS
        for each in contact.points.filter(channel=dropped):
            replies.stop(each.channel, each.address_index, basis="family page", now=now)
    elif action == "language" and request.POST.get("language") in languages.LANGUAGES:
        contact.language = request.POST["language"]
        contact.save(update_fields=["language"])
    else:
        return ""
    return action


@public
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058: a POST unsubscribes at once, without page, cookie or sign-in.

    A GET shows a page with one button and changes nothing, because scanners follow links. An
    opt-out works however old its link is.
    """
    message = links.read_token(token, links.UNSUBSCRIBE, ever=True)
    contact = message.contact_point.contact if message.contact_point else None
    done = request.method == "POST"
    if done:
        replies.stop(message.channel, message.address_index, basis="one-click", now=timezone.now())
    language = contact.language if contact else message.language
    with translation.override(replies.interface_language(language)):
        school = message.school.name if message.school else ""
        return render(request, "family/unsubscribe.html", {"done": done, "school_name": school})

"""A family's own pages: no sign-in, no cookie; the signed link is the proof.

Forms on these pages are exempt from CSRF checks: they need no cookie that a browser would add by
itself, and whoever can forge the address can open the page as well.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date, format_time
from babel.lists import format_list
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language_from_request
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import tasks
from campaigns.family_pages import checklist, clicks, links, wishes
from campaigns.inbox import inbound, replies
from campaigns.inbox.people import students_of
from campaigns.models import Click, Message
from campaigns.timing import dates, family_hours
from campaigns.words import family_words, fixed_sentences, wording
from campaigns.words.family_words import Words, family_text
from contacts import languages
from contacts.models import AidStatus, Channel, Contact, Hours, Student
from schools.family_hosts import for_families

View = Callable[..., HttpResponse]

SAID = {
    "done": family_text("Thank you! We have noted that you filed."),
    "help": family_text("Your question is with the school. Someone will answer you."),
    "empty": family_text("Please write your question first."),
    "stop": family_text("You will get no more messages from us."),
    "start": family_text("You will get our messages again."),
    "settings": family_text("Saved. Thank you!"),
    "mail": family_text(
        "If we may write to that address, a message with a link is on its way to it. We use the "
        "address once you have opened the link."
    ),
    "bad-mail": family_text("Please write a whole e-mail address, such as name@example.org."),
    "late-mail": family_text("You have asked three times today. Please try again tomorrow."),
}
FAULTS = ("empty", "bad-mail", "late-mail")
CHANNELS = {
    Channel.SMS.value: family_text("Text message"),
    Channel.EMAIL.value: family_text("E-mail"),
    wishes.BOTH: family_text("Text message and e-mail"),
}
HOURS = {
    Hours.ANY: family_text("Any time of day"),
    Hours.MORNING: family_text("Morning"),
    Hours.AFTERNOON: family_text("Afternoon"),
    Hours.EVENING: family_text("Evening"),
}


def public(view: View) -> View:
    """Open to everyone who holds the link; kept out of caches."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except links.BadLink:
            words = family_words.for_page(get_language_from_request(request))
            return own_page(request, "family/expired.html", words, {}, status=404)

    return for_families(csrf_exempt(login_not_required(never_cache(opened))))


@public
@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """A message's short link: its opening is counted, and leads to the family's page."""
    message = links.read_token(code, links.SHORT)
    clicks.count(request, message, Click.Link.PAGE, now=timezone.now())
    return redirect("family", links.make_token(message, links.FAMILY))


@public
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Where the student stands, what comes next, and every wish the family may have."""
    message, contact = _read(token)
    addresses = list(contact.points.values_list("address_index", flat=True))
    if inbound.catch_up(timezone.now(), of=addresses):  # what they texted was said before this
        message, contact = _read(token)
    asked = request.GET.get("lang", "")
    if request.method == "POST":
        wish = request.POST.get("action", "")
        said = wishes.do(wish, request.POST.dict(), message, now=timezone.now())
        if said == "mail":
            tasks.wake()  # they wait for the link
        query = {"said": said} | ({"lang": asked} if asked and wish != "settings" else {})
        return redirect(f"{request.path}?{urlencode(query)}")
    reads = asked if asked in languages.LANGUAGES else contact.language
    words = family_words.for_page(reads)
    return own_page(request, "family/page.html", words, _context(message, contact, words, request))


@public
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The next date as a file for the family's calendar."""
    _message, contact = _read(token)
    students = _students(contact)
    date = dates.next_date(students, timezone.localdate())
    if date is None:
        raise Http404
    school = students[0].school
    return HttpResponse(
        dates.calendar(date, school=school, now=timezone.now()),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="date.ics"'},
    )


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
    else:
        clicks.count(request, message, Click.Link.UNSUBSCRIBE, now=timezone.now())
    asked = request.GET.get("lang", "")
    reads = asked if asked in languages.LANGUAGES else contact.language if contact else ""
    school_name = message.school.name if message.school else ""
    context = {"done": done, "school_name": school_name}
    words = family_words.for_page(reads or message.language)
    return own_page(request, "family/unsubscribe.html", words, context)


def _read(token: str) -> tuple[Message, Contact]:
    message = links.read_token(token, links.FAMILY)
    return message, links.holder(message)


def _students(contact: Contact) -> list[Student]:
    return list(students_of(contact).select_related("school__district", "school__state"))


def own_page(
    request: HttpRequest, template: str, words: Words, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page in `words`, with the same page in every other language a link away."""
    others = [languages.get(code) for code in family_words.shipped() if code != words.language]
    drafted = words.has_drafts(apart_from=fixed_sentences.ANSWERS)
    context |= {"words": words, "languages": others, "drafted": drafted}
    page = render(request, template, context, status=status)
    page["Content-Language"] = words.language
    return page


def _context(
    message: Message, contact: Contact, words: Words, request: HttpRequest
) -> dict[str, Any]:
    students = _students(contact)
    school = students[0].school if students else message.school
    locale = wording.locale_for(words.language)
    date = dates.next_date(students, timezone.localdate())
    open_channels = {
        point.channel
        for point in contact.points.filter(removed_on=None)
        if replies.may_start(point.channel, point.address_index) and not point.unusable
    }
    channel = wishes.channel_of(contact)
    language = words.language if request.GET.get("lang") else contact.language
    return {
        "school_name": school.name if school else "",
        "help_phone": school.district.help_phone if school and school.district else "",
        "names": format_list([s.first_name for s in students], locale=locale) if students else "",
        "standing": [checklist.standing(student) for student in students],
        "may_say_done": any(s.aid_status in replies.UNFINISHED for s in students),
        "done": bool(students) and all(s.aid_status == AidStatus.COMPLETED for s in students),
        "said": SAID.get(request.GET.get("said", "")),
        "fault": request.GET.get("said") if request.GET.get("said") in FAULTS else "",
        "has_mailbox": contact.points.filter(channel=Channel.EMAIL, removed_on=None).exists(),
        "date": date,
        "date_in_words": format_date(date.on, "full", locale=locale) if date else "",
        "channels": [(key, text, key == channel) for key, text in CHANNELS.items()]
        if channel and len(open_channels) > 1
        else [],
        "hours": [
            (key, text, _span(key, locale), key == contact.hours) for key, text in HOURS.items()
        ],
        "silent": not channel,
        "choices": _language_choices(language),
        "made_up": bool(school and school.state.made_up),
    }


def _span(hours: str, locale: Any) -> str:
    """A part of the day as the clock tells it."""
    if not hours:
        return ""
    begins, ends = (format_time(at, "short", locale=locale) for at in family_hours.HOURS[hours])
    return f"{begins} – {ends}"


def _language_choices(chosen: str) -> list[tuple[languages.Language, bool]]:
    """Every language that can be asked for; those with pages of their own come first."""
    own = family_words.shipped()
    every = sorted(
        languages.LANGUAGES.values(), key=lambda each: (each.code not in own, each.own_name)
    )
    return [(each, each.code == chosen) for each in every]

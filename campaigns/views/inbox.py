"""Families' messages, and the answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages as toasts
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import tasks
from campaigns.inbox import answers, conversations, office, ready_answers
from campaigns.inbox.people import students_of
from campaigns.inbox.strangers import KEPT
from campaigns.models import Conversation, Inbound, Message, MessageState, Reply
from campaigns.views.common import hears_first, staff
from contacts import languages
from contacts.models import AidStatus, Contact
from schools import audit
from schools.models import User

SHOWN = (MessageState.SENT, MessageState.DELIVERED, MessageState.PENDING, MessageState.FAILED)


@hears_first
def show_all(request: HttpRequest) -> HttpResponse:
    """Families who wrote, those who wait for an answer first."""
    user, now = staff(request), timezone.now()
    show = request.GET.get("show", "waiting")
    show = show if show in conversations.SHOWS else "waiting"
    page = Paginator(conversations.of(user, show, now), 25).get_page(request.GET.get("page"))
    latest: dict[UUID | None, Reply] = {}
    visible = Reply.objects.visible_to(user)
    for reply in visible.filter(contact__in=[p.pk for p in page]).order_by("received_at"):
        latest[reply.contact_id] = reply
    rows = [
        {
            "contact": each,
            "reply": latest.get(each.pk),
            "language": languages.get(each.language),
            "conversation": getattr(each, "conversation", None),
        }
        for each in page
    ]
    context = {
        "page_obj": page,
        "rows": rows,
        "show": show,
        "counts": conversations.counts(user, now),
        "strangers": _strangers(user).filter(handled_at=None).count() if user.administers else None,
        "set_aside": Inbound.objects.set_aside_for(user).count() if user.administers else 0,
        "made_up": Contact.objects.visible_to(user).filter(district__state__made_up=True).exists(),
    }
    return render(request, "inbox/list.html", context)


@hears_first
def strangers(request: HttpRequest) -> HttpResponse:
    """Messages from addresses on no record, for administrators; a POST settles one."""
    user = staff(request)
    if not user.administers:
        raise PermissionDenied
    if request.method == "POST":
        reply = get_object_or_404(_strangers(user), pk=_uuid(request.POST.get("reply", "")))
        if request.POST.get("is") == "stop":
            conversations.is_opt_out(reply, by=user, now=timezone.now())
            audit.record(user, "contact.opted_out", f"reply {reply.pk}")
            toasts.success(request, _("Nothing more goes to this address."))
        else:
            answers.settle(reply, by=user, now=timezone.now())
        return redirect("inbox-strangers")
    page = Paginator(_strangers(user).order_by("-received_at"), 25).get_page(
        request.GET.get("page")
    )
    return render(request, "inbox/strangers.html", {"page_obj": page, "days": KEPT.days})


@hears_first
def thread(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One family's conversation; a POST answers it."""
    user = staff(request)
    contact = _contact(user, pk)
    if request.method == "POST":
        _answer(request, user, contact)
        return redirect("inbox-thread", pk)
    students = list(students_of(contact).select_related("school"))
    ready = ready_answers.for_family(contact, contact.district.help_phone)
    chosen = request.GET.get("ready", "")
    context = {
        "contact": contact,
        "students": students,
        "language": languages.get(contact.language),
        "turns": _turns(user, contact),
        "point": answers.point_to_answer(contact),
        "waiting": contact.replies.filter(handled_at=None).exists(),
        "most": answers.MOST,
        "statuses": AidStatus.choices,
        "conversation": Conversation.objects.filter(contact=contact).first(),
        "now": timezone.now(),
        "colleagues": conversations.colleagues(contact),
        "ready": ready,
        "draft": ready[int(chosen)][0] if chosen.isdecimal() and int(chosen) < len(ready) else "",
        "made_up": contact.district.state.made_up,
    }
    return render(request, "inbox/thread.html", context)


@require_POST
@hears_first
def handled(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Marks a conversation as needing no answer."""
    user = staff(request)
    answers.handle(_contact(user, pk), by=user, now=timezone.now())
    return redirect("inbox")


@require_POST
@hears_first
def assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Gives a conversation to a colleague who may see it, to oneself, or to nobody."""
    user = staff(request)
    contact = _contact(user, pk)
    chosen = request.POST.get("to", "")
    allowed = conversations.colleagues(contact) | User.objects.filter(pk=user.pk).distinct()
    to = get_object_or_404(allowed, pk=chosen) if chosen.isdecimal() else None
    conversations.assign(contact, to)
    audit.record(user, "reply.assigned", f"contact {contact.pk}", district=contact.district)
    toasts.success(request, _("Saved."))
    return redirect("inbox-thread", pk)


@require_POST
@hears_first
def snooze(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Puts a conversation off until a school day's morning, or takes it up again."""
    user = staff(request)
    contact = _contact(user, pk)
    until = conversations.snooze(contact, request.POST.get("until", ""), now=timezone.now())
    return redirect("inbox") if until else redirect("inbox-thread", pk)


@require_POST
@hears_first
def opt_out(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A person decides whether a message asks us to stop."""
    user = staff(request)
    contact = _contact(user, pk)
    reply = get_object_or_404(contact.replies, pk=_uuid(request.POST.get("reply", "")))
    if request.POST.get("is") == "stop":
        conversations.is_opt_out(reply, by=user, now=timezone.now())
        audit.record(user, "contact.opted_out", f"contact {contact.pk}", district=contact.district)
        toasts.success(request, _("Nothing more goes to this address."))
    elif request.POST.get("is") == "none":
        conversations.is_none(reply)
    return redirect("inbox-thread", pk)


def _contact(user: User, pk: UUID) -> Contact:
    visible = Contact.objects.visible_to(user).select_related("district__state")
    return get_object_or_404(visible, pk=pk)


def _strangers(user: User) -> Any:
    return Reply.objects.from_strangers(user).select_related("to_message__school")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _answer(request: HttpRequest, user: User, contact: Contact) -> None:
    body = request.POST.get("body", "")
    try:
        message = answers.send(contact, body, by=user, now=timezone.now())
    except answers.CannotAnswer as problem:
        toasts.error(request, str(problem))
        return
    if request.POST.get("keep"):
        ready_answers.keep(
            body.strip(), language=contact.language, district=contact.district, by=user
        )
    audit.record(user, "reply.answered", f"message {message.pk}", district=contact.district)
    tasks.wake()
    toasts.success(request, _("Your answer is on its way."))


def _turns(user: User, contact: Contact) -> list[dict[str, Any]]:
    """What was said on both sides, oldest first."""
    turns: list[dict[str, Any]] = []
    for reply in Reply.objects.visible_to(user).filter(contact=contact):
        sure = not reply.perhaps_stop and reply.meaning == Reply.Meaning.STOP
        turns.append(
            {
                "in": True,
                "at": reply.received_at,
                "body": reply.body,
                "reply": reply,
                "honour_by": office.honour_by(timezone.localdate(reply.received_at))
                if reply.handled_at is None and (reply.perhaps_stop or sure)
                else None,
            }
        )
    points = contact.points.values("pk")
    theirs = Q(contact_point__in=points) | Q(answers__in=contact.replies.order_by().values("pk"))
    sent = Message.objects.visible_to(user).filter(theirs, state__in=SHOWN)
    turns += [
        {"at": message.sent_at or message.created_at, "body": message.body, "message": message}
        for message in sent.exclude(body_sealed=b"").order_by("-pk")[:50]
    ]
    return sorted(turns, key=lambda turn: turn["at"])

"""Families' messages, and the answers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as toasts
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import answers, tasks
from campaigns.models import Message, MessageState, Reply
from campaigns.people import students_of
from campaigns.views.common import staff
from contacts import languages
from contacts.models import AidStatus, Contact
from schools import audit
from schools.models import School

SHOWN = (MessageState.SENT, MessageState.DELIVERED, MessageState.PENDING, MessageState.FAILED)


def show_all(request: HttpRequest) -> HttpResponse:
    """Families who wrote, those who wait for an answer first."""
    user = staff(request)
    visible = Reply.objects.visible_to(user)
    waiting = Q(replies__handled_at=None)
    people = (
        Contact.objects.visible_to(user)
        .filter(replies__isnull=False)
        .annotate(last=Max("replies__received_at"), waiting=Count("replies", filter=waiting))
        .order_by("-waiting", "-last")
    )
    if request.GET.get("show") != "all":
        people = people.filter(waiting__gt=0)
    page = Paginator(people, 25).get_page(request.GET.get("page"))
    latest: dict[UUID, Reply] = {}
    for reply in visible.filter(contact__in=[p.pk for p in page]).order_by("received_at"):
        if reply.contact_id:
            latest[reply.contact_id] = reply
    rows = [
        {"contact": p, "reply": latest.get(p.pk), "language": languages.get(p.language)}
        for p in page
    ]
    made_up = School.objects.whose_families(user).filter(state__made_up=True).exists()
    context = {
        "page_obj": page,
        "rows": rows,
        "all": request.GET.get("show") == "all",
        "made_up": made_up,
    }
    return render(request, "inbox/list.html", context)


def thread(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One family's conversation; a POST answers it."""
    user = staff(request)
    contact = get_object_or_404(
        Contact.objects.visible_to(user).select_related("district__state"), pk=pk
    )
    if request.method == "POST":
        try:
            message = answers.send(
                contact, request.POST.get("body", ""), by=user, now=timezone.now()
            )
        except answers.CannotAnswer as problem:
            toasts.error(request, str(problem))
        else:
            audit.record(user, "reply.answered", f"message {message.pk}", district=contact.district)
            tasks.wake()
            toasts.success(request, _("Your answer is on its way."))
        return redirect("inbox-thread", pk)
    points = contact.points.values("pk")
    sent = Message.objects.visible_to(user).filter(contact_point__in=points, state__in=SHOWN)
    turns = [
        {"in": True, "at": reply.received_at, "body": reply.body, "reply": reply}
        for reply in Reply.objects.visible_to(user).filter(contact=contact)
    ] + [
        {
            "in": False,
            "at": message.sent_at or message.created_at,
            "body": message.body,
            "message": message,
        }
        for message in sent.exclude(body_sealed=b"").order_by("-pk")[:50]
    ]
    context = {
        "contact": contact,
        "students": students_of(contact).select_related("school"),
        "language": languages.get(contact.language),
        "turns": sorted(turns, key=lambda turn: turn["at"]),
        "point": answers.point_to_answer(contact),
        "waiting": contact.replies.filter(handled_at=None).exists(),
        "most": answers.MOST,
        "statuses": AidStatus.choices,
        "made_up": contact.district.state.made_up,
    }
    return render(request, "inbox/thread.html", context)


@require_POST
def handled(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Marks a conversation as needing no answer."""
    user = staff(request)
    contact = get_object_or_404(Contact.objects.visible_to(user), pk=pk)
    answers.handle(contact, by=user, now=timezone.now())
    return redirect("inbox")

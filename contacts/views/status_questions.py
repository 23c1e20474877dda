"""Rows of status files without a known id: a person says which student each one means."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts import status_reviews
from contacts.models import StatusReview, Student
from contacts.permissions import families_only, staff
from contacts.views.review import page_of

PAGE = 10


@families_only
def queue(request: HttpRequest) -> HttpResponse:
    """Rows that nobody has decided on, in the order of their files."""
    user = staff(request)
    mine = Student.objects.visible_to(user).select_related("school")
    found = (
        StatusReview.objects.visible_to(user)
        .open()
        .select_related("upload", "district__state")
        .prefetch_related(Prefetch("candidates", mine))
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    made_up = any(review.district.state.made_up for review in page)
    context = page_of(request, "status-questions", page, made_up)
    return render(request, "contacts/review/status_questions.html", context)


@families_only
@require_POST
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The student whom the row means, or none of them; asked once."""
    user = staff(request)
    review = get_object_or_404(
        StatusReview.objects.visible_to(user).open().select_related("upload", "district"), pk=pk
    )
    answer = request.POST.get("student", "")
    mine = {str(s.pk): s for s in review.candidates.filter(pk__in=Student.objects.visible_to(user))}
    if answer in mine:
        status_reviews.decide(review, mine[answer], by=user, now=timezone.now())
        messages.success(request, _("Recorded for %(name)s.") % {"name": mine[answer]})
    elif answer == "nobody":
        status_reviews.decide(review, None, by=user, now=timezone.now())
        messages.success(request, _("The row is left out, and not asked about again."))
    else:
        messages.error(request, _("Choose a student, or say that it is none of them."))
    return redirect("status-questions")

"""Bringing a completion file in, and what became of it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from completion import formats, placing, revisions, suppression
from completion.forms import CompletionFileForm, refused
from completion.intake import Intake, bring_in
from completion.models import SourceFile, Watched
from completion.permissions import may_import, staff
from completion.rates import Count
from completion.readers import BadFile
from schools import audit


def _files(user: Any) -> Any:
    """Files that this person may see: all, or those of schools in their states."""
    if user.is_superuser:
        return SourceFile.objects.all()
    return SourceFile.objects.filter(snapshots__school__state__in=user.scope.states).distinct()


def new(request: HttpRequest) -> HttpResponse:
    """The form; a good file leads to its result, a bad one back here with every reason."""
    if not may_import(request.user):
        raise PermissionDenied
    form = CompletionFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            intake = _bring_in(request, form.cleaned_data)
        except BadFile as error:
            refused(form, error.problems)
        else:
            again = "" if intake.new else "?again=1"
            return redirect(intake.source.get_absolute_url() + again)
    user = staff(request)
    context = {
        "form": form,
        "files": _files(user).select_related("cycle")[:20],
        "waiting": placing.waiting_for(user).count(),
        "watched": Watched.objects.all() if user.is_superuser else (),
    }
    return render(request, "completion/import.html", context)


def _bring_in(request: HttpRequest, data: dict[str, Any]) -> Intake:
    user = staff(request)
    intake = bring_in(
        data["file"].name,
        data["file"].read(),
        cycle=data["cycle"],
        as_of=data["as_of"],
        by=user,
        allowed_states=None if user.is_superuser else user.scope.states,
    )
    if intake.new:
        audit.record(
            user,
            "completion.imported",
            f"source:{intake.source.pk}",
            sha256=intake.source.sha256,
        )
    return intake


def _sum(summary: dict[str, Any], name: str) -> str:
    count = summary.get(name, 0)
    return suppression.count(Count(count, count)).text


def show(request: HttpRequest, pk: int) -> HttpResponse:
    if not may_import(request.user):
        raise PermissionDenied
    source = get_object_or_404(_files(request.user).select_related("cycle"), pk=pk)
    summary = source.summary
    facts = [
        (_("Newest cycle"), source.cycle_id),
        (_("Figures through"), formats.day(source.as_of)),
        (_("Rows"), formats.number(summary.get("rows", 0))),
        (_("Schools"), formats.number(summary.get("schools", 0))),
        (_("Schools added"), formats.number(summary.get("created_schools", 0))),
        (_("Rows of no known school"), formats.number(summary.get("unmatched", 0))),
        (_("Hidden cells (<5)"), formats.number(summary.get("suppressed_cells", 0))),
    ]
    if request.user.is_superuser or source.imported_by == request.user:  # who has the file anyway
        facts += [
            (_("Submitted, without hidden cells"), _sum(summary, "sum_submitted")),
            (_("Completed, without hidden cells"), _sum(summary, "sum_completed")),
        ]
    context = {
        "source": source,
        "facts": facts,
        "problems": [*summary.get("problems", []), *summary.get("notes", [])],
    }
    context["revised"], context["revisions"] = revisions.of(source)
    context["again"] = "again" in request.GET
    context["made_up"] = source.kind == SourceFile.Kind.MADE_UP
    return render(request, "completion/source.html", context)

"""Bringing a completion file in, and what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from completion import intake, placing, revisions, sources, taking_back
from completion.forms import CompletionFileForm, refused
from completion.intake import Intake
from completion.models import LayoutKind, SourceFile, Watched
from completion.permissions import has_the_file, may_import, may_take_back, staff
from completion.readers import BadFile, UnknownLayout
from completion.views import columns
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
            found = _bring_in(request, form.cleaned_data)
        except UnknownLayout as error:
            held = columns.begin(request, LayoutKind.COMPLETION, form, error)
            if held:
                return held
        except BadFile as error:
            refused(form, error.problems)
        else:
            again = "" if found.new else "?again=1"
            return redirect(found.source.get_absolute_url() + again)
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
    if data["columns"]:
        raise UnknownLayout
    found = intake.bring_in(
        data["file"].name,
        data["file"].read(),
        cycle=data["cycle"],
        as_of=data["as_of"],
        by=user,
        remembered=False,
        allowed_states=None if user.is_superuser else user.scope.states,
    )
    if found.new:
        audit.record(
            user,
            "completion.imported",
            f"source:{found.source.pk}",
            sha256=found.source.sha256,
        )
    return found


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a file's figures out again; for whoever brought it in, and administrators."""
    user = staff(request)
    source = get_object_or_404(SourceFile, pk=pk)
    if not may_take_back(user, source):
        raise PermissionDenied
    name, digest = source.name, source.sha256
    taking_back.take_back(source)
    audit.record(user, "completion.taken_back", f"source:{pk}", sha256=digest)
    messages.success(
        request, _("“%(file)s” is taken back; older files count again.") % {"file": name}
    )
    return redirect("completion-import")


def show(request: HttpRequest, pk: int) -> HttpResponse:
    if not may_import(request.user):
        raise PermissionDenied
    source = get_object_or_404(_files(request.user).select_related("cycle"), pk=pk)
    user = staff(request)
    has_it = has_the_file(user, source)
    context = {
        "source": source,
        "facts": sources.of_counts(source, sums=has_it),
        "problems": sources.troubles(source, values=has_it),
    }
    context["revised"], context["revisions"] = revisions.of(source, user)
    context["may_take_back"] = may_take_back(user, source)
    context["again"] = "again" in request.GET
    context["made_up"] = source.kind == SourceFile.Kind.MADE_UP
    return render(request, "completion/source.html", context)

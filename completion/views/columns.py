"""A file of an unknown layout: what its columns hold, what it would do, and the import."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from completion.columns import held as holding
from completion.columns import memory
from completion.columns.held import Outcome
from completion.forms import ColumnsForm, refused
from completion.models import HeldFile, LayoutKind
from completion.permissions import may_import, staff
from completion.readers import BadFile
from schools import audit
from schools.models import District, State, User


def begin(request: HttpRequest, kind: str, form: forms.Form, why: BadFile) -> HttpResponse | None:
    """Keeps the file of an upload form, to ask about its columns; None, with the reason in the
    form, for one that is no table."""
    data = form.cleaned_data
    data["file"].seek(0)
    names = ("as_of", "cycle", "school_year", "source")
    said = {name: str(data[name]) for name in names if data.get(name)}
    try:
        held = holding.hold(
            kind, data["file"].name, data["file"].read(), said=said, by=staff(request),
            now=timezone.now(),
        )  # fmt: skip
    except BadFile as error:
        refused(form, why.problems or error.problems)
        return None
    if not data["columns"] and holding.is_understood(held):
        return redirect(held.get_absolute_url() + "?preview")
    return redirect(held)


def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The columns; once they are named what would change; and at last the import."""
    if not may_import(request.user):
        raise PermissionDenied
    user = staff(request)
    held = get_object_or_404(
        HeldFile.objects.visible_to(user).select_related("state", "district", "uploaded_by"), pk=pk
    )
    action = request.POST.get("action", "")
    form = ColumnsForm(held, _states(user), request.POST if action == "map" else None)
    try:
        if action == "import":
            return _import(request, held)
        if action == "map":
            _name(request, held, form)
        if (action == "map" and form.is_valid()) or "preview" in request.GET:
            return _preview(request, held)
    except BadFile as error:
        return _columns(request, held, form, error, status=422)
    return _columns(request, held, form, status=422 if form.errors else 200)


def _name(request: HttpRequest, held: HeldFile, form: ColumnsForm) -> None:
    """Keeps what a person says. Raises BadFile for columns that do not do."""
    mapping: dict[str, str] = {}
    labels = memory.fields_of(held.kind)
    columns = holding.columns(held)
    for column in columns:
        field = request.POST.get(f"column-{column.position}", "")
        if field in mapping:
            raise BadFile(
                _("Two columns are both “%(field)s”: %(one)s and %(other)s.")
                % {"field": labels[field], "one": mapping[field], "other": column.header}
            )
        if field:
            mapping[field] = column.header
    held.mapping = mapping
    if form.is_valid():
        held.state, held.district = form.cleaned_data["state"], form.cleaned_data["of"]
        held.said = {**{k: v for k, v in held.said.items() if k == "source"}, **form.said}
        held.mapping = memory.check(mapping, [each.header for each in columns], held.kind)
        held.save()


def _columns(
    request: HttpRequest,
    held: HeldFile,
    form: ColumnsForm,
    error: BadFile | None = None,
    status: int = 200,
) -> HttpResponse:
    fields = [(_("What a column may hold"), list(memory.fields_of(held.kind).items()))]
    context = {
        **_frame(held, 1),
        "form": form,
        "problems": error.problems if error else [],
        "columns": holding.columns(held),
        "fields": fields,
        "needs": holding.needs(held),
        "districts": District.objects.filter(state=held.state_id) if held.state_id else (),
    }
    return render(request, "completion/columns.html", context, status=status)


def _preview(request: HttpRequest, held: HeldFile) -> HttpResponse:
    """What would become of the file. Raises BadFile where nothing of it can be read."""
    outcome = holding.run(held, dry_run=True)
    known = holding.is_understood(held)
    context = {**_frame(held, 2), "outcome": outcome, "known": known}
    return render(request, "completion/columns_preview.html", context)


def _import(request: HttpRequest, held: HeldFile) -> HttpResponse:
    kind, user = held.kind, staff(request)
    outcome: Outcome = holding.run(held, leave_out=request.POST.get("leave_out") == "yes")
    if kind == LayoutKind.ENROLMENTS:
        audit.record(user, "enrolments.imported", "enrolments")
        messages.success(
            request, _("The enrolments are in. Such a file is understood from now on.")
        )
        return redirect("completion-enrolments")
    assert outcome.source
    if not outcome.again:
        audit.record(
            user,
            "completion.imported",
            f"source:{outcome.source.pk}",
            sha256=outcome.source.sha256,
        )
        messages.success(request, _("The figures are in. Such a file is understood from now on."))
    return redirect(outcome.source.get_absolute_url() + ("?again=1" if outcome.again else ""))


def _frame(held: HeldFile, at: int) -> dict[str, Any]:
    """What both pages show: the file, and the step that one is at."""
    labels = [_("File"), _("Columns"), _("Preview"), _("Import")]
    steps = [
        {"label": label, "state": "done" if n < at else "current" if n == at else "todo"}
        for n, label in enumerate(labels)
    ]
    back = "completion-import" if held.kind == LayoutKind.COMPLETION else "completion-enrolments"
    return {"held": held, "steps": steps, "back": back,
            "made_up": bool(held.state and held.state.made_up)}  # fmt: skip


def _states(user: User) -> QuerySet[State]:
    return (
        State.objects.all() if user.is_superuser else State.objects.filter(pk__in=user.scope.states)
    )

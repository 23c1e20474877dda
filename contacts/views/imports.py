"""Bringing in a file: upload, columns, preview, done."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh

from contacts.forms import Upload, UploadStatuses
from contacts.imports import changes, kinds, progress, undo, uploads
from contacts.imports.problems import BadFile
from contacts.imports.reach import REASONS
from contacts.imports.report import problems_csv
from contacts.models import ContactImport, FileWord
from contacts.permissions import families_only, staff

SAMPLE = Path(__file__).resolve().parent.parent / "sample" / "families.csv"
PAGE = 50
PROBLEMS = 25  # on a page

State = ContactImport.State
_DONE = {
    ContactImport.Kind.FAMILIES: gettext_lazy("The families are in."),
    ContactImport.Kind.ROSTER: gettext_lazy("The families are in."),
    ContactImport.Kind.STATUSES: gettext_lazy("The statuses are recorded."),
}


@families_only
def history(request: HttpRequest) -> HttpResponse:
    """The files brought in before, newest first."""
    found = ContactImport.objects.visible_to(request.user)
    imports = found.select_related("district__state", "school", "uploaded_by")
    page = Paginator(imports, PAGE).get_page(request.GET.get("page"))
    made_up = any(upload.district.state.made_up for upload in page)
    context = {"page_obj": page, "made_up": made_up}
    return render(request, "contacts/import/history.html", context)


@families_only
def template(request: HttpRequest) -> HttpResponseBase:
    """A small made-up file with the columns that need no mapping."""
    return FileResponse(
        SAMPLE.open("rb"), as_attachment=True, filename="families.csv", content_type="text/csv"
    )


@families_only
def begin(request: HttpRequest) -> HttpResponse:
    """Takes a file of families; where its columns are known, goes straight to the preview."""
    form = Upload(staff(request), request.POST or None, request.FILES or None)
    title = _("Import families")
    return _begin(request, form, "contacts/import/new.html", ContactImport.Kind.FAMILIES, title)


@families_only
def begin_statuses(request: HttpRequest) -> HttpResponse:
    """Takes a file of aid statuses, in the same way."""
    form = UploadStatuses(staff(request), request.POST or None, request.FILES or None)
    kind = ContactImport.Kind.STATUSES
    title = _("Import aid statuses")
    return _begin(request, form, "contacts/import/new_statuses.html", kind, title)


def _begin(
    request: HttpRequest, form: Upload, page: str, kind: ContactImport.Kind, title: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        district, school = form.chosen()
        try:
            upload = uploads.begin(
                file.name,
                file,
                district=district,
                school=school,
                by=staff(request),
                kind=kind,
                as_of=form.cleaned_data.get("as_of"),
            )
        except BadFile as error:
            form.add_error("file", str(error))
        else:
            _preview_if_understood(upload)
            return redirect(upload)
    status = 422 if form.is_bound and form.errors else 200
    context = {"title": title, "form": form, "steps": _steps(0)}
    return render(request, page, context, status=status)


def _preview_if_understood(upload: ContactImport) -> None:
    try:
        if uploads.is_understood(upload):
            uploads.preview(upload, upload.mapping, now=timezone.now())
    except BadFile:
        return  # the mapping page says why


@families_only
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """An import where it stands: its columns, its preview, or what became of it."""
    upload = get_object_or_404(
        ContactImport.objects.visible_to(request.user).select_related("district__state", "school"),
        pk=pk,
    )
    if request.method == "POST":
        return _act(request, upload)
    if request.htmx and upload.state not in uploads.WORKING:  # type: ignore[attr-defined]
        return HttpResponseClientRefresh()  # the work that the page waits for is done
    return _page(request, upload)


def _act(request: HttpRequest, upload: ContactImport) -> HttpResponse:
    """What a button asks for; a second press of any of them does no harm."""
    action = request.POST.get("action")
    user: Any = request.user
    now = timezone.now()
    try:
        if action == "map":
            uploads.preview(upload, _mapping(request, upload), now=now)
        elif action == "confirm":
            upload.overwrite = request.POST.get("overwrite") == "yes"
            upload.save(update_fields=["overwrite"])
            if uploads.confirm(upload, by=user, now=now) and upload.state == State.DONE:
                messages.success(request, _DONE[ContactImport.Kind(upload.kind)])
        elif action == "reread":
            uploads.preview(upload, upload.mapping, now=now)
        elif action == "columns":
            uploads.move(upload, State.MAPPING)
        elif action == "undo":
            if request.POST.get("sure") != "yes":
                raise undo.CannotUndo([_("Tick the box to say that you are sure.")])
            if uploads.take_back(upload, by=user, now=now) and upload.state == State.UNDONE:
                messages.success(request, _("Everything is again as it was before this import."))
        elif action == "again":
            uploads.send_for(upload)
    except (BadFile, undo.CannotUndo) as error:
        return _page(request, upload, error=str(error), status=422)
    return redirect(upload)


def _mapping(request: HttpRequest, upload: ContactImport) -> dict[str, str]:
    """Our field → header, from the page's selects. Raises BadFile if two columns claim a field."""
    chosen: dict[str, str] = {}
    labels = dict(pair for _title, pairs in kinds.of(upload).groups() for pair in pairs)
    for column in uploads.columns(upload):
        field = request.POST.get(f"column-{column.position}", "")
        if not field:
            continue
        if field in chosen:
            raise BadFile(
                _("Two columns are both “%(field)s”: %(one)s and %(other)s.")
                % {
                    "field": labels.get(field, field),
                    "one": chosen[field],
                    "other": column.header,
                }
            )
        chosen[field] = column.header
    return chosen


def _page(
    request: HttpRequest, upload: ContactImport, *, error: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "upload": upload,
        "error": error or upload.error,
        "made_up": upload.district.state.made_up,
    }
    if upload.state in uploads.WORKING:
        percent, alive_at = progress.told(upload)
        silent = alive_at is not None and alive_at < timezone.now() - uploads.SILENCE
        context |= {"percent": percent, "silent": silent, "steps": _steps(_STEP[upload.state])}
        return render(request, "contacts/import/working.html", context, status=status)
    if upload.state == State.MAPPING:
        columns, kind = _columns(request, upload), kinds.of(upload)
        chosen = {column.field: column.header for column in columns if column.field}
        context |= {
            "columns": columns,
            "fields": kind.groups(),
            "needs": kind.needs(chosen, upload),
            "steps": _steps(1),
        }
        return render(request, "contacts/import/columns.html", context, status=status)
    context |= _outcome(request, upload)
    if upload.state == State.PREVIEW:
        context["confirmed_on"] = uploads.confirmed_on(upload)
    if upload.state == State.DONE:
        context["objections"] = kinds.of(upload).objections(upload)
    page = "preview.html" if upload.state == State.PREVIEW else "done.html"
    return render(request, f"contacts/import/{page}", context, status=status)


def _outcome(request: HttpRequest, upload: ContactImport) -> dict[str, Any]:
    """What a file would change, or has changed."""
    found = uploads.problems_of(upload)
    reasons = upload.summary.get("why_unreachable", {})
    words = upload.file_words.open()
    return {
        "counts": upload.summary,
        "words": {
            kind.label: n for kind in FileWord.Kind if (n := words.filter(kind=kind).count())
        },
        "moves": _moves(upload.summary.get("moves", {})),
        "changes": changes.described(upload.summary.get("changes", {})),
        "reasons": [(REASONS[key], count) for key, count in reasons.items() if key in REASONS],
        **_problems(request, found),
        "more_problems": max(0, upload.summary.get("problem_count", 0) - len(found)),
        "many_left": _many_left(upload.summary),
        "steps": _steps(_STEP[upload.state]),
    }


def _moves(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    """Status before, status after, and how many students went from the one to the other."""
    return [(*move.split(">"), count) for move, count in counts.items()]  # type: ignore[misc]


_STEP: dict[str, int] = {
    State.READING: 2,
    State.PREVIEW: 2,
    State.IMPORTING: 3,
    State.DONE: 4,
    State.UNDOING: 4,
    State.UNDONE: 4,
}


def _columns(request: HttpRequest, upload: ContactImport) -> list[uploads.Column]:
    """The columns, with what was chosen a moment ago if the page is shown again."""
    columns = uploads.columns(upload)
    if request.method == "POST" and request.POST.get("action") == "map":
        for column in columns:
            column.field = request.POST.get(f"column-{column.position}", "")
    return columns


def _problems(request: HttpRequest, found: list[dict[str, Any]]) -> dict[str, Any]:
    """A page of the problems, of one kind if the address names one by its place in the list."""
    repeated = _kinds(found)
    asked = request.GET.get("kind", "")
    chosen = int(asked) if asked.isdecimal() and int(asked) < len(repeated) else None
    if chosen is not None:
        kind = repeated[chosen][:2]
        found = [each for each in found if (each["column"], each["message"]) == kind]
    page = Paginator(found, PROBLEMS).get_page(request.GET.get("page"))
    return {"kinds": repeated, "kind": chosen, "page_obj": page}


def _kinds(found: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """Column, message and count of the problems that repeat, the most frequent first."""
    counts = Counter((problem["column"], problem["message"]) for problem in found)
    return [(*kind, count) for kind, count in counts.most_common(8) if count > 1]


def _many_left(counts: dict[str, int]) -> bool:
    """True if a fifth of the families or more are missing from the file: often half a file.

    Whom a file says to have left is not missing from it.
    """
    missing = counts.get("missing", 0)
    stayed = counts.get("updated", 0) + counts.get("unchanged", 0)
    return missing * 5 >= (stayed + missing) > 0


def _steps(current: int) -> list[dict[str, str]]:
    labels = [_("File"), _("Columns"), _("Preview"), _("Import")]
    return [
        {
            "label": label,
            "state": "done" if i < current else "current" if i == current else "todo",
        }
        for i, label in enumerate(labels)
    ]


@families_only
def problems(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The problems of a file as a CSV, formulas defused."""
    upload = get_object_or_404(ContactImport.objects.visible_to(request.user), pk=pk)
    response = HttpResponse(
        problems_csv(uploads.problems_of(upload)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="problems.csv"'
    return response

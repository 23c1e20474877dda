"""Names in completion files that no school here bears: a person says which school each is."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from completion import naming, placing
from completion.forms import MatchForm
from completion.models import SchoolName, UnplacedRow
from completion.naming import Called
from completion.permissions import may_import, staff
from schools.models import School, User

A_PAGE = 10


def queue(request: HttpRequest) -> HttpResponse:
    """Names to decide on, each with the likeliest schools; then what was decided before."""
    user = _importer(request)
    page = Paginator(placing.waiting_for(user), A_PAGE).get_page(request.GET.get("page"))
    schools = list(
        _schools(user)
        .filter(state__in={name["state"] for name in page if name["state"]})
        .select_related("district")
    )
    by_state: dict[str, list[School]] = {}
    for school in schools:
        by_state.setdefault(school.state_id, []).append(school)
    rows = UnplacedRow.objects.select_related("source").in_bulk([name["first"] for name in page])
    names = []
    for name in page:
        row = rows[name["first"]]
        found = naming.likely(row.row["name"], row.row["city"], by_state.get(name["state"], []))
        names.append({**name, "likely": found, "source": row.source, "line": row.row["line"]})
    decided = SchoolName.objects.select_related("school", "decided_by")
    if not user.is_superuser:
        decided = decided.filter(state__in=user.scope.states)
    context = {"names": names, "page": page, "decided": decided.order_by("-decided_at")[:50]}
    return render(request, "completion/matching.html", context)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The word on one waiting name."""
    user = _importer(request)
    row = get_object_or_404(_rows(user), pk=pk)
    return _decide(request, user, Called(row.state, row.code, row.name, row.city), row.printed)


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Another word on a name that was decided before."""
    user = _importer(request)
    words = SchoolName.objects.all()
    if not user.is_superuser:
        words = words.filter(state__in=user.scope.states)
    word = get_object_or_404(words, pk=pk)
    return _decide(request, user, Called(word.state, word.code, word.name, word.city), word.printed)


def _decide(request: HttpRequest, user: User, called: Called, printed: str) -> HttpResponse:
    form = MatchForm(request.POST, schools=_schools(user))
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect("completion-matching")
    school = form.cleaned_data["chosen"]
    moved = placing.decide(called, printed, school, by=user, now=timezone.now())
    if school is None:
        text = _("“%(name)s” is left out, in later files too.") % {"name": printed}
    else:
        text = ngettext(
            "“%(name)s” is %(school)s: %(n)s line of the files went there, and later ones will.",
            "“%(name)s” is %(school)s: %(n)s lines of the files went there, and later ones will.",
            moved,
        ) % {"name": printed, "school": school, "n": moved}
    messages.success(request, text)
    return redirect("completion-matching")


def _importer(request: HttpRequest) -> User:
    if not may_import(request.user):
        raise PermissionDenied
    return staff(request)


def _schools(user: User) -> QuerySet[School]:
    """Schools that this person may give figures to."""
    schools = School.objects.all()
    return schools if user.is_superuser else schools.filter(state__in=user.scope.states)


def _rows(user: User) -> QuerySet[UnplacedRow]:
    rows = UnplacedRow.objects.all()
    return rows if user.is_superuser else rows.filter(state__in=user.scope.states)

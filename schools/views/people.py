"""People and what each may see."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from schools import demo, staffing
from schools.forms import MembershipForm, PersonForm
from schools.permissions import administrator


def show_all(request: HttpRequest) -> HttpResponse:
    """Everyone whom this administrator may see, and a form for a new person."""
    user = administrator(request)
    form = PersonForm(request.POST or None)
    role = MembershipForm(request.POST or None, by=user)
    if request.method == "POST" and form.is_valid() and role.is_valid():
        names = {name: form.cleaned_data[name] for name in ("first_name", "last_name")}
        try:
            person = staffing.invite(
                form.cleaned_data["email"], names, role.given(), home=role.home(), by=user
            )
        except staffing.NotTheirs as problem:
            form.add_error("email", str(problem))
        else:
            return redirect("person", person.pk)
    page = Paginator(staffing.people_of(user), 50).get_page(request.GET.get("page"))
    return render(request, "schools/people.html", {"page_obj": page, "form": form, "role": role})


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: roles, and a link to set a password."""
    user = administrator(request)
    person = get_object_or_404(staffing.people_of(user), pk=pk)
    form = MembershipForm(request.POST or None, by=user)
    if request.method == "POST" and form.is_valid():
        try:
            staffing.give(person, form.given(), by=user)
        except staffing.NotTheirs as problem:
            form.add_error("role", str(problem))
        else:
            messages.success(request, _("Role given."))
            return redirect("person", pk)
    to_take = set(staffing.roles_to_take(user).filter(user=person).values_list("pk", flat=True))
    return render(
        request,
        "schools/person.html",
        {
            "person": person,
            "form": form,
            "memberships": [(role, role.pk in to_take) for role in person.memberships.all()],
            "password_link": staffing.password_link(person, by=user),
        },
    )


@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes one role away."""
    user = administrator(request)
    roles = staffing.roles_to_take(user).select_related("user__home", "school__district")
    staffing.take(get_object_or_404(roles, pk=pk), by=user)
    messages.success(request, _("Role taken away."))
    return redirect("people")


@require_POST
@login_not_required
def demo_sign_in(request: HttpRequest, key: str) -> HttpResponse:
    """Signs in as one of the demonstration's people; there is no such page elsewhere."""
    person = demo.find(key)
    if person is None:
        raise Http404
    login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect("home")

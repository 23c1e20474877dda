"""People and what each may see."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from schools import audit, demo
from schools.forms import DISTRICTS_OWN, MembershipForm, PersonForm
from schools.models import Membership, Role, User
from schools.permissions import administrator


def people_of(user: User) -> QuerySet[User]:
    """Whom this administrator may see: everyone, or those with a role in their districts."""
    everyone = User.objects.order_by("email").prefetch_related(
        "memberships__school", "memberships__district", "memberships__region", "memberships__state"
    )
    if user.is_superuser:
        return everyone
    districts = user.scope.districts
    return everyone.filter(
        Q(memberships__school__district__in=districts) | Q(memberships__district__in=districts)
    ).distinct()


def may_take(user: User, membership: Membership) -> bool:
    """May `user` take this membership away?"""
    if user.is_superuser:
        return True
    if membership.role == Role.COUNSELOR and membership.school:
        return membership.school.district_id in user.scope.districts
    return membership.role in DISTRICTS_OWN and membership.user in people_of(user)


def show_all(request: HttpRequest) -> HttpResponse:
    """Everyone whom this administrator may see, and a form for a new person."""
    user = administrator(request)
    form = PersonForm(request.POST or None)
    role = MembershipForm(request.POST or None, by=user)
    if request.method == "POST" and form.is_valid() and role.is_valid():
        person, made = User.objects.get_or_create(
            email=form.cleaned_data["email"],
            defaults={
                "first_name": form.cleaned_data["first_name"],
                "last_name": form.cleaned_data["last_name"],
            },
        )
        if made:
            person.set_unusable_password()
            person.save(update_fields=["password"])
        membership = role.save(person)
        audit.record(user, "person.invited", f"user {person.pk}", role=membership.role)
        return redirect("person", person.pk)
    page = Paginator(people_of(user), 50).get_page(request.GET.get("page"))
    return render(request, "schools/people.html", {"page_obj": page, "form": form, "role": role})


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: roles, and a link to set a password."""
    user = administrator(request)
    person = get_object_or_404(people_of(user), pk=pk)
    form = MembershipForm(request.POST or None, by=user)
    if request.method == "POST" and form.is_valid():
        membership = form.save(person)
        audit.record(user, "role.given", f"user {pk}", role=membership.role)
        messages.success(request, _("Role given."))
        return redirect("person", pk)
    return render(
        request,
        "schools/person.html",
        {
            "person": person,
            "form": form,
            "memberships": [(m, may_take(user, m)) for m in person.memberships.all()],
            "password_link": _password_link(person),
        },
    )


@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes one role away."""
    user = administrator(request)
    membership = get_object_or_404(Membership.objects.select_related("user", "school"), pk=pk)
    if not may_take(user, membership):
        raise Http404
    audit.record(user, "role.taken", f"user {membership.user_id}", role=membership.role)
    membership.delete()
    messages.success(request, _("Role taken away."))
    return redirect("people")


def _password_link(person: User) -> str:
    """Where a person without a password sets one; shown, because the default sends nothing."""
    if person.has_usable_password():
        return ""
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    uidb36, _dash, token = key.partition("-")
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": token})
    return settings.PUBLIC_URL + path


@require_POST
@login_not_required
def demo_sign_in(request: HttpRequest, key: str) -> HttpResponse:
    """Signs in as one of the demonstration's people; there is no such page elsewhere."""
    person = demo.find(key)
    if person is None:
        raise Http404
    login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect("home")

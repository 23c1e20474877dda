"""A person's keys to the JSON API."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from completion.models import ApiToken
from completion.permissions import staff
from schools import audit


class TokenForm(forms.ModelForm):
    class Meta:
        model = ApiToken
        fields = ("name",)


def show(request: HttpRequest) -> HttpResponse:
    """One's tokens; a new one's text is on the page that made it, and nowhere afterwards."""
    user = staff(request)
    if not user.sees_figures:
        raise PermissionDenied
    form, text = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        token, text = ApiToken.issue(user, form.cleaned_data["name"], now=timezone.now())
        audit.record(user, "api.token_issued", f"token:{token.pk}")
        form = TokenForm()
    context = {
        "form": form,
        "text": text,
        "tokens": ApiToken.objects.filter(user=user),
        "address": request.build_absolute_uri(reverse("api-places")),
    }
    response = render(request, "completion/tokens.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The token opens nothing from now on."""
    user = staff(request)
    token = get_object_or_404(ApiToken, pk=pk, user=user)
    token.delete()
    audit.record(user, "api.token_taken_back", f"token:{pk}")
    messages.success(request, _("The token opens nothing any more."))
    return redirect("completion-api")

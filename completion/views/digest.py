"""Choosing the weekly digest, and ending it with one click from the mail."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from completion import digest
from completion.models import DigestChoice
from completion.permissions import staff


class DigestForm(forms.ModelForm):
    class Meta:
        model = DigestChoice
        fields = ("wanted", "language")


@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Whether one wants it, and in which language; for whoever coordinates."""
    user = staff(request)
    if not (user.scope.regions or user.scope.states):
        raise PermissionDenied
    choice = DigestChoice.objects.filter(user=user).first() or DigestChoice(user=user)
    form = DigestForm(request.POST or None, instance=choice)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("completion-digest")
    return render(request, "completion/digest/choice.html", {"form": form})


@csrf_exempt  # RFC 8058: a mail program posts here, without a page or a session
@login_not_required
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a page and changes nothing, for programs follow links; POST ends it."""
    user = digest.person_of(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        DigestChoice.objects.update_or_create(user=user, defaults={"wanted": False})
    stopped = request.method == "POST"
    return render(request, "completion/digest/stop.html", {"stopped": stopped})

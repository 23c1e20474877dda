"""The reader's own choice of colours."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES = {"light", "dark"}
A_YEAR = 365 * 24 * 3600


@require_POST
@login_not_required
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps `light`, `dark` or (empty) the device's own choice in a cookie."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}):
        target = "/"
    response = redirect(target)
    if (choice := request.POST.get("theme", "")) in THEMES:
        response.set_cookie("theme", choice, max_age=A_YEAR, samesite="Lax", httponly=True)
    else:
        response.delete_cookie("theme")
    return response


def chosen_theme(request: HttpRequest) -> dict[str, str]:
    """Template context: the chosen theme, empty where the device decides."""
    choice = request.COOKIES.get("theme", "")
    return {"theme": choice if choice in THEMES else ""}

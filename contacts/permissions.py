"""Who may open the pages that show families."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from schools.models import User

View = Callable[..., HttpResponseBase]


def families_only(view: View) -> View:
    """Lets in counselors and district administrators; a coordinator never sees a family."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not getattr(request.user, "sees_families", False):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def staff(request: HttpRequest) -> User:
    """The signed-in person of a view that `families_only` guards."""
    assert isinstance(request.user, User)
    return request.user

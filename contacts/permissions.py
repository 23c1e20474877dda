"""Who may open the pages that show families."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def families_only(view: View) -> View:
    """Lets in counselors and district administrators; a coordinator never sees a family."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not getattr(request.user, "sees_families", False):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded

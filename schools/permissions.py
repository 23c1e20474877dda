"""Who may open the pages that set things up."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from schools.models import User


def administrator(request: HttpRequest) -> User:
    """The signed-in person, who must administer something. Raises PermissionDenied."""
    user = request.user
    if not isinstance(user, User) or not user.administers:
        raise PermissionDenied
    return user


def owner(request: HttpRequest) -> User:
    """The signed-in person, who must administer this install. Raises PermissionDenied."""
    user = request.user
    if not isinstance(user, User) or not user.is_superuser:
        raise PermissionDenied
    return user

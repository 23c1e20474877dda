"""Who may bring completion files and enrolments in."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from schools.models import School, User


def staff(request: HttpRequest) -> User:
    """The signed-in person; the middleware lets nobody else come this far."""
    assert isinstance(request.user, User)
    return request.user


def may_import(user: User | AnonymousUser) -> bool:
    """The install's administrators, and coordinators of a state (for their own states)."""
    return isinstance(user, User) and (user.is_superuser or bool(user.scope.states))


def may_set_enrolment(user: User | AnonymousUser, school: School) -> bool:
    """Whoever administers the school's district or coordinates its region or state."""
    if not isinstance(user, User) or user.is_superuser:
        return isinstance(user, User)
    scope, region = user.scope, school.effective_region
    return bool(
        school.district_id in scope.districts
        or (region and region.pk in scope.regions)
        or school.state_id in scope.states
    )

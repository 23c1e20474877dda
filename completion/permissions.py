"""Who may bring completion files and enrolments in."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from schools.models import School, User


def may_import(user: User | AnonymousUser) -> bool:
    """The install's administrators, and coordinators of a state (for their own states)."""
    return user.is_superuser or bool(user.scope.states)


def may_set_enrolment(user: User | AnonymousUser, school: School) -> bool:
    """Whoever administers the school's district or coordinates its region or state."""
    if user.is_superuser:
        return True
    scope, region = user.scope, school.effective_region
    return bool(
        school.district_id in scope.districts
        or (region and region.pk in scope.regions)
        or school.state_id in scope.states
    )

"""Who may bring completion files and enrolments in, and whose campaigns' counts one may see."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from campaigns.models import Campaign
from completion.models import SourceFile
from schools.models import Region, School, User


def staff(request: HttpRequest) -> User:
    """The signed-in person; the middleware lets nobody else come this far."""
    assert isinstance(request.user, User)
    return request.user


def may_import(user: User | AnonymousUser) -> bool:
    """The install's administrators, and coordinators of a state (for their own states)."""
    return isinstance(user, User) and (user.is_superuser or bool(user.scope.states))


def may_take_back(user: User, source: SourceFile) -> bool:
    """The install's administrators, and whoever brought the file in and may still import."""
    return user.is_superuser or (source.imported_by_id == user.pk and may_import(user))


def has_the_file(user: User | AnonymousUser, source: SourceFile) -> bool:
    """Whoever knows what stands in it anyway: administrators, and who brought it in."""
    return isinstance(user, User) and (user.is_superuser or source.imported_by_id == user.pk)


def may_publish(user: User | AnonymousUser, region: Region) -> bool:
    """Whether one makes a region's totals public: administrators, its state's coordinators."""
    return isinstance(user, User) and (user.is_superuser or region.state_id in user.scope.states)


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


def campaigns_with_counts_for(user: User) -> QuerySet[Campaign]:
    """Launched campaigns all of whose schools' figures this person may see, newest first."""
    launched = Campaign.objects.filter(launched_at__isnull=False).order_by("-launched_at")
    if user.is_superuser:
        return launched
    mine = School.objects.visible_to(user).values("pk")
    schools = Campaign.schools.through.objects.filter(campaign=OuterRef("pk"))
    return launched.filter(Exists(schools)).exclude(Exists(schools.exclude(school__in=mine)))


def sees_every_count_of(user: User, campaign: Campaign) -> bool:
    """True for whoever may see the campaign's families anyway."""
    return user.sees_families and Campaign.objects.visible_to(user).filter(pk=campaign.pk).exists()

"""What schools share: saved audiences in a district, published packs in a region or state."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from schools.models import District, Region, School, State, User
from schools.models.places import scope_of


class SavedAudienceQuerySet(models.QuerySet["SavedAudience"]):
    def visible_to(self, user: User | AnonymousUser) -> SavedAudienceQuerySet:
        """Saved audiences of the districts in which this person sees a school's families."""
        return self.filter(district__in=District.objects.whose_families(user))


class SavedAudience(models.Model):
    """A filter with a name, for the next campaign; whom it meets is asked anew each time."""

    district = models.ForeignKey(District, models.CASCADE, related_name="saved_audiences")
    name = models.CharField(_("name"), max_length=80)
    audience = models.JSONField(default=dict, help_text=_("As a campaign's own."))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedAudienceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["district", "name"], name="saved_audience_once")
        ]

    def __str__(self) -> str:
        return self.name


class PublishedPackQuerySet(models.QuerySet["PublishedPack"]):
    def visible_to(self, user: User | AnonymousUser) -> PublishedPackQuerySet:
        """Packs of the regions and states in which this person has a school, or is in charge."""
        if user.is_superuser:
            return self
        schools: Any = School.objects.visible_to(user).with_region()
        scope = scope_of(user)
        return self.filter(
            Q(region__in=scope.regions)
            | Q(state__in=scope.states)
            | Q(region__in=schools.order_by().values("region_pk"))
            | Q(state__in=schools.order_by().values("state"))
        )

    def published_by(self, user: User | AnonymousUser) -> PublishedPackQuerySet:
        """Packs whose region or state this person coordinates."""
        if user.is_superuser:
            return self
        scope = scope_of(user)
        return self.filter(
            Q(region__in=scope.regions)
            | Q(region__state__in=scope.states)
            | Q(state__in=scope.states)
        )


class PublishedPack(models.Model):
    """A pack that a region or state offers to its schools; what it says is in its versions."""

    name = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    region = models.ForeignKey(
        Region, models.CASCADE, null=True, blank=True, related_name="published_packs"
    )
    state = models.ForeignKey(
        State, models.CASCADE, null=True, blank=True, related_name="published_packs"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = PublishedPackQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(region=None) ^ Q(state=None), name="pack_of_a_region_or_state"
            ),
            models.UniqueConstraint(
                fields=["region", "name"],
                condition=Q(state=None),
                name="pack_once_a_region",
            ),
            models.UniqueConstraint(
                fields=["state", "name"], condition=Q(region=None), name="pack_once_a_state"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PackVersion(models.Model):
    """One state of a published pack, kept as the TOML that was published; never changed."""

    pack = models.ForeignKey(PublishedPack, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.TextField()
    note = models.CharField(_("what changed"), max_length=200, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["pack", "number"], name="pack_version_once")]

    def __str__(self) -> str:
        return f"{self.pack} {self.number}"

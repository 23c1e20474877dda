"""States, regional networks, counties, districts, schools and their seniors."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from schools.models.scope import Scope

if TYPE_CHECKING:
    from schools.models.people import User


def scope_of(user: User | AnonymousUser) -> Scope:
    """What a person's memberships name; nothing for someone who is not signed in."""
    return Scope() if isinstance(user, AnonymousUser) else user.scope


class State(models.Model):
    """A state or territory. A made-up one holds only made-up places, so no total mixes the two."""

    code = models.CharField(max_length=2, primary_key=True)
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=40)
    made_up = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("completion-state", args=[self.code])


class RegionQuerySet(models.QuerySet["Region"]):
    def visible_to(self, user: User | AnonymousUser) -> RegionQuerySet:
        """Regions whose completion figures this person may see."""
        if user.is_superuser:
            return self
        scope = scope_of(user)
        return self.filter(
            Q(pk__in=scope.regions)
            | Q(state__in=scope.states)
            | Q(districts__in=scope.districts)
            | Q(districts__schools__in=scope.schools)
        ).distinct()


class Region(models.Model):
    """A regional STEM network (or another state's equivalent)."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    state = models.ForeignKey(State, models.PROTECT, related_name="regions")
    inferred = models.BooleanField(
        default=False, help_text=_("No page of the network confirms which counties it serves.")
    )
    note = models.TextField(blank=True)
    source = models.TextField(blank=True)
    is_public = models.BooleanField(
        default=False, help_text=_("Its totals stand on a page that anybody may read and embed.")
    )

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("completion-region", args=[self.code])


class CountyQuerySet(models.QuerySet["County"]):
    def visible_to(self, user: User | AnonymousUser) -> CountyQuerySet:
        """Counties with a school whose completion figures this person may see."""
        if user.is_superuser:
            return self
        schools = School.objects.visible_to(user)
        return self.filter(
            Q(schools__in=schools) | Q(districts__in=schools.filter(county=None).values("district"))
        ).distinct()


class County(models.Model):
    fips = models.CharField(max_length=5, primary_key=True)
    name = models.CharField(max_length=80)
    state = models.ForeignKey(State, models.PROTECT, related_name="counties")

    objects = CountyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "counties"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("completion-county", args=[self.fips])


class DistrictQuerySet(models.QuerySet["District"]):
    def whose_families(self, user: User | AnonymousUser) -> DistrictQuerySet:
        """Districts in which this person may see at least one school's families."""
        if user.is_superuser:
            return self
        scope = scope_of(user)
        return self.filter(Q(pk__in=scope.districts) | Q(schools__in=scope.schools)).distinct()

    def administered_by(self, user: User | AnonymousUser) -> DistrictQuerySet:
        """Districts that this person sets up."""
        return self if user.is_superuser else self.filter(pk__in=scope_of(user).districts)

    def visible_to(self, user: User | AnonymousUser) -> DistrictQuerySet:
        """Districts whose completion figures this person may see."""
        if user.is_superuser:
            return self
        scope = scope_of(user)
        return self.filter(
            Q(pk__in=scope.districts)
            | Q(schools__in=scope.schools)
            | Q(region__in=scope.regions)
            | Q(state__in=scope.states)
        ).distinct()


class District(models.Model):
    """A school district; it owns its families' data and sets its own rules for reaching them."""

    nces_id = models.CharField(_("NCES district id"), max_length=7, unique=True)
    state_code = models.CharField(_("state's own code"), max_length=20, blank=True)
    name = models.CharField(max_length=120)
    state = models.ForeignKey(State, models.PROTECT, related_name="districts")
    county = models.ForeignKey(
        County, models.SET_NULL, null=True, blank=True, related_name="districts"
    )
    region = models.ForeignKey(
        Region, models.SET_NULL, null=True, blank=True, related_name="districts"
    )
    region_inferred = models.BooleanField(
        default=False, help_text=_("Placed by its county; nobody has confirmed it yet.")
    )
    region_edited = models.BooleanField(
        default=False, help_text=_("Set by a person; reloading reference data leaves it alone.")
    )
    time_zone = models.CharField(max_length=40, blank=True, help_text=_("If not the state's."))
    sms_needs_opt_in = models.BooleanField(
        _("texts need an explicit opt-in"),
        default=False,
        help_text=_("If not, a number given on the enrolment form counts as consent."),
    )
    quiet_until = models.TimeField(
        _("no messages before"), null=True, blank=True, help_text=_("If later than the law's.")
    )
    quiet_from = models.TimeField(
        _("no messages after"), null=True, blank=True, help_text=_("If earlier than the law's.")
    )
    weekly_cap = models.PositiveSmallIntegerField(
        _("campaign messages a family may get in a week"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(21)],
        help_text=_("Over all campaigns; a text and an e-mail of one sending count once."),
    )
    sms_price = models.DecimalField(
        _("price of one part of a text, in dollars"),
        max_digits=7,
        decimal_places=5,
        default=Decimal("0.0118"),
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("With the phone companies' fees, as the provider's bill has it."),
    )
    email_price = models.DecimalField(
        _("price of one e-mail, in dollars"),
        max_digits=7,
        decimal_places=5,
        default=Decimal("0.0009"),
        validators=[MinValueValidator(Decimal(0))],
    )
    answers_from = models.TimeField(
        _("somebody answers families from"), default=dt.time(8), db_default=dt.time(8)
    )
    answers_until = models.TimeField(
        _("until"),
        default=dt.time(16),
        db_default=dt.time(16),
        help_text=_("On school days. At other hours a family that writes is told so, once."),
    )
    help_phone = models.CharField(_("phone for families' questions"), max_length=40, blank=True)
    postal_address = models.CharField(max_length=200, blank=True)
    link_host = models.CharField(
        max_length=253,
        blank=True,
        default="",
        editable=False,
        help_text=_("The host of its families’ links, once proved; empty: the install’s."),
    )
    keep_months = models.PositiveSmallIntegerField(
        _("months to keep families after the student graduated or left"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("Then they are erased by themselves. Empty: kept until somebody erases them."),
    )
    keep_set_on = models.DateField(
        null=True, blank=True, editable=False, help_text=_("When that rule was last changed.")
    )

    objects = DistrictQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("completion-district", args=[self.nces_id])

    @property
    def links_url(self) -> str:
        """What its families' links begin with: its own address, else the install's."""
        return f"https://{self.link_host}" if self.link_host else settings.PUBLIC_URL

    @property
    def zone(self) -> str:
        """The IANA time zone that its schools keep."""
        return self.time_zone or self.state.time_zone

    @cached_property
    def silent_days(self) -> list[tuple[dt.date, dt.date]]:
        """First and last day of each time in which it sends nothing; asked of the database once."""
        return [(each.first_on, each.last_on) for each in self.blackouts.all()]

    def is_silent_on(self, day: dt.date) -> bool:
        """True on the days that it keeps free of messages."""
        return any(first <= day <= last for first, last in self.silent_days)


class Blackout(models.Model):
    """Days on which a district sends nothing: a holiday of its own, a time of mourning."""

    district = models.ForeignKey(District, models.CASCADE, related_name="blackouts")
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    name = models.CharField(_("why"), max_length=80)

    class Meta:
        ordering = ["first_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=models.F("first_on")), name="blackout_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.first_on} – {self.last_on})"


class SchoolQuerySet(models.QuerySet["School"]):
    def visible_to(self, user: User | AnonymousUser) -> SchoolQuerySet:
        """Schools whose completion figures this person may see (never a family by itself)."""
        if user.is_superuser:
            return self
        scope = scope_of(user)
        return self.filter(
            Q(pk__in=scope.schools)
            | Q(district__in=scope.districts)
            | Q(region__in=scope.regions)
            | Q(region=None, district__region__in=scope.regions)
            | Q(state__in=scope.states)
        )

    def whose_families(self, user: User | AnonymousUser) -> SchoolQuerySet:
        """Schools whose families this person may see and write to."""
        if user.is_superuser:
            return self
        scope = scope_of(user)
        return self.filter(Q(pk__in=scope.schools) | Q(district__in=scope.districts))

    def in_region(self, region: Region) -> SchoolQuerySet:
        """Schools of a region: by their own choice, else by their district's."""
        theirs = Q(region=region) | Q(region=None, district__in=region.districts.all())
        return self.filter(theirs, state=region.state_id)  # no walk through other states' schools

    def in_county(self, county: County) -> SchoolQuerySet:
        """Schools of a county: where they stand, else where their district does."""
        theirs = Q(county=county) | Q(county=None, district__in=county.districts.all())
        return self.filter(theirs, state=county.state_id)

    def with_region(self) -> SchoolQuerySet:
        """Adds `region_pk`, the region that counts for the school."""
        return self.annotate(region_pk=Coalesce("region", "district__region"))


class School(models.Model):
    """A high school, keyed by its NCES id or, where it has none, Federal Student Aid's code."""

    nces_id = models.CharField(
        _("NCES school id"),
        max_length=12,
        unique=True,
        help_text=_("Twelve digits; Federal Student Aid's own code for schools without one."),
    )
    state_code = models.CharField(_("state's own code"), max_length=20, blank=True)
    name = models.CharField(max_length=160)
    state = models.ForeignKey(State, models.PROTECT, related_name="schools")
    district = models.ForeignKey(
        District, models.SET_NULL, null=True, blank=True, related_name="schools"
    )
    county = models.ForeignKey(
        County, models.SET_NULL, null=True, blank=True, related_name="schools"
    )
    region = models.ForeignKey(
        Region,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="own_schools",
        help_text=_("Only if it differs from its district's."),
    )
    city = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    low_grade = models.CharField(max_length=2, blank=True)
    high_grade = models.CharField(max_length=2, blank=True)
    charter = models.BooleanField(default=False)
    excluded_from_rates = models.BooleanField(default=False)
    low_income_percent = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text=_("Students with a free or reduced-price lunch; empty where not published."),
    )

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["state", "name"])]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("completion-school", args=[self.nces_id])

    @property
    def zone(self) -> str:
        """The IANA time zone that the school keeps."""
        return self.district.zone if self.district else self.state.time_zone

    @property
    def effective_region(self) -> Region | None:
        """Its own region if it chose one, else its district's."""
        return self.region or (self.district.region if self.district else None)


class Enrolment(models.Model):
    """Seniors (grade 12) of a school in a school year, as published; null where suppressed."""

    school = models.ForeignKey(School, models.CASCADE, related_name="enrolments")
    school_year = models.CharField(max_length=7, help_text=_("Such as 2023-24."))
    grade12 = models.PositiveIntegerField(_("seniors"), null=True, blank=True)
    suppressed = models.BooleanField(
        default=False, help_text=_("Published as fewer than ten, without the number.")
    )
    source = models.CharField(max_length=200)
    entered_by = models.ForeignKey(
        "schools.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "school_year"], name="one_enrolment_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.school}, {self.school_year}"

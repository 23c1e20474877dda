"""A due step becomes messages: one set-based statement a channel, however many families."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, NullIf

from campaigns import audience
from campaigns.models import Arm, Assignment, Campaign, CampaignState, Message, MessageState, Step
from contacts.models import Contact, ContactPoint, Guardianship, Student, Suppression
from schools.models import School


def due_steps(now: dt.datetime) -> QuerySet[Step]:
    """Steps of running campaigns whose hour has come and whose messages are not made yet."""
    return (
        Step.objects.filter(
            Q(due_at=None) | Q(due_at__lte=now),
            expanded_at=None,
            campaign__state=CampaignState.RUNNING,
        )
        .select_related("campaign")
        .order_by("campaign", "position")
    )


def expand_due(now: dt.datetime) -> int:
    """Makes the messages of every due step; returns how many."""
    return sum(expand(step, now) for step in due_steps(now))


def expand(step: Step, now: dt.datetime) -> int:
    """Makes one step's messages, and marks the step, in one transaction; returns how many.

    1. The guarded update of `expanded_at` decides which of several workers makes them.
    2. The audience is asked anew, so a family that has finished hears no more.
    3. The unique (step, channel, address) refuses a double whatever else goes wrong.
    """
    with transaction.atomic():
        running = Campaign.objects.filter(state=CampaignState.RUNNING)
        won = Step.objects.filter(pk=step.pk, expanded_at=None, campaign__in=running).update(
            expanded_at=now
        )
        if not won:
            return 0
        _know_the_tables(Student, Contact, Guardianship, ContactPoint, Suppression, Assignment)
        made = sum(_insert(step, channel, now) for channel in audience.CHANNELS_OF[step.channels])
        _know_the_tables(Message)
    return made


def _know_the_tables(*tables_of: type[Model]) -> None:
    """Fresh statistics for PostgreSQL: a class imported a minute ago, before its autovacuum came
    by, is otherwise taken for a handful of rows and joined row by row."""
    if connection.vendor == "postgresql":
        tables = [connection.ops.quote_name(model._meta.db_table) for model in tables_of]
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(tables)}")


def rows(step: Step, channel: str) -> QuerySet[ContactPoint, Any]:
    """What `step` writes by `channel`: one row an address, with all that a message needs."""
    students = audience.students(step.campaign)
    own = students.filter(pk=OuterRef("contact__student")).order_by()
    # Asked from the contact's side and in the order of its index, so that each is one look-up.
    charge = Guardianship.objects.filter(
        Exists(students.filter(pk=OuterRef("student"))),
        contact=OuterRef("contact"),
        may_contact=True,
    ).order_by("student")
    zone = Subquery(
        School.objects.filter(pk=OuterRef("for_school"))
        .annotate(zone_name=Coalesce(NullIf("district__time_zone", Value("")), "state__time_zone"))
        .values("zone_name")[:1]
    )
    points = ContactPoint.objects.filter(pk__in=audience.addresses(step, channel).values("pk"))
    if step.campaign.hold_out_percent:
        points = points.exclude(Exists(_held_out_at_address(step.campaign)))
    return points.annotate(
        for_household=Coalesce(
            Subquery(own.values("household")[:1]), Subquery(charge.values("student__household")[:1])
        ),
        for_school=Coalesce(
            Subquery(own.values("school")[:1]), Subquery(charge.values("student__school")[:1])
        ),
        school_zone=zone,
        zones=Case(
            When(Q(area_zone="") | Q(area_zone=F("school_zone")), then=F("school_zone")),
            default=Concat("school_zone", Value(","), "area_zone"),
            output_field=CharField(),
        ),
        in_language=F("contact__language"),
    ).values("pk", "address_index", "for_household", "for_school", "zones", "in_language")


def _held_out_at_address(campaign: Campaign) -> QuerySet[Assignment]:
    """Held-out households that would hear through this address, whoever else shares it."""
    family = Student.objects.filter(
        Q(guardianships__contact__points__address_index=OuterRef(OuterRef("address_index")))
        | Q(own_contact__points__address_index=OuterRef(OuterRef("address_index")))
    )
    return Assignment.objects.filter(
        campaign=campaign, arm=Arm.HELD_OUT, household__in=family.values("household")
    )


def _insert(step: Step, channel: str, now: dt.datetime) -> int:
    """INSERT … SELECT of one channel; returns how many messages it made."""
    campaign = step.campaign
    begins = max(filter(None, [step.due_at, campaign.launched_at]), default=now)
    moment = connection.ops.adapt_datetimefield_value
    constants: dict[str, Any] = {
        "step_id": step.pk,
        "campaign_id": campaign.pk,
        "channel": str(channel),
        "invites": campaign.invites,
        "state": MessageState.PENDING.value,
        "reason": "",
        "not_before": moment(begins),
        "expires_at": moment(begins + step.expires_after),
        "attempts": 0,
        "subject_sealed": b"",
        "body_sealed": b"",
        "segments": 0,
        "provider_id": "",
        "created_at": moment(now),
    }
    taken = {
        "contact_point_id": "pk",
        "address_index": "address_index",
        "household_id": "for_household",
        "school_id": "for_school",
        "time_zones": "zones",
        "language": "in_language",
    }
    select, parameters = rows(step, channel).query.sql_with_params()
    quote = connection.ops.quote_name
    columns = ", ".join(quote(name) for name in (*taken, *constants))
    chosen = ", ".join(f"chosen.{quote(name)}" for name in taken.values())
    marks = ", ".join(["%s"] * len(constants))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(Message._meta.db_table)} ({columns}) "
            f"SELECT {chosen}, {marks} FROM ({select}) AS chosen WHERE TRUE "
            "ON CONFLICT DO NOTHING",
            [*constants.values(), *parameters],
        )
        return int(cursor.rowcount)

"""From a step to its messages: one statement, however many families."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat, NullIf

from campaigns import audience
from campaigns.models import Arm, Assignment, Campaign, CampaignState, Message, MessageState, Step
from contacts.models import ContactPoint, Guardianship, Student


def due_steps(now: dt.datetime) -> QuerySet[Step]:
    """Steps of running campaigns whose time has come and whose messages are not made yet."""
    return (
        Step.objects.filter(campaign__state=CampaignState.RUNNING, expanded_at=None)
        .filter(Q(due_at=None) | Q(due_at__lte=now))
        .select_related("campaign__district__state")
        .order_by("campaign", "position")
    )


def expand(step: Step, now: dt.datetime) -> int:
    """Makes the step's messages and marks it expanded, in one transaction; returns how many.

    A step is expanded once, by whoever gets to it first; its messages are unique by step,
    channel and address all the same.
    """
    with transaction.atomic():
        claimed = Step.objects.filter(
            pk=step.pk, expanded_at=None, campaign__state=CampaignState.RUNNING
        ).update(expanded_at=now)
        if not claimed:
            return 0
        return sum(_insert(step, channel, now) for channel in audience.CHANNELS_OF[step.channels])


def _insert(step: Step, channel: str, now: dt.datetime) -> int:
    begins = max(filter(None, [step.due_at, step.campaign.launched_at, now]))
    columns = _columns(step, channel, begins, now)
    points = ContactPoint.objects.filter(
        pk__in=audience.addresses(step, channel).values("pk")
    ).annotate(household_pk=_of_first_student(step.campaign, "household"))
    held_out = Assignment.objects.filter(
        campaign=step.campaign, household=OuterRef("household_pk"), arm=Arm.HELD_OUT
    )
    rows = (
        points.exclude(Exists(held_out))
        .order_by()
        .annotate(**{f"put_{name}": value for name, value in columns.items()})
        .values_list(*(f"put_{name}" for name in columns))
    )
    select, params = rows.query.get_compiler(connection=connection).as_sql()
    quote = connection.ops.quote_name
    into = ", ".join(quote(Message._meta.get_field(name).column) for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(Message._meta.db_table)} ({into}) {select} ON CONFLICT DO NOTHING",
            params,
        )
        return cursor.rowcount


def _columns(step: Step, channel: str, begins: dt.datetime, now: dt.datetime) -> dict[str, Any]:
    """Each column of a new message, as an expression over its contact point."""
    campaign = step.campaign
    zone = Value(campaign.district.zone, models.CharField())
    school_zone = Coalesce(
        NullIf(_of_first_student(campaign, "school__district__time_zone"), Value("")),
        _of_first_student(campaign, "school__state__time_zone"),
        zone,
        output_field=models.CharField(),
    )

    def constant(name: str, value: Any) -> Value:
        return Value(value, output_field=_plain(Message._meta.get_field(name)))

    return {
        "step": Value(step.pk, output_field=models.BigIntegerField()),
        "campaign": Value(campaign.pk, output_field=models.BigIntegerField()),
        "contact_point": F("pk"),
        "household": F("household_pk"),
        "school": _of_first_student(campaign, "school"),
        "channel": F("channel"),
        "address_index": F("address_index"),
        "language": F("contact__language"),
        "time_zones": Case(
            When(Q(area_zone="") | Q(area_zone=school_zone), then=school_zone),
            default=Concat(school_zone, Value(","), F("area_zone")),
            output_field=models.CharField(),
        ),
        "not_before": constant("not_before", begins),
        "expires_at": constant("expires_at", begins + step.expires_after),
        "created_at": constant("created_at", now),
        "state": constant("state", MessageState.PENDING),
        "reason": constant("reason", ""),
        "attempts": constant("attempts", 0),
        "subject_sealed": constant("subject_sealed", b""),
        "body_sealed": constant("body_sealed", b""),
        "segments": constant("segments", 0),
        "provider_id": constant("provider_id", ""),
    }


def _plain(field: Any) -> models.Field[Any, Any]:
    """A field of the same kind without auto_now_add, which would overwrite the value."""
    return type(field)()


def _of_first_student(campaign: Campaign, column: str) -> Subquery:
    """A column of the first student, by id, for whose sake the campaign writes to the contact."""
    guarded = Guardianship.objects.filter(
        student=OuterRef("pk"), contact=OuterRef(OuterRef("contact")), may_contact=True
    )
    theirs = Student.objects.filter(pk__in=audience.students(campaign).values("pk")).filter(
        Exists(guarded) | Q(own_contact=OuterRef("contact"))
    )
    return Subquery(theirs.order_by("pk").values(column)[:1])

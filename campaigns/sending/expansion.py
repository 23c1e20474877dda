"""A due step becomes messages: one set-based statement a channel, however many families."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    Model,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, NullIf

from campaigns.models import Assignment, Campaign, CampaignState, Message, MessageState, Step
from campaigns.sending import mail_instead, weekly_cap
from campaigns.targeting import arms, audience
from campaigns.timing import sequences
from contacts.models import Channel, Contact, ContactPoint, Guardianship, Student, Suppression
from schools.models import District, School


def due_steps(now: dt.datetime) -> QuerySet[Step]:
    """Steps of running campaigns whose hour has come and whose messages are not made yet.

    A step from a deadline that nobody has put on record waits for it; one on an event listens.
    """
    waits = Q(when=Step.When.DEADLINE, due_at=None) | Q(when=Step.When.EVENT)
    return (
        Step.objects.filter(
            Q(due_at=None) | Q(due_at__lte=now),
            expanded_at=None,
            campaign__state=CampaignState.RUNNING,
        )
        .exclude(waits)
        .select_related("campaign__district")
        .order_by("campaign", "position")
    )


def expand_due(now: dt.datetime) -> int:
    """Makes the messages of every due step and of every event, and e-mails in the place of texts
    that could not go; returns how many."""
    sequences.follow_deadlines()
    made = sum(expand(step, now) for step in due_steps(now))
    made += sum(answer_events(step, now) for step in sequences.listening(now))
    return made + sum(
        write_instead(step, texts, now) for step, texts in mail_instead.due(now).items()
    )


def expand(step: Step, now: dt.datetime) -> int:
    """Makes one step's messages, and marks the step, in one transaction; returns how many.

    1. The guarded update of `expanded_at` decides which of several workers makes them.
    2. The audience is asked anew, so a family that has finished hears no more, and one that has
       joined draws its arm first, where arms are compared.
    3. The unique (step, channel, address) refuses a double whatever else goes wrong.
    4. A step that comes again leaves its next coming behind.
    """
    with transaction.atomic():
        running = Campaign.objects.filter(state=CampaignState.RUNNING)
        won = Step.objects.filter(pk=step.pk, expanded_at=None, campaign__in=running).update(
            expanded_at=now
        )
        if not won:
            return 0
        _one_at_a_time(step)
        arms.join(step, now=now)
        _know_the_tables(Student, Contact, Guardianship, ContactPoint, Suppression, Assignment)
        _keep_the_order()
        made = sum(_insert(step, channel, now) for channel in audience.CHANNELS_OF[step.channels])
        sequences.come_again(step)
        _know_the_tables(Message)
    return made


def answer_events(step: Step, now: dt.datetime) -> int:
    """Makes messages for those whom a step's event has befallen since it was last asked.

    One a family and step, however often its status comes and goes: the unique (step, channel,
    address) sees to it. Once it has listened for long enough the step is done.
    """
    if now >= sequences.listens_until(step):
        Step.objects.filter(pk=step.pk, expanded_at=None).update(expanded_at=now)
        return 0
    if not audience.Audience.of_step(step).students().exists():
        return 0
    with transaction.atomic():
        _one_at_a_time(step)
        arms.join(step, now=now)
        _keep_the_order()
        return sum(_insert(step, channel, now) for channel in audience.CHANNELS_OF[step.channels])


def write_instead(step: Step, texts: Mapping[int, str], now: dt.datetime) -> int:
    """Makes the e-mails in the place of a step's texts (`mail_instead.due`); returns how many.

    Who is for it is asked anew, of these people alone. Of many texts the rest has the next tick.
    """
    few = dict(islice(texts.items(), mail_instead.AT_ONCE))
    with transaction.atomic():
        _one_at_a_time(step)
        mail_instead.followed(few, now)
        owed = sorted(mail_instead.people(step, few.values()))
        made = 0
        for start in range(0, len(owed), mail_instead.AT_ONCE):  # many may share a number
            some = owed[start : start + mail_instead.AT_ONCE]
            whole = audience.Audience.of_step(step).of_people(some)
            arms.join(step, now=now, whole=whole)
            made += _insert(step, Channel.EMAIL, now, whole=whole)
    return made


def _one_at_a_time(step: Step) -> None:
    """Two steps of a district that are made at once must see each other: the week's cap counts."""
    District.objects.select_for_update().only("pk").get(pk=step.campaign.district_id)


def _know_the_tables(*tables_of: type[Model]) -> None:
    """Fresh statistics for PostgreSQL: a class imported a minute ago, before its autovacuum came
    by, is otherwise taken for a handful of rows and joined row by row."""
    if connection.vendor == "postgresql":
        tables = [connection.ops.quote_name(model._meta.db_table) for model in tables_of]
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(tables)}")


def _keep_the_order() -> None:
    """Has PostgreSQL, until this transaction ends, pick a step's addresses by sorting in memory.

    Hashing would scatter them, and what stands beside each (contact, student, household) be looked
    up here and there in tables that no buffer holds: twice the time at a million.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_hashagg = off")
            cursor.execute("SET LOCAL work_mem = '64MB'")


def rows(
    step: Step, channel: str, now: dt.datetime, whole: audience.Audience
) -> QuerySet[ContactPoint, Any]:
    """What `step` writes by `channel` to its audience, or to a part of it: one row an address,
    with all that a message needs.

    A family that has heard enough this week gets a row as well: a message that is left out, so
    that the counts add up and nobody wonders.
    """
    points: QuerySet[ContactPoint, Any] = ContactPoint.objects.filter(
        pk__in=whole.addresses(step.channels, channel).values("pk")
    )
    campaign = step.campaign
    if step.for_held_out:
        points = points.filter(Exists(audience.held_out_at_address(campaign)))
    elif campaign.holds_back(now):
        points = points.exclude(Exists(audience.held_out_at_address(campaign)))
    points = whole.placed(points)
    full = weekly_cap.reached(campaign.district, now=now, step=step)
    if full is not None and whole.among is not None:
        full = full.filter(household__in=whole.students().values("household"))
    enough = Q(for_household__in=full) if full is not None else Q(pk=None)
    return points.annotate(
        school_zone=_zone_of(whole.schools),
        zones=Case(
            When(Q(area_zone="") | Q(area_zone=F("school_zone")), then=F("school_zone")),
            default=Concat("school_zone", Value(","), "area_zone"),
            output_field=CharField(),
        ),
        in_language=F("contact__language"),
        in_state=Case(
            When(enough, then=Value(MessageState.SKIPPED.value)),
            default=Value(MessageState.PENDING.value),
            output_field=CharField(),
        ),
        because=Case(
            When(enough, then=Value("weekly_cap")), default=Value(""), output_field=CharField()
        ),
    ).values(
        "pk",
        "address_index",
        "for_household",
        "for_school",
        "zones",
        "in_language",
        "in_state",
        "because",
    )


def _zone_of(schools: Iterable[int]) -> Value | Case:
    """The time zone of the school written for: nearly always one for a whole campaign, so it is
    looked up here and not once more for every row."""
    zones: dict[str, list[int]] = defaultdict(list)
    named = Coalesce(NullIf("district__time_zone", Value("")), "state__time_zone")
    for school, zone in School.objects.filter(pk__in=schools).values_list("pk", named):
        zones[zone].append(school)
    if len(zones) == 1:
        return Value(next(iter(zones)), output_field=CharField())
    cases = [When(for_school__in=found, then=Value(zone)) for zone, found in zones.items()]
    return Case(*cases, default=Value(""), output_field=CharField())


def _insert(
    step: Step, channel: str, now: dt.datetime, *, whole: audience.Audience | None = None
) -> int:
    """INSERT … SELECT of one channel, to the audience or a part of it; returns how many."""
    campaign = step.campaign
    begins = max(filter(None, [step.due_at, campaign.launched_at]), default=now)
    if step.when == Step.When.EVENT:
        begins = now
    moment = connection.ops.adapt_datetimefield_value
    constants: dict[str, Any] = {
        "step_id": step.pk,
        "campaign_id": campaign.pk,
        "channel": str(channel),
        "invites": campaign.invites,
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
        "state": "in_state",
        "reason": "because",
    }
    whole = whole or audience.Audience.of_step(step)
    select, parameters = rows(step, channel, now, whole).query.sql_with_params()
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

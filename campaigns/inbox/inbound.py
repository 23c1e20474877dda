"""What families send: kept by the webhook in one statement, taken in by the worker soon after.

Between the two nothing goes out to the address (`claim`), so a STOP holds from the moment at which
the provider has our answer. Whoever shows a family's words takes in first what waits.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import translation

from campaigns.inbox import keywords, replies
from campaigns.models import Inbound, Reply
from contacts.crypto import CannotOpen, blind_index, open_sealed, seal
from schools.models import User

logger = logging.getLogger(__name__)

TRIES = 3
MOST_A_PAGE = 50
TRY_AGAIN = dt.timedelta(seconds=10)
IN_HAND = dt.timedelta(minutes=1)  # longer than from the count of a try to its lock
_TABLE = Inbound._meta.db_table


@dataclass(frozen=True)
class Said:
    """One message of a family, as a provider hands it over."""

    sender: str
    words: str
    # What the provider itself has read, obeyed and answered: a meaning of Reply, or "".
    obeyed_there: str = ""
    proven: bool = True  # that it is the sender's


def keep(channel: str, name: str, said: Said, *, now: dt.datetime) -> None:
    """Lays a message aside to be taken in, in one statement; one that is there already stays.

    One that was taken in before is known by its name then (replies.receive).
    """
    name = name[: Inbound._meta.get_field("name").max_length]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_TABLE} (name, channel, address_index, said_sealed, received_at) "
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [
                name,
                channel,
                blind_index(channel, said.sender),
                seal(json.dumps(asdict(said)), _place(name)),
                connection.ops.adapt_datetimefield_value(now),
            ],
        )


def waits(now: dt.datetime) -> bool:
    """True while something may be taken in."""
    return Inbound.objects.due(now).exists()


def take_in(
    now: dt.datetime,
    *,
    most: int | None = None,
    of: Collection[str] | None = None,
    patiently: bool = False,
    enough: Callable[[], bool] = lambda: False,
) -> int:
    """Takes in what waits, an address's messages in their order; returns how many. No more than
    `most`, from these addresses (their indexes) alone, and until it is told that it is `enough`.

    1. Each is a transaction of its own: done and gone, or neither. 2. What another worker has in
    hand is stepped over, or waited for where `patiently`, as a page does. 3. A try is counted
    before it is begun, so that one which takes its process with it counts as well; for IN_HAND
    nobody else begins one then, so that each that counts is made. 4. What fails is tried again
    soon, and set aside after TRIES; it stops nothing but what goes to its own address.
    """
    taken = tried = 0
    while (most is None or tried < most) and not enough():
        if patiently:
            _wait_for_others(now, of)
        due = _due(now, of)
        if not due.exists():
            break
        done = _take_one(due, now, patiently=patiently)
        if done is None and not patiently:
            break
        taken, tried = taken + bool(done), tried + 1
    return taken


def catch_up(now: dt.datetime, *, of: Collection[str] | None = None) -> int:
    """Takes in what waits, for a page: all from these addresses, or as much as a reader has the
    patience for. A page that cannot have the database for that is shown all the same. Returns how
    many."""
    try:
        return take_in(now, most=MOST_A_PAGE if of is None else None, of=of, patiently=True)
    except OperationalError:
        logger.warning("The database is busy: a page is shown without what waits")
        return 0


def unheard(of: Collection[str]) -> QuerySet[Inbound]:
    """What came from these addresses and is not taken in: tried in vain, or not yet."""
    return Inbound.objects.filter(address_index__in=of).order_by("pk")


def forget(rows: QuerySet[Inbound]) -> int:
    """Deletes what could not be taken in; a STOP, and what sounds like one, is obeyed first, for
    nobody will read it, unless a yes came since. Returns how many."""
    count = 0
    for row in rows.select_for_update():
        said = readable(row)
        heard = keywords.understand(said.words) if said else None
        stops = heard and (heard.meaning == Reply.Meaning.STOP or heard.perhaps_stop)
        if said and (stops or said.obeyed_there == Reply.Meaning.STOP):
            index, said_at = row.address_index, row.received_at
            replies.stop_late(row.channel, index, basis="reply", said_at=said_at)
        row.delete()
        count += 1
    return count


def readable(row: Inbound) -> Said | None:
    """What was said; None where nobody can tell, as where its key is missing."""
    try:
        return opened(row)
    except (CannotOpen, TypeError, ValueError):
        return None


def opened(row: Inbound) -> Said:
    """What was said. Raises CannotOpen."""
    return Said(**json.loads(open_sealed(bytes(row.said_sealed), _place(row.name))))


def try_again(row: Inbound) -> None:
    """Puts back what was set aside."""
    Inbound.objects.filter(pk=row.pk).update(set_aside_at=None, tries=0, not_before=None)


def settle(row: Inbound, *, stops: bool, by: User, now: dt.datetime) -> None:
    """Takes in what was set aside as the person says who has read it: a STOP, or a question that
    waits in the inbox. As few steps as can be, for one of the others failed. Raises CannotOpen."""
    said = opened(row)
    with transaction.atomic():
        if not Inbound.objects.select_for_update().filter(pk=row.pk).exists():
            return  # somebody else was quicker
        if stops:
            replies.stop(row.channel, row.address_index, basis="own words", now=row.received_at)
        replies.keep_unread(
            row.channel,
            said.sender,
            said.words,
            provider_id=row.name,
            received_at=row.received_at,
            handled=(by, now) if stops else None,
        )
        row.delete()


def _wait_for_others(now: dt.datetime, of: Collection[str] | None) -> None:
    """Returns once no other worker is at work on what it has in hand."""
    in_hand = Inbound.objects.filter(not_before__gt=now, set_aside_at=None).order_by("pk")
    if of is not None:
        in_hand = in_hand.filter(address_index__in=of)
    if in_hand.exists():
        with transaction.atomic():
            list(in_hand.select_for_update().values_list("pk")[:MOST_A_PAGE])


def _due(now: dt.datetime, of: Collection[str] | None) -> QuerySet[Inbound]:
    due = Inbound.objects.due(now)
    return due if of is None else due.filter(address_index__in=of)


def _take_one(due: QuerySet[Inbound], now: dt.datetime, *, patiently: bool) -> bool | None:
    """Takes in the first that may be: False if that failed, None where another worker has it."""
    with transaction.atomic():
        row = due.select_for_update(skip_locked=not patiently).first()
        if row is None:
            return None
        if row.tries >= TRIES:  # and none of them came back to say what went wrong
            logger.error("inbound %s ended its process at each of %s tries", row.pk, TRIES)
            Inbound.objects.filter(pk=row.pk).update(set_aside_at=now)
            return False
        Inbound.objects.filter(pk=row.pk).update(tries=F("tries") + 1, not_before=now + IN_HAND)
    mine = Inbound.objects.filter(pk=row.pk, tries=row.tries + 1, set_aside_at=None)
    try:
        with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
            if mine.select_for_update().first() is None:
                return None  # a person was quicker, or this process slept for longer than IN_HAND
            _hear(row, opened(row))
            row.delete()
    except (OperationalError, InterfaceError):
        with suppress(DatabaseError, InterfaceError):  # it was away; the words are not to blame
            mine.update(tries=row.tries, not_before=row.not_before)
        raise
    except Exception as error:
        _failed(row, error, now)
        return False
    return True


def _hear(row: Inbound, said: Said) -> None:
    point, message = replies.find_point(row.channel, said.sender)
    replies.receive(
        point,
        said.words,
        now=row.received_at,
        provider_id=row.name,
        to_message=message,
        channel=row.channel,
        address=said.sender,
        meaning=Reply.Meaning(said.obeyed_there) if said.obeyed_there else None,
        proven=said.proven,
        answers=not said.obeyed_there,
    )


def _failed(row: Inbound, error: Exception, now: dt.datetime) -> None:
    tries = row.tries + 1
    logger.error("inbound %s, try %s: %s", row.pk, tries, type(error).__name__)
    given_up = tries >= TRIES
    Inbound.objects.filter(pk=row.pk).update(
        not_before=now + tries * TRY_AGAIN, set_aside_at=now if given_up else None
    )


def _place(name: str) -> str:
    return f"{_TABLE}.said_sealed.{name}"

"""What a family may ask for on its own page, done at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from campaigns.family_pages import new_mailbox
from campaigns.inbox import replies
from campaigns.models import Message, Reply
from contacts import consent, languages
from contacts.models import Channel, Contact, Hours

LONGEST_QUESTION = 1000
BASIS = "family page"
BOTH = "both"


def do(wish: str, given: Mapping[str, str], message: Message, *, now: dt.datetime) -> str:
    """Does what a button asks; returns what the page confirms, "" for what nobody can ask."""
    point = message.contact_point
    if point is None:
        return ""
    contact = point.contact
    match wish:
        case "done":
            replies.receive(point, "", now=now, to_message=message, meaning=Reply.Meaning.DONE)
        case "help":
            return _ask(given.get("question", "").strip(), message, now)
        case "stop":
            for each in contact.points.all():
                replies.stop(each.channel, each.address_index, basis=BASIS, now=now)
            replies.receive(point, "", now=now, to_message=message, meaning=Reply.Meaning.STOP)
        case "start":
            for each in contact.points.filter(removed_on=None):
                replies.start(each.channel, each.address_index, basis=BASIS, now=now)
        case "mailbox":
            return new_mailbox.ask(given.get("email", ""), message, now=now)
        case "settings":
            _set(contact, given, now)
        case _:
            return ""
    return wish


def _ask(question: str, message: Message, now: dt.datetime) -> str:
    if not question:
        return "empty"
    reply = replies.receive(
        message.contact_point,
        question[:LONGEST_QUESTION],
        now=now,
        to_message=message,
        meaning=Reply.Meaning.QUESTION,
    )
    return "stop" if reply.meaning == Reply.Meaning.STOP else "help"


def _set(contact: Contact, given: Mapping[str, str], now: dt.datetime) -> None:
    """Language, time of day and channel; what is unknown or not given stays as it is."""
    wanted = {}
    if given.get("language") in languages.LANGUAGES:
        wanted["language"] = given["language"]
    if given.get("hours") in Hours.values:
        wanted["hours"] = given["hours"]
    replies.choose(contact, wanted)
    channel = given.get("channel", "")
    if channel in (*Channel.values, BOTH) and channel != channel_of(contact):
        _write_by(contact, channel, now)


def channel_of(contact: Contact) -> str:
    """How we may write to them now: a channel, BOTH, or "" where they hear nothing."""
    opened = set(consent.allowed(contact.points.all()).values_list("channel", flat=True))
    return BOTH if len(opened) > 1 else next(iter(opened), "")


def _write_by(contact: Contact, channel: str, now: dt.datetime) -> None:
    """Only by one channel: a no to the other is kept in the ledger like any other no."""
    wanted = set(Channel.values) if channel == BOTH else {channel}
    for point in contact.points.filter(removed_on=None):
        if point.channel not in wanted:
            replies.stop(point.channel, point.address_index, basis=BASIS, now=now)
        elif not consent.allowed(contact.points.filter(pk=point.pk)).exists():
            replies.start(point.channel, point.address_index, basis=BASIS, now=now)

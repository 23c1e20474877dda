"""Signed addresses of a family's own pages: short, without personal data, and expiring."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac

from django.conf import settings
from django.utils import timezone

from campaigns.models import Message
from contacts.models import Contact
from schools.models import School

FAMILY = "family"
UNSUBSCRIBE = "unsubscribe"
SHORT = "short"
MAILBOX = "mailbox"
LIFETIME = dt.timedelta(days=120)
SHORTER = {MAILBOX: dt.timedelta(days=3)}
ID_BYTES = 5
MAC_BYTES = {
    FAMILY: 9,
    UNSUBSCRIBE: 9,
    MAILBOX: 9,
    SHORT: 7,
}  # 72 bits; 56, for a link of sixteen letters


class BadLink(Exception):
    """The link was not made here, or its time is over."""


def family_url(message: Message) -> str:
    """The family's own page: settings, done, a question, stop."""
    return f"{_begins(message.school)}/f/{make_token(message, FAMILY)}/"


def short_url(message: Message) -> str:
    """The link that a message carries: it leads to the family's page, and its opening counts."""
    return f"{_begins(message.school)}/l/{make_token(message, SHORT)}"


def unsubscribe_url(message: Message) -> str:
    """The one-click unsubscribe address of RFC 8058."""
    return f"{_begins(message.school)}/u/{make_token(message, UNSUBSCRIBE)}/"


def mailbox_url(message: Message) -> str:
    """Where the holder of a new mailbox says yes."""
    return f"{_begins(message.school)}/e/{make_token(message, MAILBOX)}/"


def lifetime_of(purpose: str) -> dt.timedelta:
    """How long a link works."""
    return SHORTER.get(purpose, LIFETIME)


def samples(school: School) -> tuple[str, str]:
    """A short and an unsubscribe link for previews: as long as real ones, and leading nowhere."""
    short = "x" * len(_encoded(bytes(ID_BYTES + MAC_BYTES[SHORT])))
    stop = "x" * len(_encoded(bytes(ID_BYTES + MAC_BYTES[UNSUBSCRIBE])))
    return f"{_begins(school)}/l/{short}", f"{_begins(school)}/u/{stop}/"


def _begins(school: School | None) -> str:
    """The district's own address where it has one, else the install's."""
    return school.district.links_url if school and school.district else settings.PUBLIC_URL


def make_token(message: Message, purpose: str) -> str:
    """Nineteen characters (sixteen for SHORT) that name the message, for one purpose."""
    name = message.pk.to_bytes(ID_BYTES, "big")
    return _encoded(name + _mac(name, purpose))


def read_token(token: str, purpose: str, *, ever: bool = False) -> Message:
    """The message that a token names. Raises BadLink; `ever` reads an expired one too."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError) as error:
        raise BadLink from error
    name, mac = raw[:ID_BYTES], raw[ID_BYTES:]
    if not hmac.compare_digest(mac, _mac(name, purpose)):
        raise BadLink
    message = (
        Message.objects.select_related("contact_point__contact", "school__district__state")
        .filter(pk=int.from_bytes(name, "big"))
        .first()
    )
    if message is None:
        raise BadLink
    if not ever and message.created_at < timezone.now() - lifetime_of(purpose):
        raise BadLink
    return message


def holder(message: Message) -> Contact:
    """Whose address a message went to. Raises BadLink where it is theirs no more: taken away as
    wrong, replaced by the family itself, or of a contact who has left."""
    point = message.contact_point
    if point is None or point.removed_on or point.contact.left_on:
        raise BadLink
    return point.contact


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _mac(name: bytes, purpose: str) -> bytes:
    key = f"aidbeacon link {purpose} {settings.SECRET_KEY}".encode()
    return hmac.new(key, name, hashlib.sha256).digest()[: MAC_BYTES[purpose]]

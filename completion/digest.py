"""The coordinators' weekly digest: where schools moved most, and where help is needed.

It holds told figures only (suppression.py), goes out once for each new week of figures, and ends
with one click.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from completion import formats, standing, suppression
from completion.models import DigestChoice
from completion.rates import Rate
from completion.standing import SchoolStanding
from completion.suppression import Shown
from schools.models import Role, School, User

logger = logging.getLogger(__name__)

EACH = 3
SALT = "completion.digest"
CONSOLE = "django.core.mail.backends.console.EmailBackend"


@dataclass(frozen=True)
class Entry:
    """A school, its rate, and why it is named."""

    school: School
    rate: Shown
    moved: Shown
    behind: Shown


@dataclass(frozen=True)
class Digest:
    through: dt.date
    schools: int
    moved: Sequence[Entry]
    need_help: Sequence[Entry]


def coordinators() -> QuerySet[User]:
    """Active people who coordinate a region or state and have not said no."""
    return (
        User.objects.filter(
            Q(memberships__region__isnull=False) | Q(memberships__state__isnull=False),
            is_active=True,
            memberships__role=Role.COORDINATOR,
        )
        .exclude(digest_choice__wanted=False)
        .order_by("pk")
        .distinct()
    )


def compose(user: User) -> Digest | None:
    """What there is to tell this person; None where no school has a figure.

    Moved most: by the completion rate since the last figure. In need of help: furthest behind the
    same week of the last cycle, or, where no school can be compared, with the lowest rate; never a
    school that has just been named for moving.
    """
    standings = [s for s in standing.of_schools(School.objects.visible_to(user)) if s.points]
    through = standing.newest_day(standings)
    if through is None:
        return None
    current = [s for s in standings if s.latest and s.latest.as_of == through]
    entries = [_entry(s) for s in current if not s.school.excluded_from_rates]
    moved = sorted(
        (e for e in entries if (e.moved.order or 0) > 0), key=lambda e: -(e.moved.order or 0)
    )[:EACH]
    others = [e for e in entries if e not in moved]
    behind = [e for e in others if e.behind.order is not None and e.behind.order < 0]
    behind.sort(key=lambda e: e.behind.order or 0)
    if not any(e.behind.order is not None for e in entries):
        behind = [e for e in others if e.rate.order is not None and not e.rate.small]
        behind.sort(key=lambda e: e.rate.order or 0)
    return Digest(through, len(current), moved, behind[:EACH])


def send(*, now: dt.datetime) -> int:
    """Sends what is new to every coordinator who wants it; returns how many mails went out.

    Whoever has been told of these figures already is left out, so that it can be called again.
    """
    sent = 0
    for user in coordinators():
        digest = compose(user)
        choice, _made = DigestChoice.objects.get_or_create(user=user)
        if digest is None or (choice.told_through and choice.told_through >= digest.through):
            continue
        claimed = DigestChoice.objects.filter(pk=choice.pk, told_through=choice.told_through)
        if not claimed.update(told_through=digest.through):
            continue  # another worker tells this person
        try:
            message(choice, digest, now=now).send()
        except OSError as error:  # the mail server is away: next time again
            DigestChoice.objects.filter(pk=choice.pk).update(told_through=choice.told_through)
            logger.warning("A digest could not be sent (%s)", type(error).__name__)
        else:
            sent += 1
    return sent


def message(choice: DigestChoice, digest: Digest, *, now: dt.datetime) -> EmailMultiAlternatives:
    """The digest as a mail in the person's language, with its own way out (RFC 8058)."""
    stop = settings.PUBLIC_URL + reverse("completion-digest-stop", args=[token(choice.user)])
    with translation.override(choice.language):
        subject = _("Completion through %(day)s: who moved, who needs help") % {
            "day": formats.day(digest.through)
        }
        context = {
            "digest": digest,
            "day": formats.day(digest.through),
            "site": settings.PUBLIC_URL,
            "stop": stop,
            "year": timezone.localdate(now).year,
        }
        mail = EmailMultiAlternatives(
            subject,
            render_to_string("completion/digest/mail.txt", context),
            to=[choice.user.email],
            headers={
                "List-Unsubscribe": f"<{stop}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
        mail.attach_alternative(
            render_to_string("completion/digest/mail.html", context), "text/html"
        )
    if settings.TRANSPORT == "sandbox" and settings.EMAIL_URL:
        mail.connection = get_connection(CONSOLE)  # a mail server is set, but nothing may leave
    return mail


def token(user: User) -> str:
    """Names a person in the link that ends the digest; good for nothing else."""
    return signing.Signer(salt=SALT).sign(str(user.pk)).replace(":", ".")


def person_of(signed: str) -> User | None:
    """The person whom a link names; None for a link that nobody was given."""
    try:
        number = signing.Signer(salt=SALT).unsign(signed.replace(".", ":"))
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=number).first()


def _entry(school: SchoolStanding) -> Entry:
    before = school.previous.completed if school.previous else None
    rate = school.rate()
    moved = suppression.NO_FIGURE
    if rate and before is not None and school.seniors and school.seniors.number:
        moved = suppression.rate_change(rate, Rate.of(before, school.seniors.number))
    behind = suppression.rate_change(rate, school.rate_last_year())
    return Entry(school.school, suppression.rate(rate), moved, behind)

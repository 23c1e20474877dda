"""The coordinators' weekly digest: where schools moved most, and where help is needed.

It holds told figures only (suppression.py), goes out once for each new week of figures, and ends
with one click.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from completion import formats, movers
from completion.models import DigestChoice
from completion.movers import Movers
from schools.models import Role, User

logger = logging.getLogger(__name__)

SALT = "completion.digest"
CONSOLE = "django.core.mail.backends.console.EmailBackend"


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


def send(*, now: dt.datetime) -> int:
    """Sends what is new to every coordinator who wants it; returns how many mails went out.

    Whoever has been told of these figures already is left out, so that it can be called again.
    """
    sent = 0
    for user in coordinators():
        digest = movers.of(user)
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


def message(choice: DigestChoice, digest: Movers, *, now: dt.datetime) -> EmailMultiAlternatives:
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

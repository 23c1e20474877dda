"""E-mail through any SMTP server, by Django's mail backend (EMAIL_URL)."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from campaigns.transports import Fate, Outcome, Parcel

TIMEOUT = 30


class SmtpEmail:
    name = "smtp"
    has_a_log = False
    together = False

    def send(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        try:
            connection = get_connection(timeout=TIMEOUT)
        except TypeError:  # a backend that knows no timeout (console, memory)
            connection = get_connection()
        try:
            connection.open()
        except smtplib.SMTPAuthenticationError:
            yield from (Outcome(p.message, Fate.REFUSED, code="smtp-535") for p in parcels)
            return
        except (OSError, smtplib.SMTPException):
            yield from (Outcome(p.message, Fate.NOT_SENT) for p in parcels)
            return
        cut = False
        for parcel in parcels:
            if cut or parcel.too_late:
                yield Outcome(parcel.message, Fate.NOT_SENT)
                continue
            outcome = _send(connection, parcel)
            cut = outcome.fate == Fate.UNKNOWN
            yield outcome
        if not cut:
            connection.close()

    def find(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """SMTP keeps no log that could be asked."""
        return [Outcome(parcel.message, Fate.UNKNOWN) for parcel in parcels]


def _send(connection: object, parcel: Parcel) -> Outcome:
    headers = {"X-Message-Id": str(parcel.message)}
    if parcel.unsubscribe_url:  # RFC 8058
        headers["List-Unsubscribe"] = f"<{parcel.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        parcel.subject,
        parcel.body,
        settings.FROM_EMAIL,
        [parcel.to],
        headers=headers,
        connection=connection,
    )
    if parcel.html:
        mail.attach_alternative(parcel.html, "text/html")
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        return _refusal(parcel, next((n for n, _words in error.recipients.values()), 550))
    except smtplib.SMTPResponseException as error:
        return _refusal(parcel, error.smtp_code)
    except (OSError, smtplib.SMTPException):
        return Outcome(parcel.message, Fate.UNKNOWN)
    return Outcome(parcel.message, Fate.ACCEPTED)


def _refusal(parcel: Parcel, number: int) -> Outcome:
    """A reply of 500 and above is final; one of 400 may be tried again (RFC 5321 4.2.1)."""
    if number >= 500:
        return Outcome(parcel.message, Fate.REFUSED, code=f"smtp-{number}")
    return Outcome(parcel.message, Fate.NOT_SENT)

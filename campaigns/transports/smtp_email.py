"""E-mail through any SMTP server, by Django's mail backends."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable, Sequence
from email.utils import formataddr, make_msgid

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from campaigns.transports import Outcome, Parcel, Result

TEMPORARY = range(400, 500)


class SmtpEmail:
    name = "smtp"
    most = 100

    def send(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """One message after the other on one connection."""
        connection = get_connection()
        try:
            connection.open()
        except OSError:
            for parcel in parcels:
                yield Outcome(parcel.message_id, Result.LATER, code="no_connection")
            return
        try:
            for parcel in parcels:
                yield self._send(parcel, connection)
        finally:
            connection.close()

    def find(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """SMTP keeps no log that could be asked."""
        return ()

    def _send(self, parcel: Parcel, connection: object) -> Outcome:
        name = make_msgid(str(parcel.message_id))
        headers = {"Message-ID": name}
        if parcel.unsubscribe_url:
            headers["List-Unsubscribe"] = f"<{parcel.unsubscribe_url}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail = EmailMultiAlternatives(
            parcel.subject,
            parcel.body,
            formataddr((parcel.sender_name, settings.FROM_EMAIL)),
            [parcel.to],
            headers=headers,
            connection=connection,
        )
        mail.attach_alternative(parcel.html, "text/html")
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            result = Result.LATER if code in TEMPORARY else Result.REFUSED
            return Outcome(parcel.message_id, result, code=f"smtp-{code}")
        except smtplib.SMTPResponseException as error:
            result = Result.LATER if error.smtp_code in TEMPORARY else Result.REFUSED
            return Outcome(parcel.message_id, result, code=f"smtp-{error.smtp_code}")
        except OSError:
            return Outcome(parcel.message_id, Result.UNKNOWN, code="no_answer")
        return Outcome(parcel.message_id, Result.ACCEPTED, name)

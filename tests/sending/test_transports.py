"""What every transport promises, tried on all four: the one small interface, kept."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from campaigns.sending import errors
from campaigns.transports import Fate, Parcel, Transport, for_channel
from contacts.models import Channel
from tests.providers.smtp import PASSWORD, USER, MailServer

ADDRESSES = {
    Channel.SMS: [f"+1206555{at:04d}" for at in range(100, 130)],
    Channel.EMAIL: [f"family{at}@example.org" for at in range(30)],
}


@dataclass
class Carrier:
    """A transport, and what the provider behind it can be asked to do."""

    name: str
    channel: str
    transport: Transport
    carried: Callable[[], Counter[str]]
    requests: Callable[[], int] = lambda: 0
    fail: Callable[[str], None] | None = None  # the next request: "cut_after", "busy"
    refuse: Callable[[str], None] | None = None
    wrong_password: Callable[[], None] | None = None
    vanish: Callable[[], None] | None = None
    can_be_asked: bool = False

    def parcels(self, count: int) -> list[Parcel]:
        addresses = ADDRESSES[Channel(self.channel)]
        return [
            Parcel(
                message=at + 1,
                channel=self.channel,
                to=addresses[at],
                subject="Time to apply",
                body=f"Words for family {at}",
                html=f"<p>Words for family {at}</p>" if self.channel == Channel.EMAIL else "",
                unsubscribe_url=f"https://aid.example.org/u/{at}/",
                campaign=1,
            )
            for at in range(count)
        ]

    def send(self, parcels: list[Parcel]) -> dict[int, Any]:
        """Outcomes by message; there must be exactly one for each."""
        found = list(self.transport.send(parcels))
        assert sorted(o.message for o in found) == sorted(p.message for p in parcels)
        return {outcome.message: outcome for outcome in found}


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(params=["twilio", "sendgrid", "smtp", "sandbox"])
def carrier(request, settings) -> Carrier:
    name = request.param
    if name == "sandbox":
        settings.TRANSPORT = "sandbox"
        return Carrier(name, Channel.SMS, for_channel(Channel.SMS), Counter)
    if name == "smtp":
        settings.TRANSPORT = "live"
        server = request.getfixturevalue("mail_server")
        settings.EMAIL_URL = "smtp://"
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        return Carrier(
            name,
            Channel.EMAIL,
            for_channel(Channel.EMAIL),
            carried=lambda: server.mails_by_address,
            fail=server.faults.append,
            refuse=server.refused.add,
            wrong_password=lambda: setattr(settings, "EMAIL_HOST_PASSWORD", "wrong"),
            vanish=lambda: setattr(settings, "EMAIL_PORT", 1),
        )
    providers = request.getfixturevalue("providers")
    journal = providers.journal
    if name == "twilio":
        return Carrier(
            name,
            Channel.SMS,
            for_channel(Channel.SMS),
            carried=lambda: journal.texts_by_number,
            requests=lambda: journal.text_requests,
            fail=lambda how: journal.text_faults.append("429" if how == "busy" else how),
            refuse=lambda to: journal.refused.update({to: 21614}),
            wrong_password=lambda: setattr(settings, "TWILIO_AUTH_TOKEN", "wrong"),
            vanish=lambda: setattr(settings, "TWILIO_API_URL", "http://127.0.0.1:1"),
            can_be_asked=True,
        )
    return Carrier(
        name,
        Channel.EMAIL,
        for_channel(Channel.EMAIL),
        carried=lambda: journal.mails_by_address,
        requests=lambda: journal.mail_requests,
        fail=lambda how: journal.mail_faults.append("429" if how == "busy" else how),
        wrong_password=lambda: setattr(settings, "SENDGRID_API_KEY", "wrong"),
        vanish=lambda: setattr(settings, "SENDGRID_API_URL", "http://127.0.0.1:1"),
    )


def needs(carrier: Carrier, ability: str) -> Callable[..., None]:
    found: Callable[..., None] | None = getattr(carrier, ability)
    if found is None:
        pytest.skip(f"{carrier.name} has nobody behind it that could do this")
    return found


def test_each_parcel_is_carried_once_and_accounted_for(carrier):
    parcels = carrier.parcels(30)
    found = carrier.send(parcels)
    assert {outcome.fate for outcome in found.values()} == {Fate.ACCEPTED}
    if carrier.name != "sandbox":
        assert carrier.carried() == Counter(parcel.to for parcel in parcels)


def test_nothing_to_carry_is_nothing(carrier):
    assert list(carrier.transport.send([])) == []
    assert list(carrier.transport.find([])) == []


def test_a_parcel_whose_lease_is_over_does_not_leave(carrier):
    if carrier.name == "sandbox":
        pytest.skip("nothing leaves the sandbox")
    late = [replace(p, give_up_at=time.monotonic() - 1) for p in carrier.parcels(3)]
    assert {o.fate for o in carrier.send(late).values()} == {Fate.NOT_SENT}
    assert not carrier.carried()


def test_in_the_last_seconds_of_the_lawful_hours_no_parcel_leaves(carrier):
    if carrier.name == "sandbox":
        pytest.skip("nothing leaves the sandbox")
    late = [replace(p, closes_at=time.monotonic() + 2) for p in carrier.parcels(3)]
    assert {o.fate for o in carrier.send(late).values()} == {Fate.NOT_SENT}
    assert not carrier.carried()


def test_where_nobody_answers_it_may_be_tried_again(carrier):
    needs(carrier, "vanish")()
    assert {o.fate for o in carrier.send(carrier.parcels(2)).values()} == {Fate.NOT_SENT}


def test_a_lost_answer_is_never_taken_for_a_no(carrier):
    needs(carrier, "fail")("cut_after")
    [outcome] = carrier.send(carrier.parcels(1)).values()
    assert outcome.fate == Fate.UNKNOWN
    assert sum(carrier.carried().values()) == 1
    [found] = carrier.transport.find(carrier.parcels(1))
    assert found.fate == (Fate.ACCEPTED if carrier.can_be_asked else Fate.UNKNOWN)


def test_a_transport_says_whether_its_provider_can_be_asked(carrier):
    assert carrier.transport.has_a_log == (carrier.can_be_asked or carrier.name == "sandbox")


def test_only_who_takes_many_in_one_request_says_so(carrier):
    carrier.send(carrier.parcels(5))
    assert carrier.transport.together == (carrier.requests() == 1)


def test_a_busy_provider_has_not_taken_it_and_is_not_asked_twice(carrier):
    needs(carrier, "fail")("busy")
    [outcome] = carrier.send(carrier.parcels(1)).values()
    assert outcome.fate == Fate.NOT_SENT
    assert not carrier.carried()
    assert carrier.requests() <= 1
    if outcome.code:
        assert errors.meaning_of(outcome.code).kind == errors.Kind.TEMPORARY


def test_one_bad_address_stops_no_other(carrier):
    parcels = carrier.parcels(3)
    needs(carrier, "refuse")(parcels[1].to)
    found = carrier.send(parcels)
    assert [found[p.message].fate for p in parcels] == [
        Fate.ACCEPTED,
        Fate.REFUSED,
        Fate.ACCEPTED,
    ]
    assert errors.meaning_of(found[parcels[1].message].code).kind == errors.Kind.PERMANENT


def test_wrong_credentials_are_ours_to_mend(carrier):
    needs(carrier, "wrong_password")()
    found = carrier.send(carrier.parcels(2))
    assert {o.fate for o in found.values()} == {Fate.REFUSED}
    meanings = [errors.meaning_of(o.code) for o in found.values()]
    assert all(m.kind == errors.Kind.OURS and m.mend for m in meanings)
    assert not carrier.carried()


# E-mail -------------------------------------------------------------------------------------


def test_a_mail_by_smtp_has_both_forms_and_one_click_unsubscribe(mail_server, settings):
    settings.TRANSPORT = "live"
    settings.EMAIL_URL = "smtp://"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    carrier = Carrier("smtp", Channel.EMAIL, for_channel(Channel.EMAIL), Counter)
    carrier.send(carrier.parcels(1))
    [mail] = mail_server.mails
    assert mail["List-Unsubscribe"] == "<https://aid.example.org/u/0/>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_body(("plain",)).get_content().strip() == "Words for family 0"
    assert "<p>Words for family 0</p>" in mail.get_body(("html",)).get_content()


def test_a_thousand_mails_are_one_request_with_each_its_own_headers(providers):
    transport = for_channel(Channel.EMAIL)
    parcels = [
        Parcel(
            message=at,
            channel=Channel.EMAIL,
            to=f"family{at}@example.org",
            subject=f"For {at}",
            body=f"Words {at}",
            html=f"<p>Words {at}</p>",
            unsubscribe_url=f"https://aid.example.org/u/{at}/",
            campaign=7,
        )
        for at in range(1_001)
    ]
    assert {o.fate for o in transport.send(parcels)} == {Fate.ACCEPTED}
    assert providers.journal.mail_requests == 2
    for mail in providers.journal.mails:
        at = mail["message_id"]
        assert mail["to"] == f"family{at}@example.org"
        assert mail["subject"] == f"For {at}"
        assert mail["html"] == f"<p>Words {at}</p>"
        assert mail["headers"] == {
            "List-Unsubscribe": f"<https://aid.example.org/u/{at}/>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        assert mail["categories"] == ["campaign-7"]


def test_connections_to_twilio_stay_open_from_batch_to_batch(providers):
    transport = for_channel(Channel.SMS)
    for batch in range(4):
        transport.send(
            [
                Parcel(message=at, channel=Channel.SMS, to=f"+1206555{at:04d}", body=f"{batch}")
                for at in range(1, 21)
            ]
        )
    assert len(providers.journal.texts) == 80
    assert len(providers.journal.connections) <= 50

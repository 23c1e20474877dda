"""A family adds or changes its e-mail address by itself, and only whoever reads it says yes."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.family_pages import links, new_mailbox
from campaigns.models import Message, MessageState, Reply
from campaigns.sending import delivery
from contacts import consent, editing, signals
from contacts.models import Channel, ConsentEntry, Contact, ContactPoint, Suppression
from tests.campaigns.conftest import Town
from tests.families.conftest import write_to
from tests.families.test_conversations import as_

pytestmark = pytest.mark.django_db
NEW = "rosa.new@example.org"


@pytest.fixture
def page(phone: ContactPoint) -> str:
    return f"/f/{links.make_token(write_to(phone), links.FAMILY)}/"


def ask(page: str, address: str = NEW) -> str:
    """Fills in the form; returns what the page then says."""
    answer = Client().post(page, {"action": "mailbox", "email": address}, follow=True)
    found = re.search(r'class="f-(?:ok|error)" role="\w+">(.*?)</p>', answer.content.decode())
    assert found
    return found[1]


def link_to(address: str = NEW) -> str:
    """The link in the newest message to an address, as it left."""
    delivery.deliver(Channel.EMAIL, now=timezone.now())
    sent = Message.objects.filter(channel=Channel.EMAIL, state=MessageState.SENT).latest("pk")
    assert delivery.parcel_to_find(sent).to == address  # type: ignore[union-attr]
    found = re.search(r"http://localhost:8000(/e/\S+)", sent.body)
    assert found
    return found[1]


def usable(contact: Contact) -> set[str]:
    return {
        point.address
        for point in consent.allowed(contact.points.all())
        if point.channel == Channel.EMAIL
    }


def test_an_address_is_used_once_its_link_was_followed_and_yes_was_said(
    page: str, family: Contact
) -> None:
    said = ask(page)
    assert "on its way" in said
    link = link_to()
    assert usable(family) == {"rosa@example.org"}
    assert Client().get(link).status_code == 200  # as a scanner does
    assert usable(family) == {"rosa@example.org"}
    assert "We will write to you here" in Client().post(link).content.decode()
    assert usable(family) == {NEW}  # in place of the one before
    Client().post(link)
    assert family.points.filter(channel=Channel.EMAIL).count() == 2


def test_the_ledger_says_how_and_when_we_know(
    page: str, clock: time_machine.Traveller, town: Town, family: Contact
) -> None:
    ask(page)
    link = link_to()
    clock.shift(dt.timedelta(hours=2))
    Client().post(link)
    entry = ConsentEntry.objects.get()
    assert (entry.action, entry.basis) == ("given", "confirmed link")
    assert timezone.now() - entry.at < dt.timedelta(minutes=1)
    assert entry.contact_point == family.points.get(removed_on=None, channel=Channel.EMAIL)
    shown = as_(town.counselor()).get(reverse("contact", args=[family.pk])).content.decode()
    assert "Followed a link sent to the address" in shown
    thread = as_(town.counselor()).get(reverse("inbox-thread", args=[family.pk]))
    assert "A new e-mail address" in thread.content.decode()
    assert "open this link" in thread.content.decode()


def test_a_family_without_one_adds_it(town: Town) -> None:
    family = town.family("Luis", phone="+13605550122", email=None)
    page = f"/f/{links.make_token(write_to(family.points.get()), links.FAMILY)}/"
    assert "Add an e-mail address" in Client().get(page).content.decode()
    ask(page)
    Client().post(link_to())
    assert usable(family) == {NEW}


def test_no_import_brings_the_old_address_back(page: str, family: Contact) -> None:
    ask(page)
    Client().post(link_to())
    points = family.points.filter(channel=Channel.EMAIL)
    assert set(points.values_list("by_hand", flat=True)) == {True}


def test_the_page_says_the_same_whatever_we_know_of_an_address(
    page: str, town: Town, family: Contact
) -> None:
    town.family("Luis", phone=None, email="known@example.org")
    town.family("Eva", phone=None, email="silent@example.org")
    index = ContactPoint.objects.at(Channel.EMAIL, "silent@example.org").get().address_index
    consent.withdraw(Channel.EMAIL, index, reason="stop", basis="reply", at=timezone.now())
    said = {ask(page, address) for address in (NEW, "known@example.org", "silent@example.org")}
    assert len(said) == 1
    sent_to = set(Message.objects.filter(channel=Channel.EMAIL).values_list("address_index"))
    assert (index,) not in sent_to
    assert len(sent_to) == 2


@pytest.mark.parametrize("when", ["before it is sent", "before it is followed"])
def test_a_mailbox_that_says_no_meanwhile_is_left_alone(
    page: str, family: Contact, when: str
) -> None:
    ask(page)
    message = Message.objects.get(channel=Channel.EMAIL)
    link = "" if when == "before it is sent" else link_to()
    consent.withdraw(
        Channel.EMAIL,
        message.address_index,
        reason=Suppression.Reason.UNSUBSCRIBED,
        basis="one-click",
        at=timezone.now(),
    )
    if link:
        assert "We cannot write" in Client().post(link).content.decode()
    else:
        delivery.deliver(Channel.EMAIL, now=timezone.now())
        message.refresh_from_db()
        assert (message.state, message.reason) == (MessageState.SKIPPED, "suppressed")
    assert usable(family) == {"rosa@example.org"}


@pytest.mark.parametrize("written", ["", "rosa", "rosa@", "a@b@c.org", "none@none.com", "x" * 400])
def test_what_is_no_address_is_asked_for_again(page: str, written: str) -> None:
    assert "whole e-mail address" in ask(page, written)
    assert not Reply.objects.exists()


def test_three_times_a_day_and_family_and_once_an_address(
    page: str, town: Town, clock: time_machine.Traveller
) -> None:
    other = town.family("Luis", phone="+13605550122", email=None)
    others = f"/f/{links.make_token(write_to(other.points.get()), links.FAMILY)}/"
    for _time in range(new_mailbox.MOST_A_DAY):
        ask(page)
    assert "tomorrow" in ask(page)
    ask(others)  # another family may ask, but that mailbox has had its link today
    assert Message.objects.filter(channel=Channel.EMAIL).count() == 1
    clock.shift(dt.timedelta(days=1, minutes=1))
    assert "on its way" in ask(page)
    assert Message.objects.filter(channel=Channel.EMAIL).count() == 2


def test_a_link_ends_after_three_days_and_a_forged_one_does_nothing(
    page: str, family: Contact, clock: time_machine.Traveller
) -> None:
    ask(page)
    link = link_to()
    message = Message.objects.get(channel=Channel.EMAIL)
    for purpose in (links.FAMILY, links.UNSUBSCRIBE):
        assert Client().post(f"/e/{links.make_token(message, purpose)}/").status_code == 404
    assert Client().get(f"/f/{link.split('/')[2]}/").status_code == 404
    clock.shift(dt.timedelta(days=3, minutes=1))
    assert Client().post(link).status_code == 404
    assert usable(family) == {"rosa@example.org"}


def test_what_nobody_confirmed_is_forgotten(
    page: str, family: Contact, clock: time_machine.Traveller
) -> None:
    ask(page)
    assert new_mailbox.forget(timezone.now()) == 0
    clock.shift(dt.timedelta(days=3, minutes=1))
    assert new_mailbox.forget(timezone.now()) == 1
    reply = Reply.objects.get()
    assert (reply.body, reply.sender) == ("", "")


def test_the_message_and_its_page_say_nothing_of_the_family(
    page: str, family: Contact, settings: LazySettings
) -> None:
    ask(page)
    link = link_to()
    message = Message.objects.get(channel=Channel.EMAIL)
    html = Client().get(link).content.decode()
    for private in ("Ana", "Rosa", family.last_name, "rosa@"):
        assert private not in html
        assert private not in message.body
    assert "Lincoln High School" in html
    assert "1 Main Street" in message.body
    assert "<script" not in html


def test_the_link_is_given_out_and_blanked_with_the_family(page: str, family: Contact) -> None:
    ask(page)
    found: dict[str, list[dict[str, object]]] = {}
    signals.exporting.send(Contact, contacts=[family], students=[], found=found)
    assert any("open this link" in str(message["body"]) for message in found["messages"])
    signals.erasing.send(Contact, contacts=[family], students=[])
    message = Message.objects.get(channel=Channel.EMAIL)
    assert (message.body, message.state) == ("", MessageState.CANCELLED)


def test_erasing_a_family_takes_its_request_along(page: str, family: Contact) -> None:
    ask(page)
    link = link_to()
    family.delete()
    assert "We cannot write" in Client().post(link).content.decode()
    assert not ContactPoint.objects.at(Channel.EMAIL, NEW).exists()


# A mailbox that is the family's no more --------------------------------------------------------


def from_mail(mailbox: ContactPoint) -> str:
    """The family's page as a message to its mailbox leads to it."""
    return f"/f/{links.make_token(write_to(mailbox), links.FAMILY)}/"


def test_a_wrong_mailbox_that_was_taken_away_opens_the_page_no_more(
    mailbox: ContactPoint, family: Contact
) -> None:
    page = from_mail(mailbox)
    assert Client().get(page).status_code == 200
    editing.take_away(mailbox, today=timezone.localdate(), by=None)
    assert Client().get(page).status_code == 404
    assert Client().get(f"{page}date.ics").status_code == 404
    assert Client().post(page, {"action": "mailbox", "email": NEW}).status_code == 404
    assert not Reply.objects.exists()
    stop = f"/u/{links.make_token(Message.objects.get(), links.UNSUBSCRIBE)}/"
    assert Client().post(stop).status_code == 200  # a no is always heard
    assert Suppression.objects.active().exists()


def test_the_page_of_a_contact_who_has_left_is_closed(
    mailbox: ContactPoint, family: Contact
) -> None:
    Contact.objects.filter(pk=family.pk).update(left_on=timezone.localdate())
    assert Client().get(from_mail(mailbox)).status_code == 404


def test_what_a_wrong_mailbox_asked_for_before_it_was_taken_away_is_void(
    mailbox: ContactPoint, family: Contact
) -> None:
    ask(from_mail(mailbox))
    link = link_to()
    editing.take_away(mailbox, today=timezone.localdate(), by=None)
    assert "We cannot write" in Client().post(link).content.decode()
    assert usable(family) == set()


def test_a_replaced_mailbox_does_not_take_the_family_back(
    page: str, mailbox: ContactPoint, family: Contact
) -> None:
    ask(from_mail(mailbox), "back@example.org")
    back = link_to("back@example.org")
    ask(page)
    Client().post(link_to())
    assert "We cannot write" in Client().post(back).content.decode()
    assert usable(family) == {NEW}


def after_the_change(page: str) -> dict[str, str]:
    """What the family's addresses hear once a new one is confirmed, by where it went."""
    ask(page)
    link = link_to()
    before = set(Message.objects.values_list("pk", flat=True))
    for _again in range(2):
        Client().post(link)
    for channel in Channel:
        delivery.deliver(channel, now=timezone.now())
    new = Message.objects.exclude(pk__in=before).filter(state=MessageState.SENT)
    return {message.contact_point.address: message.body for message in new}  # type: ignore[union-attr]


def test_the_mailbox_that_was_replaced_and_the_phone_hear_of_it_once(page: str) -> None:
    heard = after_the_change(page)
    assert set(heard) == {"rosa@example.org", "+13605550111"}
    for words in heard.values():
        assert "to another e-mail address" in words
        assert NEW not in words
    assert "1 Main Street" in heard["rosa@example.org"]


def test_who_may_not_be_written_to_does_not_hear_of_it_either(
    page: str, mailbox: ContactPoint, phone: ContactPoint
) -> None:
    for point, reason in ((mailbox, "unsubscribed"), (phone, "stop")):
        index = point.address_index
        consent.withdraw(point.channel, index, reason=reason, basis="reply", at=timezone.now())
    assert after_the_change(page) == {}


def test_nothing_else_goes_to_the_mailbox_that_was_replaced(
    page: str, mailbox: ContactPoint
) -> None:
    other = write_to(mailbox, state=MessageState.PENDING)
    Message.objects.filter(pk=other.pk).update(not_before=timezone.now() + dt.timedelta(hours=1))
    after_the_change(page)
    delivery.deliver(Channel.EMAIL, now=timezone.now() + dt.timedelta(hours=2))
    other.refresh_from_db()
    assert (other.state, other.reason) == (MessageState.SKIPPED, "no_consent")

"""An e-mail where no text can go, also where that is seen only when the text is tried."""

from __future__ import annotations

import datetime as dt

import pytest

from campaigns import control
from campaigns.inbox import replies
from campaigns.models import Message, MessageState, Step
from contacts.models import AidStatus, Channel, ContactPoint, Student
from tests.sending.test_undelivered import tell  # noqa: F401 (a fixture)

SMS_FIRST = Step.Channels.SMS_FIRST


def phone(n: int = 0) -> ContactPoint:
    return ContactPoint.objects.filter(channel=Channel.SMS).order_by("created_at", "pk")[n]


def mailbox_of(point: ContactPoint) -> str:
    return str(point.contact.points.get(channel=Channel.EMAIL).address)


def test_a_number_that_takes_no_texts_is_followed_by_an_e_mail_at_once(world, providers):
    world.families(3, email=True)
    landline = phone()
    providers.journal.refused[landline.address] = 21614
    campaign = world.launched(SMS_FIRST)
    world.tick()
    assert len(providers.journal.texts) == 2
    assert providers.journal.mails_by_address == {mailbox_of(landline): 1}
    campaign.refresh_from_db()
    assert campaign.state == "finished"
    world.tick(minutes=5)
    assert len(providers.journal.texts) + sum(providers.journal.mails_by_address.values()) == 3


def test_so_is_one_of_which_the_carrier_tells_later(world, providers, tell):  # noqa: F811
    world.families(2, email=True)
    campaign = world.launched(SMS_FIRST)
    world.tick()
    assert not providers.journal.mails_by_address
    tell(providers.journal.texts[0], "undelivered", "30006")
    world.tick(minutes=60)
    gone = ContactPoint.objects.get(unusable="30006")
    assert providers.journal.mails_by_address == {mailbox_of(gone): 1}
    campaign.refresh_from_db()
    assert campaign.state == "finished"


@pytest.mark.parametrize("channels", [Step.Channels.SMS, Step.Channels.BOTH])
def test_only_where_the_step_says_so(world, providers, channels):
    world.families(1, email=True)
    providers.journal.refused[phone().address] = 21614
    world.launched(channels)
    world.tick()
    world.tick(minutes=5)
    assert sum(providers.journal.mails_by_address.values()) == (channels == Step.Channels.BOTH)


def landline_and(number: str, world, providers) -> ContactPoint:
    """A family's second number, where its first turns out to be a landline."""
    world.families(1, email=True)
    first = phone()
    providers.journal.refused[first.address] = 21614
    second = ContactPoint(contact=first.contact, channel=Channel.SMS, consent=first.consent)
    second.set_address(number)
    second.save()
    return second


@pytest.mark.parametrize("then", ["nothing", "stop", "removed", "changed"])
def test_whoever_has_another_number_that_works_has_heard_by_it(world, providers, then):
    second = landline_and("+12065559999", world, providers)
    world.launched(SMS_FIRST)
    world.tick()
    second.refresh_from_db()
    if then == "stop":
        replies.stop(Channel.SMS, second.address_index, basis="reply", now=world.now)
    elif then == "removed":
        second.removed_on = world.now.date()
        second.save()
    elif then == "changed":
        second.set_address("+12065559998")
        second.unusable = "30005"
        second.save()
    world.tick(minutes=5)
    assert list(providers.journal.texts_by_number) == ["+12065559999"]
    assert not providers.journal.mails_by_address


def test_whoever_stops_before_the_other_number_fails_gets_no_e_mail(world, providers, tell):  # noqa: F811
    second = landline_and("+12065559999", world, providers)
    providers.journal.refused.clear()
    replies.stop(Channel.SMS, second.address_index, basis="reply", now=world.now)
    world.launched(SMS_FIRST)
    world.tick()
    [text] = providers.journal.texts
    tell(text, "undelivered", "30006")
    world.tick(minutes=5)
    assert not providers.journal.mails_by_address


def test_two_numbers_that_take_no_texts_are_followed_by_one_e_mail(world, providers, tell):  # noqa: F811
    second = landline_and("+12065559999", world, providers)
    world.launched(SMS_FIRST)
    world.tick()
    tell(providers.journal.texts[0], "undelivered", "30005")
    world.tick(minutes=5)
    world.tick(minutes=5)
    assert providers.journal.mails_by_address == {mailbox_of(second): 1}


def test_whoever_blocked_us_is_not_written_to_by_another_way(world, providers, tell):  # noqa: F811
    world.families(1, email=True)
    world.launched(SMS_FIRST)
    world.tick()
    tell(providers.journal.texts[0], "undelivered", "30004")
    world.tick(minutes=5)
    assert not providers.journal.mails_by_address


def test_all_who_share_the_landline_get_the_e_mail(world, providers):
    world.families(2, email=True)
    first, second = phone(0), phone(1)
    second.set_address(first.address)
    second.save()
    providers.journal.refused[first.address] = 21614
    world.launched(SMS_FIRST)
    world.tick()
    world.tick(minutes=5)
    assert providers.journal.mails_by_address == {mailbox_of(first): 1, mailbox_of(second): 1}


@pytest.mark.parametrize("why", ["finished", "stopped", "too_late", "cancelled", "paused"])
def test_it_goes_to_nobody_who_would_not_get_the_step_now(world, providers, tell, why):  # noqa: F811
    world.families(2, email=True)
    campaign = world.launched(SMS_FIRST)
    world.step(campaign, due_at=world.now + dt.timedelta(days=30))
    world.tick()
    tell(providers.journal.texts[0], "undelivered", "30006")
    if why == "finished":
        Student.objects.update(aid_status=AidStatus.COMPLETED)
    elif why == "stopped":
        world.unsubscribes_everyone()
    elif why == "too_late":
        world.now += dt.timedelta(days=4)
    elif why == "cancelled":
        control.cancel(campaign, by=None, now=world.now)
    else:
        control.pause(campaign, by=None, now=world.now)
    world.tick(minutes=5)
    assert not providers.journal.mails_by_address
    assert not Message.objects.filter(channel=Channel.EMAIL, state=MessageState.PENDING).exists()


def test_a_held_out_family_gets_none(world, providers):
    world.families(20, email=True)
    for point in ContactPoint.objects.filter(channel=Channel.SMS):
        providers.journal.refused[point.address] = 21614
    campaign = world.launched(SMS_FIRST, hold_out_percent=50, seed=4)
    world.tick()
    campaign.refresh_from_db()
    held = campaign.assignments.filter(arm="held_out").values("household")
    mails = Message.objects.filter(channel=Channel.EMAIL)
    assert mails.count() == 10
    assert not mails.filter(household__in=held).exists()

"""Conversations with families, seen and answered by their own school only."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.inbox import replies
from campaigns.models import Message, MessageState, Reply
from campaigns.sending import delivery
from contacts.models import Channel, Contact, ContactPoint
from schools.models import Membership, Region, Role, User
from tests.campaigns.conftest import Town
from tests.families.conftest import text_in, write_to

pytestmark = pytest.mark.django_db
QUESTION = "Do I need my father's signature?"


@pytest.fixture
def asked(phone: ContactPoint) -> Reply:
    write_to(phone)
    return replies.receive(phone, QUESTION, now=timezone.now())


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def thread(contact: Contact) -> str:
    return reverse("inbox-thread", args=[contact.pk])


def test_the_counselor_sees_the_question_with_language_and_school(
    town: Town, family: Contact, asked: Reply
) -> None:
    client = as_(town.counselor())
    assert "signature" in client.get(reverse("inbox")).content.decode()
    html = client.get(thread(family)).content.decode()
    for part in ("English", "Lincoln High School", "the form is open", "signature"):
        assert part in html
    assert html.index("the form is open") < html.index("signature?")


def test_another_schools_counselor_and_a_coordinator_see_nothing(
    town: Town, family: Contact, asked: Reply
) -> None:
    elsewhere = as_(town.counselor(town.other_school))
    assert "signature" not in elsewhere.get(reverse("inbox") + "?show=all").content.decode()
    coordinator = User.objects.create_user("coordinator@example.org", "secret")
    region = Region.objects.create(code="ZZ-1", name="North", state=town.state)
    Membership.objects.create(user=coordinator, role=Role.COORDINATOR, region=region)
    for client, refused in ((elsewhere, 404), (as_(coordinator), 403)):
        assert client.get(thread(family)).status_code == refused
        assert client.post(thread(family), {"body": "Hello"}).status_code == refused
        handled = reverse("inbox-handled", args=[family.pk])
        assert client.post(handled).status_code == refused
    assert as_(coordinator).get(reverse("inbox")).status_code == 403
    asked.refresh_from_db()
    assert asked.handled_at is None
    assert Message.objects.filter(state=MessageState.PENDING).count() == 0


def test_an_answer_goes_out_at_any_hour_and_settles_the_question(
    town: Town, family: Contact, asked: Reply
) -> None:
    user = town.counselor()
    as_(user).post(thread(family), {"body": "Yes, one parent signs."})
    asked.refresh_from_db()
    assert asked.handled_by == user
    night = timezone.now().replace(hour=11, minute=0)  # three or four in the morning there
    Message.objects.filter(state=MessageState.PENDING).update(not_before=night)
    delivery.deliver(Channel.SMS, now=night)
    answer = Message.objects.latest("pk")
    assert (answer.state, answer.body) == (MessageState.SENT, "Yes, one parent signs.")


def test_a_family_that_stopped_cannot_be_answered_and_the_page_says_so(
    town: Town, family: Contact, asked: Reply
) -> None:
    for point in family.points.all():
        replies.stop(point.channel, point.address_index, basis="STOP", now=timezone.now())
    client = as_(town.counselor())
    assert "asked not to be written to" in client.get(thread(family)).content.decode()
    before = Message.objects.count()
    client.post(thread(family), {"body": "Hello"})
    assert Message.objects.count() == before


def test_the_status_is_set_beside_the_conversation(
    town: Town, family: Contact, asked: Reply
) -> None:
    client = as_(town.counselor())
    student = family.students.get()
    address = reverse("student-status", args=[student.pk])
    assert address in client.get(thread(family)).content.decode()
    client.post(address, {"status": "in_progress"})
    student.refresh_from_db()
    assert student.aid_status == "in_progress"


def test_an_answer_goes_where_the_family_wrote_from(
    town: Town, family: Contact, mailbox: ContactPoint, phone: ContactPoint
) -> None:
    replies.receive(mailbox, QUESTION, now=timezone.now())
    as_(town.counselor()).post(thread(family), {"body": "Yes."})
    assert Message.objects.get().channel == Channel.EMAIL


def test_what_waits_is_counted_once(town: Town, family: Contact, phone: ContactPoint) -> None:
    for at in range(3):
        text_in(f"Question {at}?", "+13605550111")
    client = as_(town.counselor())
    rows = client.get(reverse("inbox")).context["rows"]
    assert [row["contact"].waiting for row in rows] == [3]
    client.post(reverse("inbox-handled", args=[family.pk]))
    assert client.get(reverse("inbox")).context["rows"] == []

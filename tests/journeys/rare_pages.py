"""Pages that the demonstration shows only after something was brought in or went wrong."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from campaigns.family_pages import links, new_mailbox
from campaigns.inbox import inbound
from campaigns.inbox.inbound import Said
from campaigns.models import Campaign, CampaignState, Inbound, Message, MessageState, Reply
from completion.models import HeldFile, LayoutKind
from contacts.imports import uploads
from contacts.models import Channel, ContactPoint
from schools.models import School, User

CLASS = (
    "student_id,student_first_name,student_last_name,home_language,guardian_first_name,"
    "guardian_phone\n"
    "9001,Ana,Flores,Spanish,Marisol,206-555-0141\n"
    "9002,Linh,Tran,Elvish,Minh,12-34\n"
)
COUNTS = "Building,Done,Sent\nTamarack Ridge,12,20\n"


def of_staff(owner: User, school: School, now: dt.datetime) -> list[str]:
    """A class in its columns and in its preview, a table being named, a text nobody could read."""
    assert school.district
    columns, preview = (
        uploads.begin(name, CLASS.encode(), district=school.district, school=school, by=owner)
        for name in ("columns.csv", "preview.csv")
    )
    uploads.preview(preview, preview.mapping, now=now)
    held = HeldFile(
        kind=LayoutKind.COMPLETION,
        name="counts.csv",
        state=school.state,
        uploaded_by=owner,
        uploaded_at=now,
    )
    held.content = COUNTS.encode()
    held.save()
    inbound.keep(Channel.SMS, "set-aside", Said("+12065550188", "متى الموعد؟"), now=now)
    Inbound.objects.filter(name="set-aside").update(set_aside_at=now)
    point = ContactPoint.objects.filter(contact__students__school=school).first()
    assert point
    return [
        columns.get_absolute_url(),
        preview.get_absolute_url(),
        held.get_absolute_url(),
        reverse("inbox-set-aside"),
        reverse("contact-point-consent", args=[point.pk]),
        *_of_sending(school, now),
    ]


def _of_sending(school: School, now: dt.datetime) -> list[str]:
    """A request of e-mails whose fate nobody knows, and a campaign about to be cancelled."""
    campaign = Campaign.objects.filter(schools=school, state=CampaignState.FINISHED).first()
    assert campaign
    Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.PAUSED)
    lost = campaign.messages.filter(channel=Channel.EMAIL).values_list("pk", flat=True)[:3]
    Message.objects.filter(pk__in=list(lost)).update(state=MessageState.UNCERTAIN, claimed_at=now)
    return [reverse("uncertain"), reverse("campaign-cancel", args=[campaign.pk])]


def of_a_new_mailbox(now: dt.datetime) -> list[str]:
    """Where a family says that the mailbox it wrote on its page is its own."""
    message = Message.objects.filter(state=MessageState.DELIVERED, channel=Channel.SMS).first()
    assert message
    assert new_mailbox.ask("new.mailbox@example.org", message, now=now) == "mail"
    link = Message.objects.get(answers__meaning=Reply.Meaning.MAILBOX)
    return ["/" + links.mailbox_url(link).split("/", 3)[3]]

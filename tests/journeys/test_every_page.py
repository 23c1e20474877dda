"""Every page that each role can reach, at a desk's and a phone's width."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from campaigns import progress, published
from campaigns.family_pages import links
from campaigns.models import Campaign, CampaignState, Message, MessageState, Reply, StepText
from completion.evidence import results
from completion.models import SourceFile
from config.quickstart import world
from config.quickstart.places import JUNIPER, REGION, STATE
from contacts import review
from contacts.models import Contact, Student
from schools.models import School, User
from tests.journeys import hands, rare_pages

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

WIDTHS = (1280, 390)
SCHOOL = JUNIPER.schools[0].nces_id


def staff_pages() -> list[str]:
    draft = Campaign.objects.get(state=CampaignState.DRAFT)
    past = Campaign.objects.exclude(pk=draft.pk).filter(schools__nces_id=SCHOOL, variants=1).get()
    compared = Campaign.objects.get(variants=2)
    student = Student.objects.filter(school__nces_id=SCHOOL).first()
    contact = Contact.objects.filter(students=student).first() or Contact.objects.first()
    asked = Reply.objects.filter(meaning="question").exclude(contact=None).first()
    text = StepText.objects.filter(step__campaign=draft, language="ar").first()
    measured = Campaign.objects.filter(hold_out_percent__gt=0).first()
    assert student and contact and asked and text and measured
    named = [
        ("home", []),
        ("contacts", []),
        ("contacts-export", []),
        ("contact-edit", [contact.pk]),
        ("contact-add-address", [contact.pk]),
        ("contact-merge", [contact.pk]),
        ("contact-erase", [contact.pk]),
        ("student-edit", [student.pk]),
        ("student-merge", [student.pk]),
        ("student-erase", [student.pk]),
        ("retention-district", [JUNIPER.nces_id]),
        ("roster-service", [JUNIPER.nces_id]),
        ("contact", [contact.pk]),
        ("student", [student.pk]),
        ("contact-imports", []),
        ("contact-import-new", []),
        ("status-import-new", []),
        ("to-review", []),
        ("contact-doubles", []),
        ("status-questions", []),
        ("status-conflicts", []),
        ("file-words", []),
        ("campaigns", []),
        ("campaign-new", []),
        *((f"campaign-{step}", [draft.pk]) for step in ("what", "who", "words", "when", "review")),
        ("campaign-rule", [draft.pk]),
        ("campaign-step", [draft.pk, 1]),
        ("campaign-step-add", [draft.pk]),
        ("campaign-calendar", []),
        ("campaign", [past.pk]),
        ("packs", []),
        ("outbox", []),
        ("uncertain", []),
        ("inbox", []),
        ("inbox-strangers", []),
        ("inbox-thread", [asked.contact_id]),
        ("translations", []),
        ("translation", [text.pk]),
        ("library", ["ar"]),
        ("library-sentences", ["ar", "pages"]),
        ("library-sentence", ["ar", "sentences", "stop"]),
        ("library-text", ["ar", "form-opens", 1, "sms"]),
        ("completion", []),
        ("completion-import", []),
        ("completion-enrolments", []),
        ("completion-source", [SourceFile.objects.latest("pk").pk]),
        ("completion-matching", []),
        ("completion-campaigns", []),
        ("completion-campaign", [measured.pk]),
        ("completion-campaign", [compared.pk]),
        ("completion-staggered", []),
        ("completion-school", [SCHOOL]),
        ("completion-state", [STATE]),
        ("completion-api", []),
        ("completion-district", [JUNIPER.nces_id]),
        ("people", []),
        ("person", [User.objects.get(email="counselor@demo.invalid").pk]),
        ("settings", []),
        ("district-settings", [JUNIPER.nces_id]),
        ("district-sending", [JUNIPER.nces_id]),
        ("district-address", [JUNIPER.nces_id]),
        ("district-senders", [JUNIPER.nces_id]),
        ("deadlines", []),
        ("regions", []),
        ("workers", []),
        ("audit", []),
    ]
    return [reverse(name, args=args) for name, args in named]


def family_pages() -> list[str]:
    delivered = Message.objects.filter(state=MessageState.DELIVERED)
    found = []
    for language in ("en", "es", "ar"):
        message = delivered.filter(contact_point__contact__language=language).first()
        assert message is not None
        found += [links.family_url(message), links.unsubscribe_url(message)]
    return ["/" + url.split("/", 3)[3] for url in found]


def faults(
    page: Page, live_server: LiveServer, paths: list[str], *, dark: bool = False
) -> list[str]:
    found = []
    for path in paths:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            answer = page.goto(live_server.url + path)
            assert answer is not None
            where = f"{path} at {width}"
            if answer.status >= 400:
                found.append(f"{where}: {answer.status}")
                break
            found += [f"{where}: {fault}" for fault in hands.grave_faults(page)]
            if dark and width == WIDTHS[0]:
                found += [f"{where}, dark: {fault}" for fault in hands.faint_in_the_dark(page)]
            if hands.scrolls_sideways(page):
                found.append(f"{where}: scrolls sideways")
    return found


def test_no_page_has_a_grave_fault_for_any_reader(
    live_server: LiveServer, context: BrowserContext, page: Page
) -> None:
    world.make(timezone.now())
    refused: list[str] = []
    page.on(
        "console",
        lambda message: refused.append(message.text) if message.type == "error" else None,
    )
    now = timezone.now()
    theirs = [*family_pages(), *rare_pages.of_a_new_mailbox(now)]
    found = faults(page, live_server, [reverse("account_login"), *theirs], dark=True)
    owner = User.objects.get(email="owner@demo.invalid")
    hands.sign_in(context, live_server, owner)
    rare = rare_pages.of_staff(owner, School.objects.get(nces_id=SCHOOL), now)
    found += faults(page, live_server, rare, dark=True)
    found += faults(page, live_server, staff_pages())
    hands.sign_in(context, live_server, User.objects.get(email="coordinator@demo.invalid"))
    region = reverse("completion-region", args=[REGION])
    digest = reverse("completion-digest")
    found += faults(page, live_server, [region], dark=True)
    found += faults(page, live_server, [reverse("home"), reverse("completion"), digest])
    assert found == []
    assert refused == []


def test_the_demonstration_is_whole(live_server: LiveServer) -> None:
    now = timezone.now()
    world.make(now)
    assert Student.objects.count() == sum(school.seniors for school in JUNIPER.schools)
    assert set(Reply.objects.values_list("meaning", flat=True)) >= {"stop", "done", "question"}
    first, again = Campaign.objects.get(state=CampaignState.DRAFT).steps.order_by("position")
    assert first.due_at is not None
    assert again.due_at is not None
    assert now < first.due_at < now + dt.timedelta(days=2)
    assert first.due_at < again.due_at
    states = set(Message.objects.values_list("state", flat=True))
    assert {MessageState.DELIVERED, MessageState.FAILED, MessageState.UNCERTAIN} <= states
    assert not states & {MessageState.PENDING, MessageState.CLAIMED}
    counselor = User.objects.get(email="counselor@demo.invalid")
    assert [queue.name for queue in review.queues(counselor) if not queue.count] == []
    for campaign in Campaign.objects.exclude(launched_at=None):
        assert progress.of(campaign, now=now).opened > 0
    [line] = results.of(Campaign.objects.get(variants=2), now=now).wordings
    assert line.estimate and min(line.estimate.of, line.estimate.other_of) > 80
    [version] = published.offered_to(counselor)
    assert version.pack.region and version.pack.region.code == REGION

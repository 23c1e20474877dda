"""A counselor makes a campaign in five short steps, with or without JavaScript."""

import pytest
from django.urls import reverse

from campaigns.models import Campaign, CampaignState, Message, Step, StepText
from schools.models import Membership, Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def families(town):
    town.family("Ana", "Luis", language="es")
    town.family("Ben")
    town.family("Linh", language="vi", phone=None)


@pytest.fixture
def campaign(town, counselor, families):
    return town.adopts("form-opens", by=counselor)


def url(name, campaign, query=""):
    return reverse(f"campaign-{name}", args=[campaign.pk]) + query


def begin(client, pack="form-opens", **more):
    client.get(reverse("campaign-new"))
    page = client.get(reverse("campaign-new"))
    district = page.context["form"]["district"].value()
    return client.post(
        reverse("campaign-new"),
        {"pack": pack, "name": "", "district": getattr(district, "pk", district), **more},
    )


def test_the_whole_way_from_pack_to_launch(client, town, counselor, families):
    answer = begin(client)
    campaign = Campaign.objects.get()
    assert answer.url == url("who", campaign)
    assert campaign.state == CampaignState.DRAFT

    page = client.get(answer.url)
    assert page.context["reach"].students == 4
    answer = client.post(
        answer.url,
        {
            "schools": [town.school.pk],
            "statuses": ["not_started"],
            "channels": "both",
        },
    )
    assert answer.url == url("words", campaign)

    page = client.get(answer.url + "?language=es")
    assert "Ana y Luis" in page.content.decode()
    form = page.context["form"]
    words = {name: form[name].value() for name in form.fields}
    answer = client.post(answer.url + "?language=es", {**words, "then": "next"})
    assert answer.url == url("when", campaign)

    answer = client.post(
        answer.url, {"start": "now", "expires_after": 3, "hold_out_percent": 0, "follow_up": ""}
    )
    assert answer.url == url("review", campaign)

    page = client.get(answer.url)
    assert page.context["readiness"].ready
    assert page.context["reach"].all_messages == 5
    answer = client.post(url("launch", campaign))
    assert answer.url == reverse("campaign", args=[campaign.pk])
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.RUNNING
    assert client.get(answer.url).status_code == 200


def test_a_second_click_on_launch_changes_nothing(client, campaign):
    client.post(url("launch", campaign))
    launched = Campaign.objects.get().launched_at
    answer = client.post(url("launch", campaign), follow=True)
    assert answer.status_code == 200
    assert Campaign.objects.get().launched_at == launched


def test_the_count_follows_choices_that_are_not_saved(client, town, campaign):
    before = dict(campaign.audience)
    page = client.post(
        url("who-count", campaign),
        {"schools": [town.school.pk], "languages": ["es"], "channels": "sms"},
    )
    assert page.context["reach"].messages == {"sms": {"es": 1}}
    assert page.context["reach"].students == 2
    campaign.refresh_from_db()
    assert campaign.audience == before


def test_who_cannot_be_reached_is_said(client, town, campaign):
    page = client.get(url("who", campaign))
    assert page.context["reach"].messages["sms"] == {"es": 1, "en": 1}
    town.family("Nobody", phone=None, email=None)
    assert client.get(url("who", campaign)).context["reach"].left_out == {"no_address": 1}


def test_the_preview_shows_unsaved_words_for_a_real_family_and_their_cost(client, campaign):
    page = client.post(
        url("words-preview", campaign, "?language=es"), {"sms": "¿Ya llenó {student} la solicitud?"}
    )
    (preview,) = page.context["previews"]
    assert "Ana y Luis" in preview.body
    assert preview.cost.encoding == "UCS-2"
    assert preview.cost.segments == 2
    price, longer_because, *_ = preview.hints
    assert price == "About $24 for a thousand families."
    assert "ó" in longer_because


def test_an_unknown_placeholder_cannot_be_saved_and_is_named(client, campaign):
    page = client.post(
        url("words", campaign), {"sms": "Hi {studnet}", "subject": "x", "email": "y"}
    )
    assert page.status_code == 200
    assert "{studnet}" in str(page.context["form"].errors["sms"])
    assert not StepText.objects.filter(body__contains="studnet").exists()


def test_changed_spanish_waits_for_a_reader_and_the_reader_is_remembered(
    client, counselor, campaign
):
    form = client.get(url("words", campaign, "?language=es")).context["form"]
    words = {name: form[name].value() for name in form.fields} | {"sms": "Hola {student}: {link}"}
    client.post(url("words", campaign, "?language=es"), {**words, "then": "save"})
    text = StepText.objects.get(channel="sms", language="es")
    assert text.review == StepText.Review.DRAFT
    note = " ".join(client.get(url("review", campaign)).context["readiness"].notes)
    assert "Spanish" in note

    client.post(url("words", campaign, "?language=es"), {**words, "then": "approve"})
    text.refresh_from_db()
    assert (text.review, text.reviewed_by) == (StepText.Review.APPROVED, counselor)


def test_own_words_cannot_be_launched_before_they_are_written(client, town, counselor, families):
    begin(client, pack="own", name="Financial aid night")
    campaign = Campaign.objects.get()
    assert campaign.name == "Financial aid night"
    assert not client.get(url("review", campaign)).context["readiness"].ready
    client.post(
        url("words", campaign),
        {"sms": "Aid night on Friday", "subject": "Aid night", "email": "Join us", "then": "save"},
    )
    assert client.get(url("review", campaign)).context["readiness"].ready


def test_words_that_name_one_form_say_whom_they_leave_out(client, campaign):
    form = client.get(url("words", campaign)).context["form"]
    words = {name: form[name].value() for name in form.fields} | {"sms": "File the FAFSA: {link}"}
    client.post(url("words", campaign), {**words, "then": "save"})
    page = client.get(url("review", campaign))
    assert page.context["reach"].students == 0
    assert any("only one of the two forms" in note for note in page.context["readiness"].notes)


def test_a_follow_up_is_added_and_removed(client, campaign):
    client.post(
        url("when", campaign),
        {"start": "now", "expires_after": 2, "hold_out_percent": 10, "follow_up": 7},
    )
    first, second = Step.objects.filter(campaign=campaign)
    assert (second.when, second.offset_days, second.due_at) == ("launch", 7, None)
    assert second.texts.count() == first.texts.count()
    campaign.refresh_from_db()
    assert campaign.hold_out_percent == 10
    client.post(reverse("campaign-step-remove", args=[campaign.pk, 2]))
    assert campaign.steps.count() == 1
    client.post(reverse("campaign-step-remove", args=[campaign.pk, 1]))
    assert campaign.steps.count() == 1


def test_a_chosen_hour_is_the_districts_own(client, campaign):
    client.post(
        url("when", campaign),
        {
            "start": "later",
            "at": "2099-07-01T09:00",
            "expires_after": 3,
            "hold_out_percent": 0,
        },
    )
    due = campaign.steps.get().due_at
    assert due.isoformat() == "2099-07-01T16:00:00+00:00"


def test_a_test_goes_to_oneself_and_counts_in_no_campaign(client, campaign):
    answer = client.post(
        url("test", campaign, "?language=en"), {"to": "(360) 555-0123"}, follow=True
    )
    assert answer.status_code == 200
    message = Message.objects.get()
    assert message.campaign is None
    assert message.state == "sent"
    assert message.body.startswith("Lincoln High School: ")
    page = client.get(reverse("outbox"))
    assert [entry.message for entry in page.context["entries"]] == [message]


def test_a_test_to_nonsense_is_refused_kindly(client, campaign):
    client.post(url("test", campaign), {"to": "my phone"})
    assert not Message.objects.exists()


# Who may see what -----------------------------------------------------------------------------

PAGES = ["what", "who", "words", "when", "review", "progress"]
BUTTONS = ["who-count", "words-preview", "test", "launch", "pause", "resume", "cancel"]


def test_another_schools_counselor_finds_no_trace_of_the_campaign(client, town, campaign):
    client.force_login(town.counselor(town.other_school))
    for page in PAGES:
        assert client.get(url(page, campaign)).status_code == 404
    for button in BUTTONS:
        assert client.post(url(button, campaign)).status_code == 404
    assert client.get(reverse("campaigns")).context["groups"] == []
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.DRAFT


def test_a_coordinator_sees_no_campaign_and_no_outbox(client, town, campaign):
    user = User.objects.create_user("coordinator@example.org", "secret")
    Membership.objects.create(user=user, role=Role.COORDINATOR, state=town.state)
    client.force_login(user)
    for name in ("campaigns", "campaign-new", "outbox"):
        assert client.get(reverse(name)).status_code == 403


def test_made_up_places_are_said_to_be_so(client, campaign):
    for page in ("who", "words", "review"):
        assert client.get(url(page, campaign)).context["made_up"] is True


def test_a_review_shows_the_words_of_every_message_that_is_still_to_come(client, campaign):
    step = Step.objects.create(campaign=campaign, position=2, channels="sms", offset_days=7)
    for language, words in (("en", "A second word to {student}"), ("es", "Otra cosa")):
        StepText.objects.create(
            step=step, channel="sms", language=language, body=words, review="approved"
        )
    page = client.get(url("review", campaign)).content.decode()
    assert "Message 2" in page
    assert "A second word to Ben" in page
    assert "Otra cosa" not in page  # the first message says how far each language is

"""A translator reads and approves words, and never sees a family."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, CampaignState, Step, StepText
from contacts.models import Channel, Contact
from schools.models import Membership, Role, User
from tests.campaigns.conftest import Town

pytestmark = pytest.mark.django_db
ENGLISH = "Hi {guardian}, the FAFSA or the WASFA is next for {student}: {link}"
SPANISH = "Hola {guardian}, sigue la FAFSA o la WASFA para {student}: {link}"


@pytest.fixture
def texts(town: Town) -> dict[str, StepText]:
    campaign = Campaign.objects.create(name="Open", district=town.district, cycle=town.cycle)
    campaign.schools.add(town.school)
    step = Step.objects.create(campaign=campaign)
    made = {}
    for language, body in (("en", ENGLISH), ("es", SPANISH), ("vi", "{guardian} {student} {link}")):
        made[language] = StepText.objects.create(
            step=step, channel=Channel.SMS, language=language, body=body
        )
    return made


@pytest.fixture
def translator(db: None) -> Client:
    user = User.objects.create_user("translator@example.org", "secret")
    Membership.objects.create(user=user, role=Role.TRANSLATOR, language="es")
    client = Client()
    client.force_login(user)
    return client


def page(text: StepText) -> str:
    return reverse("translation", args=[text.pk])


def test_the_queue_holds_the_translators_languages_only(
    translator: Client, texts: dict[str, StepText]
) -> None:
    rooms = translator.get(reverse("translations")).context["rooms"]
    assert [(room["language"].code, room["waiting"]) for room in rooms] == [("es", [texts["es"]])]
    assert translator.get(page(texts["vi"])).status_code == 404
    assert translator.post(page(texts["vi"]), {"body": "x"}).status_code == 404


def test_the_source_stands_beside_the_draft(translator: Client, texts: dict[str, StepText]) -> None:
    html = translator.get(page(texts["es"])).content.decode()
    assert ENGLISH in html
    assert SPANISH in html


def test_one_button_approves(translator: Client, texts: dict[str, StepText]) -> None:
    translator.post(page(texts["es"]), {"body": SPANISH, "action": "approve"})
    texts["es"].refresh_from_db()
    assert texts["es"].review == StepText.Review.APPROVED
    assert texts["es"].reviewed_by is not None


def test_an_edit_takes_the_approval_back(translator: Client, texts: dict[str, StepText]) -> None:
    StepText.objects.update(review=StepText.Review.APPROVED)
    translator.post(page(texts["es"]), {"body": SPANISH + "!", "action": "save"})
    texts["es"].refresh_from_db()
    assert (texts["es"].review, texts["es"].body) == (StepText.Review.DRAFT, SPANISH + "!")


@pytest.mark.parametrize(
    "body", ["Hola {guardian}: {link}", SPANISH.replace("{student}", "{alumno}"), SPANISH + "{", ""]
)
def test_no_placeholder_is_lost_or_invented(
    translator: Client, texts: dict[str, StepText], body: str
) -> None:
    translator.post(page(texts["es"]), {"body": body, "action": "approve"})
    texts["es"].refresh_from_db()
    assert (texts["es"].review, texts["es"].body) == (StepText.Review.DRAFT, SPANISH)


def test_a_finished_campaigns_words_are_left_alone(
    translator: Client, texts: dict[str, StepText]
) -> None:
    Campaign.objects.update(state=CampaignState.FINISHED)
    assert translator.get(page(texts["es"])).status_code == 404


def test_a_translator_sees_no_family(translator: Client, family: Contact) -> None:
    for name in ("inbox", "contacts", "outbox"):
        assert translator.get(reverse(name)).status_code == 403
    assert translator.get(reverse("inbox-thread", args=[family.pk])).status_code == 403


def test_a_counselor_who_translates_nothing_is_kept_out(
    town: Town, texts: dict[str, StepText]
) -> None:
    client = Client()
    client.force_login(town.counselor())
    assert client.get(reverse("translations")).status_code == 403

"""A region publishes a pack, a school adopts it in one click and sees later changes."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from campaigns import control, packs, published
from campaigns.models import Campaign, PackVersion, StepText
from campaigns.pack_steps import PackStep, PackText
from schools.models import Membership, Role, User
from tests import builders

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def region(town):
    region = builders.a_region(state=town.state)
    town.district.region = region
    town.district.save()
    town.family("Ana", language="es")
    return region


@pytest.fixture
def coordinator(region):
    user = User.objects.create_user("coordinator@example.org", "secret")
    Membership.objects.create(user=user, role=Role.COORDINATOR, region=region)
    return user


def a_pack(english: str = "Apply now: {link}", spanish: str = "Solicite ya: {link}") -> packs.Pack:
    texts = (
        PackText("sms", "en", english, reviewed=True),
        PackText("sms", "es", spanish, reviewed=True),
    )
    return packs.Pack(
        name="shared", title="Shared", audience={"statuses": ["not_started"]},
        steps=(
            PackStep(texts=texts, channels="sms"),
            PackStep(
                texts=texts, channels="sms", when="deadline", after_days=-7, hour="17:30",
                deadline="Priority", repeat_days=3, repeats=1,
            ),
            PackStep(texts=texts, channels="sms", when="event", on_status="action_needed"),
        ),
        rule={"all": [{"field": "status_days", "min": 7}]},
    )  # fmt: skip


def publish(region, by, pack=None, note="") -> PackVersion:
    content = packs.dumps(pack or a_pack())
    return published.publish(content, place=region, by=by, now=NOW, note=note)


def test_a_sequence_with_conditions_and_wordings_survives_the_file(town):
    pack = a_pack()
    assert packs.loads(packs.dumps(pack)) == pack
    campaign = packs.adopt(
        pack, district=town.district, schools=[town.school], cycle=town.cycle, by=None, now=NOW
    )
    again = packs.of_campaign(campaign)
    assert again.rule == pack.rule
    assert [(s.when, s.after_days, s.hour, s.deadline, s.repeats) for s in again.steps] == [
        (s.when, s.after_days, s.hour, s.deadline, s.repeats) for s in pack.steps
    ]


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("after_days = -7", "after_days = -700"),
        ('on_status = "action_needed"', 'on_status = "rejected"'),
        ('hour = "17:30"', 'hour = "late"'),
        ("status_days", "password"),
        ('when = "event"', 'when = "date"'),
    ],
)
def test_a_file_with_a_time_or_condition_that_makes_no_sense_is_refused(good, bad):
    content = packs.dumps(a_pack())
    assert good in content
    with pytest.raises(packs.BadPack):
        packs.loads(content.replace(good, bad))


def test_a_coordinator_publishes_and_a_counselor_adopts_in_one_click(
    client, town, region, coordinator
):
    client.force_login(coordinator)
    file = SimpleUploadedFile("shared.toml", packs.dumps(a_pack()).encode())
    given = {"file": file, "place": f"region:{region.pk}", "note": "First"}
    assert client.post(reverse("packs"), given).status_code == 302
    version = PackVersion.objects.get()
    client.force_login(town.counselor())
    page = client.get(reverse("packs"))
    assert [row["version"] for row in page.context["offered"]] == [version]
    answer = client.post(reverse("pack-adopt", args=[version.pk]), {"school": town.school.nces_id})
    campaign = Campaign.objects.get()
    assert answer.url == reverse("campaign-who", args=[campaign.pk])
    assert (campaign.pack_version, campaign.state) == (version, "draft")
    assert campaign.steps.count() == 3


def test_the_publishers_translations_wait_for_a_reader_unless_they_read_them(region, coordinator):
    texts = packs.loads(publish(region, coordinator).content).steps[0].texts
    assert [(t.language, t.reviewed) for t in texts] == [("en", True), ("es", False)]


def test_the_same_words_again_make_no_new_version(region, coordinator):
    first = publish(region, coordinator)
    assert publish(region, coordinator) == first
    assert publish(region, coordinator, a_pack("File now: {link}")).number == 2


def test_nobody_publishes_for_a_region_that_is_not_theirs(client, town, region, coordinator):
    elsewhere = builders.a_region(state=builders.a_state("OR"))
    client.force_login(coordinator)
    file = SimpleUploadedFile("x.toml", packs.dumps(a_pack()).encode())
    page = client.post(reverse("packs"), {"file": file, "place": f"region:{elsewhere.pk}"})
    assert "place" in page.context["form"].errors
    client.force_login(town.counselor())
    assert client.post(reverse("packs"), {"file": file}).status_code == 403
    assert not PackVersion.objects.exists()


def test_a_school_of_another_region_is_offered_nothing(client, region, coordinator):
    version = publish(region, coordinator)
    school = builders.a_school(builders.a_district(region=builders.a_region()))
    client.force_login(builders.a_user(Role.COUNSELOR, school))
    assert client.get(reverse("packs")).context["offered"] == []
    assert client.post(reverse("pack-adopt", args=[version.pk])).status_code == 404
    assert client.get(reverse("pack-version-file", args=[version.pk])).status_code == 404


def test_a_coordinator_adopts_nothing_for_it_would_name_families(client, region, coordinator):
    version = publish(region, coordinator)
    client.force_login(coordinator)
    assert client.post(reverse("pack-adopt", args=[version.pk])).status_code == 403


@pytest.fixture
def adopted(client, town, region, coordinator):
    client.force_login(town.counselor())
    version = publish(region, coordinator)
    client.post(reverse("pack-adopt", args=[version.pk]), {"school": town.school.nces_id})
    return Campaign.objects.get()


def body(campaign, language="en", position=1) -> str:
    return StepText.objects.get(
        step__campaign=campaign, step__position=position, language=language
    ).body


def test_later_changes_are_shown_word_by_word_and_taken_over(client, region, coordinator, adopted):
    assert "pack_news" in client.get(reverse("campaign-review", args=[adopted.pk])).context
    publish(region, coordinator, a_pack("Apply today: {link}"), note="Friendlier")
    here = reverse("campaign-pack", args=[adopted.pk])
    page = client.get(here)
    pieces = [(p.kind, p.words.strip()) for p in page.context["changes"][0].pieces]
    assert ("gone", "now:") in pieces
    assert ("new", "today:") in pieces
    assert "<ins> today:</ins>" in page.content.decode()
    client.post(here)
    adopted.refresh_from_db()
    assert body(adopted) == "Apply today: {link}"
    assert adopted.pack_version.number == 2
    assert client.get(here).status_code == 302  # nothing newer


def test_words_of_ones_own_and_what_has_gone_out_are_left_alone(region, coordinator, adopted):
    StepText.objects.filter(step__campaign=adopted, step__position=2, language="en").update(
        body="Our own words: {link}"
    )
    control.launch(adopted, by=None, now=timezone.now())
    adopted.steps.filter(position=1).update(expanded_at=timezone.now())
    newest = publish(region, coordinator, a_pack("Apply today: {link}", "Solicite hoy: {link}"))
    taken = published.take(adopted, newest, now=timezone.now())
    assert body(adopted) == "Apply now: {link}"
    assert body(adopted, position=2) == "Our own words: {link}"
    assert body(adopted, "es", position=2) == "Solicite hoy: {link}"
    assert body(adopted, position=3) == "Apply today: {link}"
    assert (taken.changed, taken.kept) == (3, 1)


def test_a_withdrawn_pack_is_offered_no_longer_and_its_campaigns_keep_their_words(
    client, town, region, coordinator, adopted
):
    client.force_login(coordinator)
    client.post(reverse("pack-withdraw", args=[adopted.pack_version.pack_id]))
    assert published.offered_to(town.counselor()) == []
    assert body(adopted) == "Apply now: {link}"


def test_a_file_is_brought_as_a_draft_and_a_bad_one_says_why(client, town, region, counselor):
    good = SimpleUploadedFile("x.toml", packs.dumps(a_pack()).encode())
    bring = reverse("pack-bring")
    client.post(bring, {"file": good, "school": town.school.nces_id})
    campaign = Campaign.objects.get()
    spanish = StepText.objects.filter(step__campaign=campaign, language="es").first()
    assert spanish.review == StepText.Review.DRAFT
    bad = SimpleUploadedFile("x.toml", b"\xff\xfe nonsense")
    answer = client.post(bring, {"file": bad, "school": town.school.nces_id}, follow=True)
    assert "UTF-8" in answer.content.decode()
    assert Campaign.objects.count() == 1
    exported = client.get(reverse("campaign-file", args=[campaign.pk]))
    assert packs.loads(exported.content.decode()).title == "Shared"

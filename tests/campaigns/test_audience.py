"""Whom a campaign reaches, and whom it never does."""

import pytest
from django.utils import timezone

from campaigns.models import Step
from campaigns.targeting import audience
from campaigns.targeting.reach import reach_of
from contacts import consent
from contacts.models import Channel, Consent, ContactPoint, Guardianship, Suppression


@pytest.fixture
def campaign(town):
    return town.adopts("form-opens")


def names(students):
    return sorted(student.first_name for student in students)


def test_completed_and_departed_students_and_other_schools_are_not_in_a_packs_audience(
    town, campaign
):
    town.family("Ana")
    town.family("Done", aid_status="completed")
    town.family("Gone", left_on="2026-01-05")
    town.family("Elsewhere", school=town.other_school)
    assert names(audience.students(campaign)) == ["Ana"]


def test_a_filter_narrows_by_status_grade_path_and_language(town, campaign):
    town.family("Ana", language="es", grade="12", aid_status="in_progress", path="fafsa")
    town.family("Ben", language="en", grade="11")
    campaign.audience = {"statuses": ["in_progress"], "grades": ["12"], "paths": ["fafsa"]}
    assert names(audience.students(campaign)) == ["Ana"]
    campaign.audience = {"languages": ["en"]}
    assert [p.contact.language for p in audience.points(campaign, Channel.SMS)] == ["en"]


def test_words_for_one_form_never_reach_a_family_who_files_the_other(town, campaign):
    town.family("Fay", path="fafsa")
    town.family("Will", path="wasfa")
    town.family("Una", path="unspecified")
    assert names(audience.students(campaign)) == ["Fay", "Una", "Will"]
    campaign.steps.get().texts.filter(language="es", channel="sms").update(
        body="Llene la FAFSA hoy: {link}"
    )
    assert names(audience.students(campaign)) == ["Fay"]
    assert reach_of(campaign).left_out["form"] == 2


def test_one_wording_that_names_one_form_narrows_every_message_on_a_change_of_status(
    town, campaign
):
    for name, path in (("Fay", "fafsa"), ("Will", "wasfa"), ("Una", "unspecified")):
        town.family(name, path=path)
    step = campaign.steps.get()
    step.when, step.on_status = Step.When.EVENT, "action_needed"
    step.save()
    assert names(audience.students_to_assign(campaign)) == ["Fay", "Una", "Will"]
    text = step.texts.get(language="en", channel="sms")
    text.pk, text.variant, text.body = None, "B", "Your FAFSA needs a signature: {link}"
    text.save()
    assert names(audience.students_to_assign(campaign)) == ["Fay"]
    assert audience.Audience.of_step(step).fitting_paths == {"fafsa"}


def test_custody_papers_and_departed_adults_are_respected(town, campaign):
    hidden, left = town.family("Ana"), town.family("Ben")
    Guardianship.objects.filter(contact=hidden).update(may_contact=False)
    left.left_on = timezone.localdate()
    left.save()
    assert not audience.points(campaign, Channel.EMAIL).exists()
    assert reach_of(campaign).left_out["no_address"] == 2


def test_left_out_addresses_are_counted_by_reason(town, campaign):
    now = timezone.now()
    stopped = town.family("Ana", email=None).points.get()
    consent.withdraw(
        Channel.SMS, stopped.address_index, reason=Suppression.Reason.STOP, basis="STOP", at=now
    )
    town.family("Ben", email=None).points.update(line=ContactPoint.Line.LANDLINE)
    town.family("Cy", email=None).points.update(unusable="30005")
    town.family("Di", email=None).points.update(consent=Consent.NONE)
    town.family("Eve", email=None)
    reach = reach_of(campaign)
    assert reach.total(Channel.SMS) == 1
    assert reach.left_out == {
        "suppressed": 1,
        "landline": 1,
        "unusable": 1,
        "no_opt_in": 1,
        "no_address": 4,
    }


def test_a_shared_address_is_written_to_once(town, campaign):
    town.family("Ana", phone="+13605550111", email="home@example.org")
    town.family("Ana", phone="+13605550111", email="home@example.org")
    step = campaign.steps.get()
    reach = reach_of(campaign)
    whole = audience.Audience.of_step(step)
    for channel in Channel.values:
        addresses = whole.addresses(step.channels, channel)
        assert addresses.count() == reach.total(channel) == 1


def test_text_first_writes_e_mail_only_where_no_text_can_go(town, campaign):
    town.family("Ana")
    town.family("Ben", phone=None)
    campaign.steps.update(channels=Step.Channels.SMS_FIRST)
    reach = reach_of(campaign)
    assert (reach.total(Channel.SMS), reach.total(Channel.EMAIL)) == (1, 1)


def test_the_count_does_not_ask_more_of_the_database_for_more_families(
    town, campaign, django_assert_max_num_queries
):
    for number in range(12):
        town.family(f"S{number}", language=["en", "es", "vi"][number % 3])
    with django_assert_max_num_queries(16):
        assert reach_of(campaign).all_messages == 24

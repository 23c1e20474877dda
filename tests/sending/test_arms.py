"""The draw of arms can be derived again by anyone, and nothing about it can be quietly changed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import control
from campaigns.models import Arm, Assignment, Message, Step, StepText
from campaigns.targeting import arms
from contacts.models import Household, Student
from schools import audit
from schools.models import AuditEntry
from tests.sending.conftest import World


def drawn(world: World, **more: object):
    campaign = world.launched(**{"seed": 7, **more})
    return campaign, list(Assignment.objects.order_by("household"))


def test_a_launch_writes_seed_and_digest_and_both_derive_the_same_arms(world):
    world.families(40)
    campaign, stored = drawn(world, hold_out_percent=25, variants=2)
    entry = AuditEntry.objects.get(action=arms.DRAWN)
    assert entry.details["seed"] == "7"
    assert entry.details["digest"] == arms.digest(stored)
    assert entry.details["arms"] == {"held_out": 10, "treated A": 15, "treated B": 15}
    again = arms.arms_of(campaign, stored[0].stratum, [each.household_id for each in stored])
    assert {each.household_id: (each.arm, each.variant) for each in stored} == again
    assert arms.holds(campaign) is True
    assert audit.verify() is None


@pytest.mark.parametrize("change", [{"arm": Arm.HELD_OUT}, {"variant": "C"}, {"stratum": "1|x"}])
def test_a_changed_assignment_is_found_out(world, change):
    world.families(12)
    campaign, stored = drawn(world, hold_out_percent=25, variants=2)
    treated = next(each for each in stored if each.arm == Arm.TREATED)
    Assignment.objects.filter(pk=treated.pk).update(**change)
    assert arms.holds(campaign) is False


def test_a_changed_seed_is_found_out_and_an_erased_family_makes_it_underivable(world):
    world.families(12)
    campaign, stored = drawn(world, hold_out_percent=25)
    campaign.seed = 8
    assert arms.holds(campaign) is False
    campaign.seed = 7
    stored[0].delete()
    assert arms.holds(campaign) is None


def test_siblings_share_an_arm_and_a_second_launch_draws_nothing_anew(world):
    world.families(20)
    for household in Household.objects.all()[:10]:
        Student.objects.create(
            district=world.district, school=world.school, household=household,
            cycle=world.cycle, sis_id=f"sib{household.pk}"[:60], first_name="Luis",
        )  # fmt: skip
    campaign, stored = drawn(world, hold_out_percent=50)
    assert len(stored) == 20
    before = [(each.pk, each.arm) for each in stored]
    assert arms.draw(campaign) == 0
    after = Assignment.objects.order_by("household").values_list("pk", "arm")
    assert before == list(after)


def test_each_stratum_is_split_by_itself(world):
    world.families(40)
    some = list(Student.objects.values_list("pk", flat=True)[:20])
    Student.objects.filter(pk__in=some).update(aid_status="in_progress")
    drawn(world, hold_out_percent=25)
    counts = Counter(Assignment.objects.values_list("stratum", "arm"))
    assert sorted(n for (_s, arm), n in counts.items() if arm == Arm.HELD_OUT) == [5, 5]


@given(
    st.sets(st.uuids(version=4), max_size=40),
    st.integers(0, 50),
    st.integers(1, 4),
    st.integers(0, 2**62),
    st.randoms(use_true_random=False),
)
@settings(deadline=None)
def test_the_draw_depends_on_nothing_but_seed_and_households(
    households, percent, variants, seed, chance
):
    names = list("ABCD"[:variants])
    shuffled = list(households)
    chance.shuffle(shuffled)
    held = arms.choose(shuffled, percent=percent, seed=str(seed))
    assert held == arms.choose(sorted(households), percent=percent, seed=str(seed))
    share = len(households) * percent / 100
    assert int(share) <= len(held) <= int(share) + 1
    dealt = Counter(arms.deal(set(households) - held, names, seed=str(seed)).values())
    assert max(dealt.values(), default=0) - min((dealt[n] for n in names), default=0) <= 1


def test_every_household_is_as_likely_to_be_held_out():
    households = [UUID(int=n) for n in range(10)]
    counts = Counter(
        household
        for seed in range(2000)
        for household in arms.choose(households, percent=25, seed=str(seed))
    )
    assert all(420 < counts[household] < 580 for household in households)  # 500 ± 4 sd


def test_families_read_the_wording_they_drew(world, providers):
    world.families(10)
    campaign = world.campaign(variants=2, seed=3)
    for name in "AB":
        StepText.objects.create(
            step=campaign.steps.get(), channel="sms", language="en", variant=name,
            body=f"Wording {name} {{link}}", review=StepText.Review.APPROVED,
        )  # fmt: skip
    control.launch(campaign, by=None, now=world.now)
    world.tick()
    read = {m.household_id: m.body for m in Message.objects.all()}
    for each in Assignment.objects.all():
        assert f"Wording {each.variant}" in read[each.household_id]
    assert Counter(Assignment.objects.values_list("variant", flat=True)) == {"A": 5, "B": 5}


def test_a_wording_that_lacks_a_language_falls_back_to_everyones_in_that_language(world, providers):
    world.families(2)
    campaign = world.campaign(variants=2, seed=3)
    StepText.objects.create(
        step=campaign.steps.get(), channel="sms", language="en", variant="A",
        body="Wording A {link}", review=StepText.Review.DRAFT,
    )  # fmt: skip
    control.launch(campaign, by=None, now=world.now)
    world.tick()
    assert not any("Wording A" in m.body for m in Message.objects.all())
    assert Message.objects.filter(state="sent").count() == 2


def test_a_delayed_hold_out_hears_once_it_is_released_and_not_before(world, providers):
    world.families(8)
    release = world.now.date() + dt.timedelta(days=7)
    campaign = world.launched(hold_out_percent=50, release_on=release, seed=1)
    world.tick()
    assert len(providers.journal.texts) == 4
    step = Step.objects.get(for_held_out=True)
    assert step.due_at == campaign.released_at
    world.tick(minutes=6 * 24 * 60)
    assert len(providers.journal.texts) == 4
    world.tick(minutes=24 * 60)
    assert len(providers.journal.texts) == 8
    assert set(providers.journal.texts_by_number.values()) == {1}
    campaign.refresh_from_db()
    assert campaign.state == "finished"

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
from campaigns.sending import expansion
from campaigns.targeting import arms, carrying
from completion.evidence import cohort
from contacts import merging, statuses
from contacts.imports.run import run
from contacts.models import AidStatus, Guardianship, Household, Student
from contacts.statuses import Finding
from schools import audit
from schools.models import AuditEntry
from tests.contacts.builders import csv_of
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


# Households that join after the launch ----------------------------------------------------------


def second_step(world: World, campaign) -> Step:
    """One that is due a week after the launch, when the clock is there."""
    world.now += dt.timedelta(days=7)
    return world.step(campaign, due_at=world.now)


def heard() -> set[UUID]:
    return set(Message.objects.filter(state="sent").values_list("household", flat=True))


def test_families_who_join_draw_before_they_are_written_to_and_the_held_out_hear_nothing(
    world, providers
):
    world.families(10)
    campaign = world.launched(hold_out_percent=50, seed=5)
    step = second_step(world, campaign)
    world.families(40)
    world.tick(minutes=-7 * 24 * 60)
    world.families(20)
    world.tick(minutes=7 * 24 * 60)
    later = campaign.assignments.exclude(joined_at=None)
    assert campaign.assignments.count() == 70
    assert later.filter(joined_at__gte=step.due_at).count() == 20
    held = set(campaign.assignments.filter(arm=Arm.HELD_OUT).values_list("household", flat=True))
    assert 20 < len(held) < 50
    assert heard() == set(Household.objects.values_list("pk", flat=True)) - held
    entries = AuditEntry.objects.filter(action=arms.JOINED)
    assert [(e.actor, e.details["households"]) for e in entries] == [(None, 20), (None, 40)]
    assert arms.holds(campaign) is True
    assert audit.verify() is None


@pytest.mark.parametrize(
    "change", [{"arm": Arm.HELD_OUT, "variant": ""}, {"arm": Arm.TREATED, "variant": "B"}]
)
def test_a_changed_arm_of_a_family_who_joined_is_found_out(world, change):
    world.families(4)
    campaign, _stored = drawn(world, hold_out_percent=25, variants=2)
    world.families(12)
    arms.join(campaign.steps.get(), now=world.now)
    assert arms.holds(campaign) is True
    later = campaign.assignments.exclude(joined_at=None)
    other = later.exclude(**change).first()
    Assignment.objects.filter(pk=other.pk).update(**change)
    assert arms.holds(campaign) is False


def test_an_arm_that_nobody_recorded_is_found_out_and_an_erased_family_makes_it_underivable(world):
    world.families(4)
    campaign, _stored = drawn(world, hold_out_percent=25)
    world.families(2)
    arms.join(campaign.steps.get(), now=world.now)
    joined = campaign.assignments.exclude(joined_at=None).first()
    joined.delete()
    assert arms.holds(campaign) is None
    joined.save(force_insert=True)
    home = Household.objects.create(district=world.district)
    arm, _wording = arms.arm_of_joining(campaign, home.pk, percent=25)
    campaign.assignments.create(household=home, arm=arm, stratum="x", joined_at=world.now)
    assert arms.holds(campaign) is False


def test_a_family_draws_once_however_many_steps_come(world, providers):
    world.families(4)
    campaign = world.launched(hold_out_percent=50, seed=5)
    world.families(6)
    for _ in range(3):
        second_step(world, campaign)
        world.tick()
    assert campaign.assignments.count() == 10
    assert AuditEntry.objects.filter(action=arms.JOINED).count() == 1


def test_whom_an_event_befalls_draws_first_as_well(world, providers):
    world.families(4)
    campaign = world.campaign(hold_out_percent=50, seed=5)
    campaign.steps.update(when=Step.When.EVENT, on_status="action_needed")
    control.launch(campaign, by=None, now=world.now)
    world.families(20)
    assert expansion.expand_due(world.now) == 0
    assert campaign.assignments.count() == 4  # nobody is to be written to
    world.now += dt.timedelta(hours=1)
    statuses.record_many(
        Finding(each, AidStatus.ACTION_NEEDED, world.now) for each in Student.objects.all()
    )
    world.tick()
    held = set(campaign.assignments.filter(arm=Arm.HELD_OUT).values_list("household", flat=True))
    assert campaign.assignments.count() == 24
    assert heard() == set(Household.objects.values_list("pk", flat=True)) - held


def test_who_joins_after_the_release_is_not_held_out_but_draws_a_wording(world, providers):
    world.families(8)
    release = world.now.date() + dt.timedelta(days=3)
    campaign = world.launched(hold_out_percent=50, variants=2, release_on=release, seed=1)
    world.tick()
    world.families(12)
    second_step(world, campaign)
    world.tick()
    later = campaign.assignments.exclude(joined_at=None)
    assert set(later.values_list("arm", "variant")) == {("treated", "A"), ("treated", "B")}
    assert arms.holds(campaign) is True
    assert len(heard()) == 20


def test_a_family_that_heard_before_it_could_draw_goes_on_hearing(world, providers):
    world.families(4)
    campaign = world.launched(hold_out_percent=50, seed=5)
    second_step(world, campaign)
    world.tick(minutes=-7 * 24 * 60)
    home = Message.objects.first().household  # as of an earlier version, which drew nobody later
    Assignment.objects.filter(household=home).delete()
    world.tick(minutes=7 * 24 * 60)
    assert Message.objects.filter(household=home, state="sent").count() == 2
    assert not campaign.assignments.filter(household=home).exists()


def test_without_a_comparison_nobody_draws(world, providers):
    world.families(2)
    world.launched()
    world.families(2)
    world.tick()
    assert not Assignment.objects.exists()
    assert len(heard()) == 4


def test_each_family_who_joins_is_as_likely_to_be_held_out_whoever_else_does(world):
    campaign = world.campaign(hold_out_percent=25, variants=2)
    counts: Counter[tuple[str, str]] = Counter()
    for number in range(4000):
        campaign.seed = number % 50
        counts[arms.arm_of_joining(campaign, UUID(int=number), percent=25)] += 1
    assert 890 < counts[Arm.HELD_OUT, ""] < 1110  # 1000 ± 4 sd
    assert 1380 < counts[Arm.TREATED, "A"] < 1620  # 1500 ± 4 sd


# Families who move to another household ---------------------------------------------------------


def a_second_record(world: World, of: Student) -> Student:
    """The same child again, from another file, in a household of its own that never drew."""
    return Student.objects.create(
        district=world.district, school=world.school, cycle=world.cycle,
        household=Household.objects.create(district=world.district),
        sis_id=f"N{of.sis_id}", first_name=of.first_name,
    )  # fmt: skip


def of_arm(campaign, arm: Arm) -> list[Student]:
    homes = campaign.assignments.filter(arm=arm, drawn_as=None).values("household")
    return list(Student.objects.filter(household__in=homes).order_by("pk"))


def test_a_held_out_family_whose_records_are_merged_hears_nothing_and_counts_where_it_was(
    world, providers
):
    world.families(40)
    campaign = world.launched(hold_out_percent=50, seed=4)
    second_step(world, campaign)
    world.tick(minutes=-7 * 24 * 60)
    before = Counter(each.treated for each in cohort.of(campaign).members)
    for found in Student.objects.all():
        merging.merge_students(a_second_record(world, found), found, by=None)
    world.tick(minutes=7 * 24 * 60)
    assert Message.objects.filter(state="sent").count() == 2 * 20
    assert Counter(each.treated for each in cohort.of(campaign).members) == before
    assert arms.holds(campaign) is True
    assert audit.verify() is None


def test_of_two_arms_that_come_to_one_household_held_out_wins_and_its_own_draw_stands(world):
    world.families(8)
    campaign = world.launched(hold_out_percent=50, seed=4)
    (held, held_too, *_), (treated, treated_too, *_) = (
        of_arm(campaign, Arm.HELD_OUT),
        of_arm(campaign, Arm.TREATED),
    )
    into = a_second_record(world, held).household_id
    carrying.carry(homes={treated.household_id: into, held.household_id: into})
    assert campaign.assignments.get(household=into).arm == Arm.HELD_OUT
    merging.merge_students(treated_too, held_too, by=None)
    assert campaign.assignments.get(household=treated_too.household_id).arm == Arm.TREATED
    assert arms.holds(campaign) is True


def test_an_arm_that_moved_twice_is_still_the_one_that_was_drawn(world):
    world.families(8)
    campaign = world.launched(hold_out_percent=50, seed=4)
    [first, *_] = of_arm(campaign, Arm.HELD_OUT)
    second = a_second_record(world, first)
    third = a_second_record(world, second)
    drew = first.household_id
    merging.merge_students(second, first, by=None)
    merging.merge_students(third, second, by=None)
    carried = campaign.assignments.get(household=third.household_id)
    assert (carried.arm, carried.drawn_as) == (Arm.HELD_OUT, drew)
    assert arms.holds(campaign) is True


@pytest.mark.parametrize("change", ["another arm", "nobody recorded it"])
def test_an_arm_that_did_not_come_with_a_family_is_found_out(world, change):
    world.families(8)
    campaign = world.launched(hold_out_percent=50, seed=4)
    held, other = of_arm(campaign, Arm.HELD_OUT)[:2]
    merging.merge_students(a_second_record(world, held), held, by=None)
    assert arms.holds(campaign) is True
    carried = campaign.assignments.exclude(drawn_as=None)
    if change == "another arm":
        carried.update(arm=Arm.TREATED)
    else:
        stranger = a_second_record(world, other).household
        [drawn] = campaign.assignments.filter(household=other.household)
        campaign.assignments.create(
            household=stranger, arm=drawn.arm, stratum=drawn.stratum, drawn_as=other.household_id
        )
    assert arms.holds(campaign) is False


def test_a_file_that_makes_two_households_one_takes_the_arms_along(world, providers):
    world.families(12)
    campaign = world.launched(hold_out_percent=50, seed=4)
    second_step(world, campaign)
    world.tick(minutes=-7 * 24 * 60)
    rows = []
    for found in Student.objects.all():
        guardian = found.guardianships.get().contact
        number = 100 + int(found.sis_id[1:])
        home = Household.objects.create(pk=UUID(int=number), district=world.district)
        sibling = Student.objects.create(
            district=world.district, school=world.school, cycle=world.cycle, household=home,
            sis_id=f"B{number}", first_name="Luis",
        )  # fmt: skip
        Guardianship.objects.create(contact=guardian, student=sibling, may_contact=False)
        rows.append({"student_id": found.sis_id, "first_name": "Ana", "last_name": "Alvarez"})
    content = csv_of(*rows, headers=list(rows[0]))
    report = run(
        "families.csv", content, district=world.district, school=world.school, now=world.now
    )
    assert not report.problems
    assert set(Student.objects.values_list("household", flat=True)) == {
        UUID(int=100 + n) for n in range(12)
    }  # of two, the older key stays: none of these drew
    world.tick(minutes=7 * 24 * 60)
    assert campaign.assignments.filter(joined_at=None).exclude(drawn_as=None).count() == 12
    assert Message.objects.filter(state="sent").count() == 2 * 6
    assert arms.holds(campaign) is True

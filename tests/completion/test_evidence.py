"""What a campaign changed: who counts, when it is judged, what is said, and who may see it."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from campaigns import control, packs
from campaigns.models import Arm, Assignment, Campaign, StepText
from campaigns.targeting import arms
from completion.evidence import cohort, results, words
from completion.evidence.cohort import Outcome
from completion.evidence.estimate import Method
from completion.evidence.results import Why
from completion.evidence.scores import Arms, newcombe
from completion.models import Plan
from completion.models.plans import PlanIsFixed
from contacts import statuses
from contacts.models import AidStatus, AidStatusEntry, Household, Student
from schools.models import Cycle, Role
from tests import builders
from tests.completion.experiments import BEGAN, a_campaign, an_arm, known_until

pytestmark = pytest.mark.django_db
FAMILY, STAFF = AidStatusEntry.Source.FAMILY, AidStatusEntry.Source.STAFF


@pytest.fixture
def campaign() -> Campaign:
    """200 written to, of whom 80 complete; 100 held out, of whom 25 do."""
    school = builders.a_school()
    made = a_campaign(school)
    an_arm(made, school, Arm.TREATED, of=200, done=80)
    held = an_arm(made, school, Arm.HELD_OUT, of=100, done=25)
    known_until(made, held[-1])
    return made


def evidence(campaign: Campaign, **options: Any) -> results.Result:
    return results.of(campaign, now=options.get("now") or timezone.now())


def test_the_difference_is_of_everyone_who_was_drawn(campaign: Campaign) -> None:
    line = evidence(campaign).primary
    assert line and line.estimate and (line.outcome, line.days) == (Outcome.COMPLETED, 30)
    found = line.estimate
    assert (found.done, found.of, found.other_done, found.other_of) == (80, 200, 25, 100)
    assert found.method == Method.NEWCOMBE
    assert (found.low, found.high) == newcombe(Arms(80, 200, 25, 100))
    assert not line.provisional


def test_a_student_who_leaves_or_is_never_reached_still_counts(campaign: Campaign) -> None:
    Student.objects.filter(pk__in=Student.objects.values("pk")[:40]).update(
        left_on=BEGAN.date() + dt.timedelta(days=9)
    )
    line = evidence(campaign).primary
    assert line and line.estimate and line.estimate.of + line.estimate.other_of == 300


def test_families_who_joined_and_drew_later_count_in_neither_arm(campaign: Campaign) -> None:
    before = evidence(campaign).primary
    an_arm(campaign, campaign.schools.get(), Arm.TREATED, of=50, done=50)
    later = Assignment.objects.order_by("-pk")[:50].values("pk")
    Assignment.objects.filter(pk__in=list(later.values_list("pk", flat=True))).update(
        joined_at=BEGAN + dt.timedelta(days=2)
    )
    result = evidence(campaign)
    assert before and result.primary and result.primary.estimate == before.estimate
    assert any("joined after its launch" in each for each in words.cannot_say(result))


def test_each_day_counts_only_what_had_happened_by_then(campaign: Campaign) -> None:
    school = campaign.schools.get()
    an_arm(campaign, school, Arm.TREATED, of=50, done=50, days=20)
    by_day = {
        line.days: line.estimate.done
        for line in evidence(campaign).lines
        if line.outcome == Outcome.COMPLETED and line.estimate
    }
    assert by_day == {7: 80, 14: 80, 30: 130, 60: 130}


def test_a_form_that_needs_something_done_was_submitted(campaign: Campaign) -> None:
    school = campaign.schools.get()
    an_arm(campaign, school, Arm.TREATED, of=10, done=10, status=AidStatus.ACTION_NEEDED)
    lines = {
        line.outcome: line.estimate.done
        for line in evidence(campaign).lines
        if line.days == 30 and line.estimate
    }
    assert lines == {Outcome.COMPLETED: 80, Outcome.SUBMITTED: 90}


def test_what_families_say_themselves_is_no_outcome(campaign: Campaign) -> None:
    school = campaign.schools.get()
    an_arm(campaign, school, Arm.TREATED, of=20, done=20, source=FAMILY)
    result = evidence(campaign)
    assert result.primary and result.primary.estimate and result.primary.estimate.done == 80
    assert result.with_family and result.with_family.done == 100


def test_a_day_that_has_not_come_is_not_judged(campaign: Campaign) -> None:
    result = evidence(campaign, now=BEGAN + dt.timedelta(days=10))
    assert result.primary and result.primary.why == Why.NOT_YET
    assert [line.days for line in result.lines if line.estimate] == [7, 7]


def test_a_day_that_no_file_has_spoken_of_is_provisional() -> None:
    school = builders.a_school()
    made = a_campaign(school)
    an_arm(made, school, Arm.TREATED, of=20, done=10)
    an_arm(made, school, Arm.HELD_OUT, of=20, done=8)
    by_day = {line.days: line.provisional for line in evidence(made).lines}
    assert by_day == {7: True, 14: True, 30: True, 60: True}


def test_siblings_are_one_draw_and_widen_the_interval() -> None:
    school = builders.a_school()
    made = a_campaign(school)
    an_arm(made, school, Arm.TREATED, of=60, done=30, size=2)
    an_arm(made, school, Arm.HELD_OUT, of=60, done=20, size=2)
    line = evidence(made).primary
    assert line and line.estimate and line.estimate.method == Method.ROBUST
    low, high = newcombe(Arms(60, 120, 40, 120))
    assert line.estimate.high - line.estimate.low > 1.3 * (high - low)


def test_whole_schools_are_compared_as_schools() -> None:
    district = builders.a_district()
    schools = [builders.a_school(district) for _ in range(8)]
    made = a_campaign(*schools)
    for number, school in enumerate(schools):
        arm = Arm.TREATED if number % 2 else Arm.HELD_OUT
        an_arm(made, school, arm, of=40, done=8 + 3 * number)
    result = evidence(made)
    assert result.by_school_drawn
    assert result.primary and result.primary.estimate
    assert (result.primary.estimate.clusters, result.primary.estimate.strata) == (8, 1)
    assert results.by_school(result) == []


def test_schools_are_compared_inside_and_pooled() -> None:
    district = builders.a_district()
    schools = [builders.a_school(district) for _ in range(2)]
    made = a_campaign(*schools)
    # The larger hold-out lies where few complete: a plain difference would be of the schools.
    for school, treated, held in zip(schools, (180, 60), (20, 60), strict=True):
        share = 0.6 if school is schools[0] else 0.2
        an_arm(made, school, Arm.TREATED, of=treated, done=round(treated * share))
        an_arm(made, school, Arm.HELD_OUT, of=held, done=round(held * share))
    result = evidence(made)
    assert result.primary and result.primary.estimate
    assert result.primary.estimate.method == Method.STRATIFIED
    assert result.primary.estimate.difference == pytest.approx(0)
    assert [line.estimate.of for line in results.by_school(result) if line.estimate] == [180, 60]


def test_those_whom_the_campaign_was_not_for_do_not_count(campaign: Campaign) -> None:
    campaign.audience = {"statuses": [AidStatus.NOT_STARTED], "grades": ["12"]}
    campaign.save()
    one, two, three = Student.objects.filter(household__assignments__arm=Arm.TREATED)[100:103]
    statuses.record(one, AidStatus.SUBMITTED, source=STAFF, as_of=BEGAN - dt.timedelta(days=1))
    Student.objects.filter(pk=two.pk).update(grade="11")
    Student.objects.filter(pk=three.pk).update(left_on=BEGAN.date() - dt.timedelta(days=1))
    drawn = cohort.of(campaign)
    assert drawn and len(drawn.members) == 297


# The plan ----------------------------------------------------------------------------------


@pytest.fixture
def draft() -> Campaign:
    school = builders.a_school()
    assert school.district is not None
    for _ in range(30):
        builders.a_family(school)
    made = packs.adopt(
        packs.find("form-opens"),
        district=school.district,
        schools=[school],
        cycle=Cycle.objects.get(),
        by=builders.a_user(),
        now=timezone.now(),
    )
    made.hold_out_percent = 20
    made.save()
    StepText.objects.filter(step__campaign=made, language="en").update(
        review=StepText.Review.APPROVED
    )
    return made


def test_launch_fixes_the_plan_with_what_was_drawn(draft: Campaign, client: Client) -> None:
    counselor = builders.a_user(Role.COUNSELOR, draft.schools.get())
    client.force_login(counselor)
    page = f"/completion/campaigns/{draft.pk}/"
    answer = client.post(
        page,
        {"outcome": "submitted", "horizon_days": 14, "expected_percent": 40, "alike_percent": 0},
    )
    assert answer.status_code == 302
    now = timezone.now()
    control.launch(draft, by=counselor, now=now)
    plan = Plan.objects.get(campaign=draft)
    assert (plan.outcome, plan.horizon_days, plan.fixed_at) == ("submitted", 14, now)
    assert (plan.treated, plan.held_out) == (24, 6)
    assert plan.smallest_effect == pytest.approx(2.8 * (0.24 * (1 / 24 + 1 / 6)) ** 0.5)
    plan.horizon_days = 60
    with pytest.raises(PlanIsFixed):
        plan.save()
    client.post(page, {"outcome": "completed", "horizon_days": 60})
    assert Plan.objects.get().horizon_days == 14


def test_a_campaign_nobody_planned_has_the_usual_question_fixed_at_launch(draft: Campaign) -> None:
    control.launch(draft, by=None, now=timezone.now())
    plan = Plan.objects.get(campaign=draft)
    assert (plan.outcome, plan.horizon_days, plan.unit) == ("completed", 30, "household")
    assert plan.fixed_at is not None


def test_the_review_says_what_the_campaign_will_be_judged_by(
    draft: Campaign, client: Client
) -> None:
    client.force_login(builders.a_user(Role.COUNSELOR, draft.schools.get()))
    page = client.get(f"/campaigns/{draft.pk}/review/").content.decode()
    assert "What it will be judged by" in page and f"/completion/campaigns/{draft.pk}/" in page


# Who sees what -----------------------------------------------------------------------------


def page_of(client: Client, campaign: Campaign) -> str:
    answer = client.get(f"/completion/campaigns/{campaign.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_counselor_reads_the_effect_its_method_and_its_limits(
    campaign: Campaign, client: Client
) -> None:
    client.force_login(builders.a_user(Role.COUNSELOR, campaign.schools.get()))
    page = page_of(client, campaign)
    assert "+15.0" in page and "Newcombe" in page and "80/200" in page
    assert "What cannot be said" in page and "none was fixed before launch" in page
    assert "Did it help?" in client.get(f"/campaigns/{campaign.pk}/").content.decode()


def test_a_coordinator_reads_the_effect_without_small_groups(
    campaign: Campaign, client: Client
) -> None:
    school = campaign.schools.get()
    assert school.district is not None
    # Three more after the first week: told beside day 7, day 30 would tell of three students.
    an_arm(campaign, school, Arm.HELD_OUT, of=20, done=3, days=10)
    client.force_login(builders.a_user(Role.COORDINATOR, school.state))
    page = page_of(client, campaign)
    assert "28/120" in page and "25/120" not in page
    assert "too few to tell" in page and "Inside each school" not in page


def test_a_small_arm_shows_a_coordinator_nothing(client: Client) -> None:
    school = builders.a_school()
    made = a_campaign(school)
    an_arm(made, school, Arm.TREATED, of=60, done=30)
    an_arm(made, school, Arm.HELD_OUT, of=15, done=7)
    client.force_login(builders.a_user(Role.COORDINATOR, school.state))
    page = page_of(client, made)
    assert "30/60" not in page and "7/15" not in page and "Effect, in percentage" not in page


def test_two_looks_tell_a_coordinator_of_no_few_students(
    campaign: Campaign, client: Client
) -> None:
    """Late files speak of the same day: three more who completed by then are not to be seen."""
    school = campaign.schools.get()
    client.force_login(builders.a_user(Role.COORDINATOR, school.state))
    assert "80/200" in page_of(client, campaign)

    def late(arm: Arm, number: int) -> None:
        waiting = Student.objects.filter(household__assignments__arm=arm).exclude(
            aid_status_entries__status=AidStatus.COMPLETED
        )
        for student in waiting.order_by("-pk")[:number]:
            day = BEGAN + dt.timedelta(days=3)
            statuses.record(student, AidStatus.COMPLETED, source=STAFF, as_of=day)

    late(Arm.TREATED, 3)
    page = page_of(client, campaign)
    assert "80/200" in page and "83/200" not in page
    late(Arm.TREATED, 9)  # twelve more of one group alone: the other's one would be seen
    late(Arm.HELD_OUT, 1)
    page = page_of(client, campaign)
    assert "80/200" in page and "92/200" not in page and "26/100" not in page
    late(Arm.HELD_OUT, 9)
    page = page_of(client, campaign)
    assert "92/200" in page and "35/100" in page
    client.force_login(builders.a_user(Role.COUNSELOR, school))
    late(Arm.TREATED, 1)
    assert "93/200" in page_of(client, campaign)  # who sees the families reads what is known


def test_a_coordinator_reads_nothing_before_a_file_has_spoken(client: Client) -> None:
    school = builders.a_school()
    made = a_campaign(school)
    treated = an_arm(made, school, Arm.TREATED, of=60, done=30)
    an_arm(made, school, Arm.HELD_OUT, of=60, done=20)
    statuses.record(  # one click of staff is no file
        treated[-1], AidStatus.IN_PROGRESS, source=STAFF, as_of=BEGAN + dt.timedelta(days=70)
    )
    client.force_login(builders.a_user(Role.COORDINATOR, school.state))
    page = page_of(client, made)
    assert "30/60" not in page and "No file or record has spoken of the planned day yet" in page
    known_until(made, treated[-2])
    assert "30/60" in page_of(client, made)


def test_a_coordinator_reads_no_small_number_of_those_who_were_drawn(
    draft: Campaign, client: Client
) -> None:
    control.launch(draft, by=builders.a_user(), now=timezone.now())
    plan = Plan.objects.get(campaign=draft)
    assert plan.held_out < 10 < plan.treated
    draft.refresh_from_db()
    page = page_of_coordinator(client, draft)
    assert "&lt;10 held out" in page and "Smallest difference" not in page
    client.force_login(builders.a_user(Role.COUNSELOR, draft.schools.get()))
    assert f"{plan.held_out} held out" in page_of(client, draft)


def page_of_coordinator(client: Client, campaign: Campaign) -> str:
    client.force_login(builders.a_user(Role.COORDINATOR, campaign.schools.get().state))
    return page_of(client, campaign)


def test_campaigns_of_other_places_are_not_there(campaign: Campaign, client: Client) -> None:
    elsewhere = builders.a_user(Role.COORDINATOR, builders.a_state("YY"))
    client.force_login(elsewhere)
    assert client.get(f"/completion/campaigns/{campaign.pk}/").status_code == 404
    assert campaign.name not in client.get("/completion/campaigns/").content.decode()


def test_a_campaign_over_schools_of_two_regions_is_for_whoever_sees_both(client: Client) -> None:
    district = builders.a_district(region=builders.a_region())
    ours = builders.a_school(district)
    theirs = builders.a_school(district, region=builders.a_region())
    made = a_campaign(ours, theirs)
    for school in (ours, theirs):
        an_arm(made, school, Arm.TREATED, of=50, done=20)
        an_arm(made, school, Arm.HELD_OUT, of=50, done=20)
    client.force_login(builders.a_user(Role.COORDINATOR, district.region))
    assert client.get(f"/completion/campaigns/{made.pk}/").status_code == 404
    client.force_login(builders.a_user(Role.COORDINATOR, district.state))
    Plan.objects.create(campaign=made)
    listed = client.get("/completion/campaigns/").content.decode()
    assert made.name in listed and "within 30 days: judged on" in listed


# The command -------------------------------------------------------------------------------


def command(campaign: Campaign, *options: str) -> str:
    out = StringIO()
    call_command("evidence", campaign.pk, *options, stdout=out)
    return out.getvalue()


def test_the_command_tells_the_same_as_data(campaign: Campaign) -> None:
    told = json.loads(command(campaign, "--json"))
    planned = told["primary"]["estimate"]
    assert told["randomised"] and told["students"] == 300
    assert planned["treated"] == {"reached": 80, "of": 200}
    assert planned["held_out"] == {"reached": 25, "of": 100}
    assert planned["difference_points"] == 15.0 and planned["method"] == "newcombe"
    assert planned["low_points"] < 15 < planned["high_points"]
    assert {line["horizon_days"] for line in told["lines"]} == {7, 14, 30, 60}


def test_the_command_says_whether_the_arms_are_what_was_drawn(campaign: Campaign) -> None:
    assert "NOT WHAT THE RECORDED SEED DRAWS" in command(campaign)  # they were put there by hand
    assert json.loads(command(campaign, "--json"))["draw_holds"] is False
    Assignment.objects.all().delete()
    arms.draw(campaign)
    assert json.loads(command(campaign, "--json"))["draw_holds"] is True


def test_the_command_tells_it_in_words(campaign: Campaign) -> None:
    said = command(campaign)
    assert "raised completion within 30 days by 15.0 points" in said
    assert "It cannot be said:" in said


def test_a_campaign_that_wrote_to_everyone_has_nobody_to_compare_with() -> None:
    school = builders.a_school()
    made = a_campaign(school, hold_out_percent=0)
    Assignment.objects.create(
        campaign=made,
        household=Household.objects.create(district=school.district),
        arm=Arm.TREATED,
        stratum="x",
    )
    assert "nobody to compare with" in command(made)
    assert json.loads(command(made, "--json"))["randomised"] is False


def test_a_draft_has_no_evidence(draft: Campaign) -> None:
    with pytest.raises(CommandError, match="not been launched"):
        command(draft)


def test_evidence_takes_a_constant_number_of_queries(
    campaign: Campaign, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8):
        evidence(campaign)


# Released hold-outs and wordings -----------------------------------------------------------


def test_after_the_release_nothing_is_compared(campaign: Campaign) -> None:
    campaign.release_on = (BEGAN + dt.timedelta(days=21)).date()
    campaign.save()
    school = campaign.schools.get()
    an_arm(campaign, school, Arm.HELD_OUT, of=50, done=50, days=25)  # after they heard, too
    lines = {line.days: line for line in evidence(campaign).lines if line.outcome == "completed"}
    assert [days for days, line in lines.items() if line.estimate] == [7, 14, 30]
    planned = lines[30]
    assert planned.censored and planned.at == campaign.released_at
    assert planned.estimate and planned.estimate.other_done == 25
    assert lines[60].why == Why.RELEASED
    assert "until release" in command(campaign)


def test_wordings_are_compared_with_the_first(client: Client) -> None:
    school = builders.a_school()
    made = a_campaign(school, hold_out_percent=0, variants=2)
    for wording, done in (("A", 30), ("B", 45)):
        an_arm(made, school, Arm.TREATED, of=100, done=done, wording=wording)
    told = json.loads(command(made, "--json"))
    [line] = told["wordings"]
    assert (line["wording"], line["compared_with"]) == ("B", "A")
    assert line["estimate"]["difference_points"] == 15.0
    assert told["primary"]["estimate"] is None and told["primary"]["why_not"] == "one_arm"
    client.force_login(builders.a_user(Role.COUNSELOR, school))
    page = page_of(client, made)
    assert "B against A" in page and "That it changed anything at all" in page
    assert "Wording B led to more completion within 30 days than A, by 15.0 points" in page
    assert "Newcombe's hybrid score interval" in page.replace("&#x27;", "'")
    assert "other days and outcomes below" not in page  # there are none


def test_wordings_that_do_alike_are_said_to_show_no_difference(client: Client) -> None:
    school = builders.a_school()
    made = a_campaign(school, hold_out_percent=0, variants=2)
    for wording, done in (("A", 30), ("B", 33)):
        an_arm(made, school, Arm.TREATED, of=100, done=done, wording=wording)
    client.force_login(builders.a_user(Role.COUNSELOR, school))
    page = page_of(client, made)
    assert "No difference in completion within 30 days between wordings A and B is shown" in page
    assert "held out" not in page.split("The plan")[1].split("</section>")[0]


def test_held_out_families_are_compared_with_all_wordings_together() -> None:
    school = builders.a_school()
    made = a_campaign(school, variants=2)
    an_arm(made, school, Arm.HELD_OUT, of=50, done=10)
    for wording in "AB":
        an_arm(made, school, Arm.TREATED, of=50, done=20, wording=wording)
    result = evidence(made)
    assert result.primary and result.primary.estimate
    assert (result.primary.estimate.done, result.primary.estimate.of) == (40, 100)
    assert [line.wording for line in result.wordings] == ["B"]

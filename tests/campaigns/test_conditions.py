"""Conditions joined by and, or, not mean what they say; anything else is refused."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import packs
from campaigns.models import Assignment, Campaign, Click, Message, Reply, SavedAudience
from campaigns.targeting import audience, conditions
from campaigns.targeting.conditions import BadRule
from campaigns.targeting.reach import reach_of
from contacts import consent
from contacts.models import Channel, Contact, Student, Suppression, Tag

NOW = timezone.now()
DAY = dt.timedelta(days=1)

LEAVES = st.one_of(
    st.builds(
        lambda v: {"field": "status", "in": v},
        st.lists(st.sampled_from(conditions.KNOWN["status"]), min_size=1, max_size=3),
    ),
    st.builds(
        lambda v: {"field": "path", "in": v},
        st.lists(st.sampled_from(conditions.KNOWN["path"]), min_size=1, max_size=2),
    ),
    st.builds(lambda n: {"field": "status_days", "min": n}, st.integers(0, 40)),
    st.builds(lambda n: {"field": "status_days", "max": n}, st.integers(0, 40)),
    st.builds(lambda v: {"field": "grade", "in": [v]}, st.sampled_from(["11", "12"])),
    st.builds(lambda v: {"field": "language", "in": [v]}, st.sampled_from(["en", "es", "vi"])),
    st.builds(lambda v: {"field": "tag", "in": [v]}, st.sampled_from(["AVID", "None"])),
    st.builds(lambda v: {"field": "channel", "in": [v]}, st.sampled_from(["sms", "email"])),
    st.builds(lambda n: {"field": "replied", "days": n}, st.integers(1, 20)),
    st.just({"field": "replied", "in": ["question"]}),
    st.just({"field": "heard"}),
)
TREES = st.recursive(
    LEAVES,
    lambda node: st.one_of(
        st.lists(node, min_size=1, max_size=3).map(lambda nodes: {"all": nodes}),
        st.lists(node, min_size=1, max_size=3).map(lambda nodes: {"any": nodes}),
        node.map(lambda inner: {"not": inner}),
    ),
    max_leaves=6,
)


@pytest.fixture
def crowd(town):
    """A dozen families, each different in several ways."""
    statuses, paths = conditions.KNOWN["status"], conditions.KNOWN["path"]
    tag = Tag.objects.create(district=town.district, name="AVID")
    for n in range(12):
        adult = town.family(
            f"S{n}",
            language=["en", "es", "vi"][n % 3],
            phone=None if n % 4 == 0 else "",
            email=None if n % 5 == 0 else "",
            aid_status=statuses[n % 5],
            path=paths[n % 3],
            grade="11" if n % 6 == 0 else "12",
            aid_status_since=None if n % 7 == 0 else NOW - (n * 3) * DAY - dt.timedelta(hours=1),
        )
        if n % 3 == 1:
            adult.students.get().tags.add(tag)
        if n % 4 == 1:
            meaning = Reply.Meaning.QUESTION if n % 8 == 1 else Reply.Meaning.DONE
            Reply.objects.create(
                contact=adult, channel="sms", meaning=meaning, received_at=NOW - n * DAY
            )
    someone = Student.objects.order_by("first_name").first()
    own = Contact.objects.create(
        district=town.district, student=someone, first_name="own", language="vi"
    )
    town.point(own, Channel.EMAIL, "own@example.org")
    return town


def means(node, student) -> bool:
    """The oracle: one student at a time, in Python."""
    if "not" in node:
        return not means(node["not"], student)
    if "all" in node:
        return all(means(each, student) for each in node["all"])
    if "any" in node:
        return any(means(each, student) for each in node["any"])
    people = [*student.guardians.all(), *Contact.objects.filter(student=student)]
    values = node.get("in", [])
    match node["field"]:
        case "status":
            return student.aid_status in values
        case "path":
            return student.path in values
        case "grade":
            return student.grade in values
        case "language":
            return any(each.language in values for each in people)
        case "tag":
            return any(tag.name in values for tag in student.tags.all())
        case "status_days":
            if student.aid_status_since is None:
                return "min" in node
            days = (NOW - student.aid_status_since) / DAY
            return days >= node["min"] if "min" in node else days <= node["max"]
        case "channel":
            return any(p.channel in values for each in people for p in each.points.all())
        case "replied":
            return any(
                (not values or r.meaning in values)
                and ("days" not in node or r.received_at >= NOW - node["days"] * DAY)
                for each in people
                for r in each.replies.all()
            )
    return False  # nobody has heard anything yet


@given(TREES)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_tree_of_conditions_means_what_it_says_of_each_student(crowd, tree):
    conditions.check(tree)
    found = set(Student.objects.filter(conditions.as_q(tree, now=NOW)).values_list("pk", flat=True))
    assert found == {each.pk for each in Student.objects.all() if means(tree, each)}


@given(TREES)
@settings(deadline=None)
def test_every_tree_survives_json_and_is_told_in_words(tree):
    assert conditions.check(json.loads(json.dumps(tree))) == tree
    assert conditions.whole_in_words(tree)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "field", "in", "min", "days", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(ANYTHING)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_anything_else_is_refused_and_what_is_taken_can_be_asked(node):
    try:
        conditions.check(node)
    except BadRule:
        return
    str(Student.objects.filter(conditions.as_q(node, now=NOW)).query)


@pytest.mark.parametrize(
    "node",
    [
        {"field": "password", "in": ["x"]},
        {"field": "status", "in": ["nonsense"]},
        {"field": "status", "in": []},
        {"field": "status", "in": ["completed"], "days": 3},
        {"field": "status_days"},
        {"field": "status_days", "min": -1},
        {"field": "status_days", "min": True},
        {"field": "arm", "in": ["held_out"]},
        {"all": [], "any": []},
        {"all": {"field": "status"}},
        {"any": [{"all": [{"any": [{"all": [{"any": [{"all": []}]}]}]}]}]},
        {"all": [{"field": "heard"}] * 80},
    ],
)
def test_what_is_misspelt_too_deep_or_too_long_is_refused(node):
    with pytest.raises(BadRule):
        conditions.check(node)


def test_earlier_arms_and_opened_links_choose_families(town):
    treated, held = town.family("Ana"), town.family("Ben")
    earlier = Campaign.objects.create(name="E", district=town.district, cycle=town.cycle)
    for adult, arm in ((treated, "treated"), (held, "held_out")):
        household = adult.students.get().household
        Assignment.objects.create(campaign=earlier, household=household, arm=arm, stratum="s")
    message = Message.objects.create(
        household=treated.students.get().household, channel="sms", address_index="x",
        language="en", time_zones="UTC", not_before=NOW, expires_at=NOW, campaign=earlier,
    )  # fmt: skip
    Click.objects.create(message=message, at=NOW)
    unseen = Message.objects.create(
        household=held.students.get().household, channel="sms", address_index="y",
        language="en", time_zones="UTC", not_before=NOW, expires_at=NOW, campaign=earlier,
    )  # fmt: skip
    Click.objects.create(message=unseen, at=NOW, robot=Click.Robot.AGENT)

    def names(node):
        found = Student.objects.filter(conditions.as_q(node, now=NOW))
        return sorted(each.first_name for each in found)

    assert names({"field": "arm", "campaign": earlier.pk, "in": ["held_out"]}) == ["Ben"]
    assert names({"field": "opened", "days": 1}) == ["Ana"]
    assert names({"not": {"field": "opened"}}) == ["Ben"]


# In a campaign ----------------------------------------------------------------------------------


@pytest.fixture
def campaign(town, counselor):
    return town.adopts("form-opens", by=counselor)


def test_a_rule_narrows_the_audience_beside_what_was_ticked(town, campaign):
    tagged = town.family("Ana")
    town.family("Ben")
    tagged.students.get().tags.add(Tag.objects.create(district=town.district, name="AVID"))
    campaign.audience |= {"rule": {"all": [{"field": "tag", "in": ["AVID"]}]}}
    assert [each.first_name for each in audience.students(campaign)] == ["Ana"]


def change(client, campaign, **given):
    return client.post(reverse("campaign-rule", args=[campaign.pk]), given)


def test_conditions_are_added_grouped_turned_around_and_removed_without_javascript(
    client, town, campaign
):
    town.family("Ana", aid_status="in_progress")
    town.family("Ben")
    here = reverse("campaign-rule", args=[campaign.pk])
    assert client.get(here + "?add=").status_code == 200
    assert client.get(here + "?add=&field=status").context["form"]
    change(client, campaign, field="status", path="", values=["in_progress"])
    assert client.get(here).context["reach"].students == 1
    change(client, campaign, do="not", path="0")
    change(client, campaign, do="group", path="")
    change(client, campaign, field="status_days", path="1", min="3")
    campaign.refresh_from_db()
    assert campaign.audience["rule"] == {
        "all": [
            {"not": {"field": "status", "in": ["in_progress"]}},
            {"any": [{"field": "status_days", "min": 3}]},
        ]
    }
    who = client.get(reverse("campaign-who", args=[campaign.pk])).content.decode()
    assert "How long it has stood there" in who
    change(client, campaign, do="switch", path="")
    change(client, campaign, do="remove", path="1")
    change(client, campaign, do="remove", path="0")
    campaign.refresh_from_db()
    assert "rule" not in campaign.audience


def test_a_condition_without_values_and_one_that_is_gone_are_said(client, campaign):
    page = change(client, campaign, field="status", path="")
    assert page.context["form"].errors
    for path in ("9", "0.1", "x", "-1"):
        assert change(client, campaign, do="remove", path=path).status_code == 302
    campaign.refresh_from_db()
    assert "rule" not in campaign.audience


def test_ticking_boxes_keeps_the_conditions(client, town, campaign):
    town.family("Ana")
    campaign.audience |= {"rule": {"all": [{"field": "heard"}]}}
    campaign.save()
    given = {"schools": [town.school.pk], "statuses": ["submitted"], "channels": "sms"}
    client.post(reverse("campaign-who", args=[campaign.pk]), given)
    campaign.refresh_from_db()
    assert campaign.audience["rule"] == {"all": [{"field": "heard"}]}


def test_an_audience_is_saved_once_a_name_and_used_for_the_next(client, campaign, counselor):
    campaign.audience = {"statuses": ["submitted"], "rule": {"all": [{"field": "heard"}]}}
    campaign.save()
    for _ in range(2):
        client.post(
            reverse("campaign-audience-save", args=[campaign.pk]), {"name": " Nearly  there "}
        )
    saved = SavedAudience.objects.get()
    assert saved.name == "Nearly there"
    campaign.audience = {}
    campaign.save()
    use = reverse("campaign-audience-use", args=[campaign.pk])
    client.post(use, {"saved": saved.pk, "do": "use"})
    campaign.refresh_from_db()
    assert campaign.audience == saved.audience
    client.post(use, {"saved": saved.pk, "do": "remove"})
    assert not SavedAudience.objects.exists()


# Counts that add up -----------------------------------------------------------------------------


@pytest.mark.parametrize("channels", ["both", "sms_first", "sms", "email"])
def test_every_known_address_is_a_message_or_left_out_for_one_reason(crowd, counselor, channels):
    campaign = packs.adopt(
        packs.ready()["form-opens"], district=crowd.district, schools=[crowd.school],
        cycle=crowd.cycle, by=counselor, now=NOW,
    )  # fmt: skip
    campaign.audience = {}
    campaign.save()
    campaign.steps.update(channels=channels)
    points = list(audience.Audience.of(campaign).known_points("sms").order_by("pk"))
    points[0].line = "landline"
    points[1].unusable = "30005"
    points[2].consent = "none"
    for point in points[:3]:
        point.save()
    consent.withdraw(
        "sms", points[3].address_index, reason=Suppression.Reason.STOP, basis="STOP", at=NOW
    )
    reach = reach_of(campaign)
    for channel in audience.CHANNELS_OF[channels]:
        assert reach.known[channel] == reach.total(channel) + sum(reach.apart[channel].values())
        made = audience.Audience.of(campaign).addresses(channels, channel).count()
        assert reach.total(channel) == made
    if channels == "sms_first":
        assert reach.apart["email"]["text_first"] > 0

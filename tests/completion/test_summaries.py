"""Pages of large places read summaries: the same figures, in few queries however large."""

from dataclasses import replace
from operator import itemgetter
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models.signals import post_migrate
from django.test import Client, override_settings
from django.utils import timezone
from django_q.models import OrmQ

from completion import movers, placing, summaries, taking_back
from completion.intake import bring_in
from completion.models import Reckoning, SchoolSummary, SourceFile, Summary
from completion.naming import Called
from completion.summaries import making
from completion.tasks import make_summaries
from schools.models import District, Enrolment, Region, Role, School, State, User
from schools.reference import load
from tests.completion.conftest import FLORIDA, bring, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def florida(db: None) -> State:
    """Three weekly files of Florida, and a region with its largest district."""
    load("FL")
    for path in (FLORIDA[0], FLORIDA[3], FLORIDA[4]):
        bring(path)
    state = State.objects.get(code="FL")
    region = Region.objects.create(code="south", name="South", state=state)
    District.objects.filter(nces_id__in=["1200390", "1200180"]).update(region=region)
    return state


DADE_AND_OTHERS = ["1200390", "1200180", "1200030"]


def publish_everywhere(day: str, plus: int) -> School:
    """A state's own file of another week: each school a few more than the largest count so far."""
    schools = School.objects.filter(state="FL", snapshots__isnull=False).distinct().order_by("pk")
    lines = [f"{school.nces_id},{day},{900 + plus},{800 + plus}" for school in schools]
    content = "\n".join(["school_id,date,submitted,completed", *lines])
    bring_in("own.csv", content.encode(), cycle="2024-25")
    return schools[0]


def seen(client: Client, url: str) -> dict[str, Any]:
    """All figures of a page."""
    context = client.get(url).context
    charts = [*context["charts"], context["bars"], context["dots"], context["map"]]
    return {
        "tiles": context["tiles"],
        # A large state's rate is told beside its places only once its summary is made.
        "changes": replace(context["changes"], beside_state="", state_gap=None),
        "charts": [(c.title, c.summary, sorted(c.rows)) for c in charts if c],
        "schools": sorted(row.standing.school.pk for row in context["page"])
        if context["page"].paginator.num_pages == 1
        else [row.rate.text for row in context["page"]],
        "side": sorted(
            (each.svg.split("desc")[-1], each.four_weeks.text) for each in context["side_by_side"]
        )
        if context["page"].paginator.num_pages == 1
        else len(context["side_by_side"]),
        "count": context["rows_count"],
    }


def test_a_summary_says_what_the_snapshots_say(client: Client, admin: User, florida: State) -> None:
    client.force_login(admin)
    places = (florida, Region.objects.get(), *District.objects.filter(nces_id__in=DADE_AND_OTHERS))
    urls = [
        place.get_absolute_url() + query
        for place in places
        for query in ("", "?cycle=2023-24", "?sort=-rate", "?sort=completed&page=2", "?view=side")
    ]
    before = [seen(client, url) for url in urls]
    assert summaries.make("FL", now=timezone.now()) > 1
    for url, figures in zip(urls, before, strict=True):
        assert seen(client, url) == figures, url


def test_files_and_programs_get_the_same_from_summaries(
    client: Client, admin: User, florida: State
) -> None:
    client.force_login(admin)
    region = Region.objects.get()
    urls = [
        region.get_absolute_url() + "?format=csv",
        florida.get_absolute_url() + "?format=csv&table=change",
        florida.get_absolute_url() + "?format=csv&table=places",
        f"/api/v1/regions/{region.code}",
        f"/api/v1/regions/{region.code}/schools?",
        "/api/v1/states/FL/schools?cycle=2023-24",
    ]

    def told(url: str) -> list[Any]:
        answer = client.get(url)
        if "csv" in url:
            return sorted(answer.content.decode().splitlines())
        found = answer.json()
        if "schools?" not in url:
            return [found | {"beside_state": None}]
        pages = [client.get(f"{url}&page={n}").json() for n in range(1, found["pages"] + 1)]
        return sorted((each for page in pages for each in page["schools"]), key=itemgetter("id"))

    before = {url: told(url) for url in urls}
    summaries.make("FL", now=timezone.now())
    for url in urls:
        assert told(url) == before[url], url


def test_a_school_stands_the_same_among_those_like_it(
    client: Client, admin: User, florida: State
) -> None:
    client.force_login(admin)
    schools = School.objects.filter(state="FL", snapshots__isnull=False).distinct()[:40:4]

    def pages() -> list[Any]:
        found = []
        for school in schools:
            context = client.get(school.get_absolute_url()).context
            charts = [(c.title, c.summary, c.rows) for c in context["charts"]]
            found.append(
                (
                    context["cycles"],
                    context["tiles"],
                    charts,
                    context["changes"].lines,
                    context["rank"],
                    client.get(f"/api/v1/schools/{school.nces_id}").json() | {"beside_state": None},
                )
            )
        return found

    before = pages()
    assert any(rank for *_others, rank, _api in before)
    summaries.make("FL", now=timezone.now())
    assert pages() == before


def test_a_page_of_a_large_state_asks_little(
    client: Client, admin: User, florida: State, django_assert_max_num_queries: Any
) -> None:
    summaries.make("FL", now=timezone.now())
    client.force_login(admin)
    for url in ("/completion/states/FL/", "/completion/", "/completion/regions/south/"):
        with django_assert_max_num_queries(20):
            assert client.get(url).status_code == 200


def test_a_summary_lists_only_schools_that_one_may_open(client: Client, florida: State) -> None:
    summaries.make("FL", now=timezone.now())
    region = Region.objects.get()
    school = School.objects.in_region(region).filter(snapshots__isnull=False).first()
    assert school
    client.force_login(person(Role.COUNSELOR, school=school))
    page = client.get(region.get_absolute_url()).context
    assert [row.standing.school for row in page["page"]] == [school]
    assert not page["dots"]


def test_the_week_names_the_same_schools_from_summaries_in_as_few_queries(
    florida: State, django_assert_num_queries: Any
) -> None:
    everywhere = person(Role.COORDINATOR, state=florida)
    south = person(Role.COORDINATOR, region=Region.objects.get())
    computed = [movers.of(each) for each in (everywhere, south)]
    assert computed[0] and len(computed[0].moved) == len(computed[0].need_help) == 3
    summaries.make("FL", now=timezone.now())
    for user, before in zip((everywhere, south), computed, strict=True):
        assert user.scope is not None
        with django_assert_num_queries(6):
            assert movers.of(user) == before


def test_a_mail_tells_the_newest_figures_and_a_page_the_last_that_are_worked_out(
    florida: State,
) -> None:
    everywhere = person(Role.COORDINATOR, state=florida)
    summaries.make("FL", now=timezone.now())
    before = movers.of(everywhere)
    publish_everywhere("2024-04-12", plus=5)
    newest = movers.of(everywhere)
    assert before and newest and newest.through > before.through
    assert movers.of(everywhere, last_ones=True) == before
    small = Region.objects.create(code="small", name="Small", state=florida)
    School.objects.filter(pk__in=[e.school.pk for e in before.moved]).update(region=small)
    found = movers.of(person(Role.COORDINATOR, region=small), last_ones=True)
    assert found and (found.schools, found.through) == (3, newest.through)


def due() -> set[str]:
    found = Reckoning.objects.filter(Reckoning.due(settings.SMALL_COUNT))
    return set(found.values_list("cycle_id", flat=True))


def test_whatever_changes_a_figure_asks_for_the_summary_anew(florida: State) -> None:
    def made() -> None:
        summaries.refresh(["FL"])
        assert not due() and SchoolSummary.objects.exists()

    summaries.make("FL", now=timezone.now())
    made()
    bring(FLORIDA[1])
    assert due()
    made()
    enrolment = Enrolment.objects.filter(school__state="FL").first()
    assert enrolment
    enrolment.save()
    assert due()
    made()
    District.objects.filter(state="FL")[0].save()
    assert due()
    made()
    load("FL")
    assert due()
    made()
    with override_settings(SMALL_COUNT=12):
        assert due()


def test_a_large_place_shows_its_last_figures_until_the_new_ones_are_made(
    client: Client, admin: User, florida: State
) -> None:
    client.force_login(admin)
    summaries.make("FL", now=timezone.now())
    before = seen(client, "/completion/states/FL/")
    later = publish_everywhere("2024-04-12", plus=5)
    page = client.get("/completion/states/FL/")
    assert seen(client, "/completion/states/FL/") == before
    assert "New figures have come in" in page.content.decode()
    # A school's own page is quick to work out, and knows the new figures at once.
    school = client.get(later.get_absolute_url()).context
    assert school["standing"].latest.as_of.isoformat() == "2024-04-12"
    summaries.refresh(["FL"])
    page = client.get("/completion/states/FL/")
    assert page.context["group"].latest.as_of.isoformat() == "2024-04-12"
    assert "New figures have come in" not in page.content.decode()


def test_a_figure_that_is_taken_back_is_gone_from_every_page_at_once(
    client: Client, admin: User, florida: State
) -> None:
    Region.objects.update(is_public=True)
    client.force_login(admin)
    urls = [place.get_absolute_url() for place in (florida, Region.objects.get())]
    before = [seen(client, url) for url in urls]
    public = "/public/regions/south/"
    told = client.get(public).context["tiles"]
    publish_everywhere("2024-04-12", plus=5)
    summaries.refresh(["FL"])
    assert client.get(public).context["tiles"] != told
    taking_back.take_back(SourceFile.objects.get(name="own.csv"))
    assert [seen(client, url) for url in urls] == before
    assert client.get(public).context["tiles"] == told
    assert due()
    summaries.refresh(["FL"])
    assert not due() and [seen(client, url) for url in urls] == before


def test_a_wrong_match_is_gone_from_every_page_once_it_is_put_right(
    client: Client, admin: User, florida: State
) -> None:
    """A name's lines went to another school, and its summaries were made of them."""
    client.force_login(admin)
    meant, taken_for = School.objects.filter(state="FL", snapshots__isnull=False).distinct()[:2]
    urls = [place.get_absolute_url() for place in (florida, Region.objects.get())]
    schools = [school.get_absolute_url() for school in (meant, taken_for)]

    def told() -> list[Any]:
        return [seen(client, url) for url in urls] + [
            client.get(url).context["tiles"] for url in schools
        ]

    before = told()
    named = Called(code=meant.nces_id)
    placing.decide(named, "NAMED", taken_for, by=admin, now=timezone.now())
    summaries.refresh(["FL"])
    assert told() != before
    placing.decide(named, "NAMED", meant, by=admin, now=timezone.now())
    assert told() == before and due()
    summaries.refresh(["FL"])
    assert told() == before and not due()


def test_a_name_that_waited_makes_large_places_old_but_not_slow(
    admin: User, florida: State
) -> None:
    school = School.objects.filter(state="FL", snapshots__isnull=False)[0]
    named = Called(code=school.nces_id)
    placing.decide(named, "NAMED", None, by=admin, now=timezone.now())
    summaries.refresh(["FL"])
    there = set(Summary.objects.values_list("pk", flat=True))
    placing.decide(named, "NAMED", school, by=admin, now=timezone.now())
    assert due() and set(Summary.objects.values_list("pk", flat=True)) == there


def test_a_making_that_read_what_is_taken_back_is_not_put_in_place(
    florida: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_everywhere("2024-04-12", plus=5)
    [reading] = [making.series_of]
    source = SourceFile.objects.filter(name="own.csv")

    def late(*args: Any) -> Any:
        found = reading(*args)
        for each in source:
            taking_back.take_back(each)
        return found

    monkeypatch.setattr(making, "series_of", late)
    summaries.make("FL", now=timezone.now(), cycles=["2024-25"])
    assert not Summary.objects.exists()


def test_nobody_keeps_a_public_page_whose_figures_are_being_made(
    client: Client, florida: State
) -> None:
    Region.objects.update(is_public=True)
    summaries.make("FL", now=timezone.now())
    page = client.get("/public/regions/south/")
    assert "max-age=3600" in page["Cache-Control"] and "public" in page["Cache-Control"]
    assert "New figures have come in" not in page.content.decode()
    publish_everywhere("2024-04-12", plus=5)
    page = client.get("/public/regions/south/")
    assert "max-age=60" in page["Cache-Control"]
    assert "New figures have come in" in page.content.decode()


def test_a_new_file_has_only_its_own_cycle_made_anew(florida: State) -> None:
    summaries.make("FL", now=timezone.now())
    newest, before = "2024-25", "2023-24"
    kept = set(SchoolSummary.objects.filter(cycle=before).values_list("pk", flat=True))
    publish_everywhere("2024-04-12", plus=5)
    assert due() == {newest}
    summaries.refresh(["FL"])
    assert set(SchoolSummary.objects.filter(cycle=before).values_list("pk", flat=True)) == kept


def test_a_change_while_summaries_are_made_is_not_lost(
    florida: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    summaries.make("FL", now=timezone.now())
    [reading] = [making.series_of]
    changed = []

    def late(*args: Any) -> Any:
        found = reading(*args)
        if not changed:
            changed.append(publish_everywhere("2024-04-19", plus=9))
        return found

    publish_everywhere("2024-04-12", plus=5)
    monkeypatch.setattr(making, "series_of", late)
    summaries.refresh(["FL"])
    assert changed and not due()
    newest = SchoolSummary.objects.get(school=changed[0], cycle="2024-25")
    assert newest.as_of is not None and newest.as_of.isoformat() == "2024-04-19"


def test_after_an_upgrade_the_worker_is_asked_at_once_for_what_is_not_made(florida: State) -> None:
    def asked() -> list[str]:
        OrmQ.objects.all().delete()
        config = apps.get_app_config("completion")
        post_migrate.send(config, app_config=config, apps=apps, using="default")
        return [each.func() for each in OrmQ.objects.all()]

    Reckoning.objects.all().delete()  # as the migration leaves it
    assert asked() == ["completion.tasks.make_summaries"]
    make_summaries([])  # what the worker then does
    assert not due() and SchoolSummary.objects.exists()
    assert asked() == []

"""Which school a file's name means, and what becomes of a person's word on it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from completion import naming, placing
from completion.intake import bring_in
from completion.models import SchoolName, Snapshot, UnplacedRow
from completion.naming import Called, folded
from schools.models import AuditEntry, District, Role, School, State, User
from tests.completion.conftest import make_school, person

pytestmark = pytest.mark.django_db

# Real rows of the national archive of 30 June 2020, which has no school codes.
ARCHIVE = """Free Application for Federal Student Aid (FAFSA) Submissions by High School,,,,
,,, 2020/ 2021 Cycle,
,,,"Through June 30,  2020",
Name,City,State,Applications Submitted Jun30  2020,Applications Complete Jun30  2020
CASTLE ROCK HIGH SCHOOL,CASTLE ROCK,WA,29,26
EVERGREEN HIGH SCHOOL,SEATTLE,WA,9,7
"NEWPORT SENIOR HIGH SCHOOL",BELLEVUE,WA,273,264
"""


@pytest.fixture
def schools(washington: State, district: District) -> dict[str, School]:
    """Real names: the federal file and the reference agree on the first alone."""
    return {
        "castle": make_school(district, 1, name="Castle Rock High School", city="Castle Rock"),
        "evergreen": make_school(district, 2, name="Evergreen High School", city="Vancouver"),
        "highline": make_school(district, 3, name="Evergreen High School", city="Burien"),
        "newport": make_school(district, 4, name="Newport High School", city="Bellevue"),
    }


def archive(text: str = ARCHIVE) -> None:
    bring_in("archive.csv", text.encode())


def newport() -> Called:
    return Called("WA", "", "newport senior high school", "bellevue")


def test_an_exact_name_in_the_same_city_needs_nobody(schools: dict[str, School]) -> None:
    archive()
    snapshot = Snapshot.objects.get(school=schools["castle"])
    assert (snapshot.submitted, snapshot.completed) == (29, 26)


def test_a_name_is_never_enough_without_its_city(schools: dict[str, School]) -> None:
    archive()
    assert not Snapshot.objects.exclude(school=schools["castle"]).exists()
    assert {row["printed"] for row in placing.waiting()} == {
        "EVERGREEN HIGH SCHOOL, SEATTLE",
        "NEWPORT SENIOR HIGH SCHOOL, BELLEVUE",
    }


@pytest.mark.parametrize(("skipped", "says"), [(1, "2 rows name"), (2, "1 row names")])
def test_the_file_says_how_many_names_wait(
    schools: dict[str, School], skipped: int, says: str
) -> None:
    lines = ARCHIVE.splitlines()
    head, rows = lines[:4], lines[4:]
    source = bring_in("archive.csv", "\n".join([*head, *rows[skipped:]]).encode()).source
    assert says in source.summary["problems"][0]["message"]


def test_two_schools_of_one_name_in_one_city_are_a_question(
    schools: dict[str, School], district: District
) -> None:
    make_school(district, 9, name="Castle Rock HS", city="Castle Rock")
    archive()
    assert UnplacedRow.objects.filter(name="castle rock high school").exists()


def test_a_persons_word_moves_what_earlier_files_said_and_holds_for_later_ones(
    schools: dict[str, School], admin: User, now: object
) -> None:
    archive()
    moved = placing.decide(newport(), "NEWPORT", schools["newport"], by=admin, now=now)
    assert moved == 1
    assert Snapshot.objects.get(school=schools["newport"]).completed == 264
    archive(ARCHIVE.replace("30,  2020", "15,  2020").replace("Jun30", "Jun15"))
    assert Snapshot.objects.filter(school=schools["newport"]).count() == 2
    assert [name["name"] for name in placing.waiting()] == ["evergreen high school"]
    assert AuditEntry.objects.filter(action="completion.matched").count() == 1


def test_a_name_that_is_none_of_ours_is_left_out_and_asked_no_more(
    schools: dict[str, School], admin: User, now: object
) -> None:
    archive()
    placing.decide(newport(), "NEWPORT", None, by=admin, now=now)
    assert newport() not in {
        Called(row["state"], row["code"], row["name"], row["city"]) for row in placing.waiting()
    }
    assert UnplacedRow.objects.filter(**newport().fields()).count() == 1  # kept, and counted


def test_another_word_moves_it_again_and_leaves_nothing_behind(
    schools: dict[str, School], admin: User, now: object
) -> None:
    archive()
    for school in (schools["highline"], schools["newport"]):
        placing.decide(newport(), "NEWPORT", school, by=admin, now=now)
    assert not Snapshot.objects.filter(school=schools["highline"]).exists()
    assert Snapshot.objects.get(school=schools["newport"]).submitted == 273
    placing.decide(newport(), "NEWPORT", None, by=admin, now=now)
    assert not Snapshot.objects.filter(school=schools["newport"]).exists()
    assert UnplacedRow.objects.filter(**newport().fields()).count() == 1


def test_lines_join_those_that_the_school_has_already(
    schools: dict[str, School], admin: User, now: object
) -> None:
    archive()
    placing.decide(newport(), "NEWPORT", schools["castle"], by=admin, now=now)
    snapshot = Snapshot.objects.get(school=schools["castle"])
    assert (snapshot.submitted, len(snapshot.rows)) == (29 + 273, 2)
    placing.decide(newport(), "NEWPORT", schools["newport"], by=admin, now=now)
    snapshot.refresh_from_db()
    assert (snapshot.submitted, len(snapshot.rows)) == (29, 1)


def test_a_code_of_federal_student_aids_own_may_mean_a_school_that_is_known(
    schools: dict[str, School], admin: User, now: object
) -> None:
    rows = ["School Code,Name,City,State,Applications Submitted Jun30  2020"]
    rows[0] += ",Applications Complete Jun30  2020"
    head = ARCHIVE.splitlines()[:3]
    head = [line.replace(",,, 2020", ",,,, 2020").replace(',,,"T', ',,,,"T') for line in head]
    lines = [*head, *rows, "53FN00632,NEWPORT HIGH,BELLEVUE,WA,40,<5"]
    bring_in("codes.csv", "\n".join(lines).encode())
    called = Called(code="53FN00632")
    placing.decide(called, "NEWPORT HIGH", schools["newport"], by=admin, now=now)
    snapshot = Snapshot.objects.get()
    assert (snapshot.school, snapshot.submitted) == (schools["newport"], 40)
    assert snapshot.completed_hidden == 1
    bring_in("later.csv", "\n".join(lines).replace(",40,", ",41,").encode())
    assert Snapshot.objects.newest().get().submitted == 41


def test_the_newest_file_speaks_after_a_move_too(
    schools: dict[str, School], admin: User, now: object
) -> None:
    archive()
    archive(ARCHIVE.replace("273", "275"))  # the same day, published again
    placing.decide(newport(), "NEWPORT", schools["newport"], by=admin, now=now)
    assert Snapshot.objects.newest().get(school=schools["newport"]).submitted == 275
    assert Snapshot.objects.filter(school=schools["newport"]).count() == 2


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("LINCOLN SR HS", "Lincoln Senior High School"),
        ("ST. JOHN'S SCH", "Saint Johns School"),
        ("MT. RAINIER HIGH SCHOOL", "Mount Rainier High School"),
        ("JOSÉ MARTÍ ACAD & CTR", "Jose Marti Academy and Center"),
    ],
)
def test_abbreviations_and_accents_make_no_other_name(text: str, same: str) -> None:
    assert folded(text) == folded(same)


def test_the_likeliest_schools_are_offered_and_numbers_must_agree(
    schools: dict[str, School], district: District
) -> None:
    make_school(district, 5, name="Public School 42", city="Bellevue")
    make_school(district, 6, name="Public School 43", city="Bellevue")
    every = list(School.objects.all())
    assert naming.likely("NEWPORT SENIOR HIGH", "BELLEVUE", every)[0] == schools["newport"]
    assert [s.name for s in naming.likely("PUBLIC SCH 43", "", every)] == ["Public School 43"]
    assert naming.likely("EVERGREEN HIGH SCHOOL", "BURIEN", every)[0] == schools["highline"]


def test_the_page_asks_once_and_takes_the_word(client: Client, schools: dict[str, School]) -> None:
    archive()
    client.force_login(person(Role.COORDINATOR, state=State.objects.get(code="WA")))
    page = client.get(reverse("completion-matching")).content.decode()
    assert "NEWPORT SENIOR HIGH SCHOOL, BELLEVUE" in page
    assert f'value="{schools["newport"].nces_id}"' in page
    assert "2 names" in client.get(reverse("completion-import")).content.decode()
    row = UnplacedRow.objects.get(**newport().fields())
    url = reverse("completion-match", args=[row.pk])
    answer = client.post(url, {"school": schools["newport"].nces_id}, follow=True)
    assert "is Newport High School: 1 line" in answer.content.decode()
    assert client.post(url, {"school": "none"}).status_code == 404  # a second click
    word = SchoolName.objects.get()
    client.post(reverse("completion-match-again", args=[word.pk]), {"school": "none"})
    assert not Snapshot.objects.filter(school=schools["newport"]).exists()


def test_a_wrong_id_is_refused_in_words(client: Client, schools: dict[str, School]) -> None:
    archive()
    client.force_login(person(Role.COORDINATOR, state=State.objects.get(code="WA")))
    row = UnplacedRow.objects.get(**newport().fields())
    url = reverse("completion-match", args=[row.pk])
    answer = client.post(url, {"school_id": "123"}, follow=True)
    assert "No school here has the id “123”" in answer.content.decode()
    assert not SchoolName.objects.exists()


def test_another_states_names_are_not_shown(client: Client, schools: dict[str, School]) -> None:
    archive()
    oregon = State.objects.create(code="OR", name="Oregon", time_zone="America/Los_Angeles")
    client.force_login(person(Role.COORDINATOR, state=oregon))
    assert "NEWPORT" not in client.get(reverse("completion-matching")).content.decode()
    row = UnplacedRow.objects.get(**newport().fields())
    url = reverse("completion-match", args=[row.pk])
    assert client.post(url, {"school": "none"}).status_code == 404

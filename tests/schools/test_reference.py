"""The reference data that Aidbeacon ships, and what loading it twice does."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from schools import reference
from schools.models import Cycle, District, Enrolment, Region, School, State
from schools.names import readable_name
from tests import builders


@pytest.mark.django_db
def test_washington_is_whole() -> None:
    reference.load("WA")
    schools = School.objects.filter(state="WA")
    assert schools.count() == 828
    assert not schools.filter(district=None).exists()
    assert not schools.filter(excluded_from_rates=True).exists()
    assert schools.filter(kind="Special Education").count() == 42
    assert Region.objects.filter(state="WA").count() == 11
    assert not District.objects.filter(state="WA", region=None).exclude(county=None).exists()
    counts = Enrolment.objects.filter(school__state="WA")
    assert set(counts.values_list("school_year", flat=True)) == {"2018-19"}
    assert counts.count() == 651
    assert counts.aggregate(seniors=Sum("grade12"))["seniors"] == 89_982


@pytest.mark.django_db
def test_a_district_in_a_shared_county_waits_for_a_persons_word() -> None:
    reference.load("WA")
    inferred = District.objects.filter(region_inferred=True)
    for name in ("Bainbridge Island", "Othello", "Northshore", "Goldendale"):
        assert inferred.filter(name__startswith=name).count() == 1
    assert not inferred.filter(county__name="King").exists()


@pytest.mark.django_db
def test_florida_keeps_both_years_and_tells_hidden_from_none() -> None:
    reference.load("FL")
    counts = Enrolment.objects.filter(school__state="FL")
    assert set(counts.values_list("school_year", flat=True)) == {"2022-23", "2023-24"}
    hidden = counts.filter(suppressed=True)
    assert hidden.count() == 39
    assert set(hidden.values_list("grade12", flat=True)) == {None}
    assert counts.filter(suppressed=False, grade12=None).count() == 0
    assert counts.filter(school_year="2023-24", grade12=0).count() == 9
    for school in School.objects.filter(state="FL").select_related("district"):
        assert school.district is not None
        assert school.nces_id.startswith(school.district.nces_id)


@pytest.mark.django_db
@pytest.mark.parametrize("state", reference.shipped_states())
def test_loading_again_changes_nothing(state: str) -> None:
    first = reference.load(state)
    again = reference.load(state)
    assert (again["created"], again["updated"]) == (0, 0)
    assert again["unchanged"] == sum(first.values())


@pytest.mark.django_db
def test_a_row_that_was_spoilt_is_mended_and_counted() -> None:
    reference.load("WA")
    School.objects.filter(nces_id="530910002602").update(name="Another name")
    assert reference.load("WA")["updated"] == 1
    assert School.objects.get(nces_id="530910002602").name == "A G West Black Hills High School"


@pytest.mark.django_db
def test_what_a_person_set_stays() -> None:
    reference.load("WA")
    region = Region.objects.get(code="king")
    district = District.objects.get(name__startswith="Bainbridge")
    district.region, district.region_inferred, district.region_edited = region, False, True
    district.save()
    typed = Enrolment.objects.select_related("school").first()
    assert typed is not None
    typed.grade12, typed.source, typed.entered_by = 777, "our registrar", builders.a_user()
    typed.save()
    School.objects.filter(pk=typed.school_id).update(excluded_from_rates=True, region=region)
    assert reference.load("WA")["updated"] == 0
    district.refresh_from_db()
    typed.refresh_from_db()
    assert (district.region, district.region_inferred) == (region, False)
    assert typed.grade12 == 777
    assert typed.school.excluded_from_rates
    assert typed.school.region == region


@pytest.mark.django_db
def test_an_unknown_state_is_refused_and_changes_nothing() -> None:
    with pytest.raises(CommandError, match="XX"):
        call_command("load_reference", "--state", "XX")
    assert not State.objects.exists()


@pytest.mark.django_db
def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_reference", "--state", "wa")
    call_command("load_reference", "--state", "wa")
    first, again = capsys.readouterr().out.splitlines()
    assert first.startswith("WA: ")
    assert again.startswith("WA: 0 created, 0 updated, ")


def test_every_state_has_a_time_zone_that_exists() -> None:
    states = reference.known_states()
    assert {"WA", "FL", "WY", "DC", "PR", "GU"} <= states.keys()
    for _name, zone in states.values():
        ZoneInfo(zone)


@pytest.mark.django_db
def test_each_cycle_says_when_it_opened_and_who_says_so() -> None:
    reference.load_cycles()
    for cycle in Cycle.objects.all():
        cycle.full_clean()
        assert cycle.source
        assert cycle.opened_on is not None
        assert cycle.opened_on < dt.date(cycle.first_year, 7, 1)
    assert {f"{year}-{year % 100 + 1}" for year in range(2023, 2028)} <= set(
        Cycle.objects.values_list("name", flat=True)
    )
    names = [
        c["name"] for c in tomllib.loads((reference.DATA / "cycles.toml").read_text())["cycle"]
    ]
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    ("published", "readable"),
    [
        ("A. CRAWFORD MOSLEY HIGH SCHOOL", "A. Crawford Mosley High School"),
        ("P.K. YONGE DEVELOPMENTAL RESEARCH SCHOOL", "P.K. Yonge Developmental Research School"),
        ("FLORIDA A&M UNIVERSITY HIGH", "Florida A&M University High"),
        ("DEAF HIGH SCHOOL (FSDB)", "Deaf High School (FSDB)"),
        ("ST. JOHNS JR-SR HIGH SCHOOL", "St. Johns Jr-Sr High School"),
        ("MT. DORA HIGH SCHOOL", "Mt. Dora High School"),
        ("JEAN O'DELL LEARNING CENTER", "Jean O'Dell Learning Center"),
        ("YOUNG MEN'S PREPARATORY ACADEMY", "Young Men's Preparatory Academy"),
        ("MCARTHUR HIGH SCHOOL", "McArthur High School"),
        ("THE SCHOOL OF THE ARTS", "The School of the Arts"),
        ("HAWTHORNE MIDDLE/HIGH SCHOOL", "Hawthorne Middle/High School"),
        ("ESE COUNTYWIDE", "ESE Countywide"),
        ("JEFFERSON SCHOOLS K-12", "Jefferson Schools K-12"),
        ("MAST@FIU", "MAST@FIU"),
        ("DeLand High School", "DeLand High School"),
        ("", ""),
    ],
)
def test_names_in_capitals_are_made_readable(published: str, readable: str) -> None:
    assert readable_name(published) == readable


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "Zs"])))
def test_making_a_name_readable_changes_no_letter_but_its_case(name: str) -> None:
    assert readable_name(name).upper() == name.upper()


def test_the_files_name_each_thing_once() -> None:
    for path in reference.DATA.glob("*/*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        keys = [(next(iter(row.values())), row.get("school_year")) for row in rows]
        assert len(keys) == len(set(keys)), path.name

"""Enrolment files: every layout in, nothing guessed, and what a person typed in stays."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from completion.enrolments.intake import Report, bring_in
from completion.enrolments.layouts import Columns
from completion.models import Layout, SchoolName
from completion.readers import BadFile
from schools.models import District, Enrolment, Role, School, State, User
from schools.reference import load
from tests.completion.conftest import FILES, make_school, person

pytestmark = pytest.mark.django_db


def bring(text: str, **options: object) -> Report:
    return bring_in("seniors.csv", text.encode(), **options)  # type: ignore[arg-type]


@pytest.fixture
def two(district: District) -> list[School]:
    return [make_school(district, n, state_code=f"WA-34033-228{n}") for n in (1, 2)]


def known() -> dict[tuple[str, str], int | None]:
    rows = Enrolment.objects.values_list("school__nces_id", "school_year", "grade12")
    return {(school, year): number for school, year, number in rows}


def test_nces_table_generator_gives_each_years_column(two: list[School]) -> None:
    a, b = (school.nces_id for school in two)
    report = bring(
        "ELSI Export\n\n"
        "School Name,School ID - NCES Assigned [Public School] Latest available year,"
        "Grade 12 Students [Public School] 2023-24,Grade 12 Students [Public School] 2022-23\n"
        f'A,{a},"1,204",188\nB,{b},†,‡\n'
    )
    assert known() == {(a, "2023-24"): 1204, (a, "2022-23"): 188, (b, "2022-23"): None}
    assert (report.created, report.blank, report.hidden) == (3, 1, 1)
    assert Enrolment.objects.get(grade12=None).suppressed


def test_nces_membership_takes_only_the_total_of_grade_12(two: list[School]) -> None:
    a = two[0].nces_id
    bring(
        "SCHOOL_YEAR,ST,NCESSCH,GRADE,RACE_ETHNICITY,SEX,STUDENT_COUNT,TOTAL_INDICATOR\n"
        f"2023-2024,WA,{a},Grade 12,White,Female,40,Category Set A - By Race; Sex; Grade\n"
        f"2023-2024,WA,{a},Grade 12,No Category Codes,No Category Codes,95,Subtotal 4 - By Grade\n"
        f"2023-2024,WA,{a},Grade 11,No Category Codes,No Category Codes,99,Subtotal 4 - By Grade\n"
    )
    assert known() == {(a, "2023-24"): 95}


def test_ospi_finds_schools_by_the_end_of_the_states_code(two: list[School]) -> None:
    florida = State.objects.create(code="FL", name="Florida", time_zone="America/New_York")
    School.objects.create(nces_id="120000000001", name="x", state=florida, state_code="FL-01-2283")
    report = bring(
        "DistrictCode,SchoolCode,GradeLevel,All Students\n"
        "34033.0,2281.0,12th Grade,188\n34033.0,2282.0,12th Grade,95\n"
        "34033.0,2281.0,11th Grade,200\n34033.0,2283.0,12th Grade,5\n",
        school_year="2018-19",
    )
    assert sorted(n for n in known().values() if n) == [95, 188]
    assert report.unmatched == ["2283"]


def test_any_table_comes_in_by_its_columns_names(two: list[School]) -> None:
    text = f"Schule,Zwölfte,Jahr\n{two[0].nces_id},77,2025/26\n"
    with pytest.raises(BadFile, match="Zwölfte"):
        bring(text)
    bring(text, columns=Columns("Schule", "Zwölfte", "Jahr"))
    assert known() == {(two[0].nces_id, "2025-26"): 77}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("53000010000,80", "leading"),
        ("5.3E+11,80", "rounded"),
        ("530000100001,many", "not a number"),
        ("530000100001,99999", "not a number"),
    ],
)
def test_a_spoilt_file_changes_nothing_and_says_the_row(
    two: list[School], rows: str, why: str
) -> None:
    with pytest.raises(BadFile, match=why) as refused:
        bring(f"nces_id,seniors\n{two[0].nces_id},80\n{rows}\n", school_year="2025-26")
    assert refused.value.problems[0].row == 3
    assert not Enrolment.objects.exists()


def test_a_file_without_its_year_asks_for_it(two: list[School]) -> None:
    with pytest.raises(BadFile, match="school year"):
        bring(f"nces_id,seniors\n{two[0].nces_id},80\n")


def test_what_a_person_typed_in_stays_and_the_same_file_changes_nothing(
    two: list[School], admin: User
) -> None:
    Enrolment.objects.create(
        school=two[0], school_year="2025-26", grade12=81, source="count", entered_by=admin
    )
    text = f"nces_id,seniors,year\n{two[0].nces_id},80,2025-26\n{two[1].nces_id},90,2025-26\n"
    first, again = bring(text), bring(text)
    assert (first.kept, first.created) == (1, 1)
    assert (again.kept, again.unchanged, again.created) == (1, 1, 0)
    assert known()[two[0].nces_id, "2025-26"] == 81


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        bring("nces_id,seniors\n" + text, school_year="2025-26", dry_run=True)
    except BadFile as refused:
        assert str(refused)


def test_floridas_real_file_comes_in_by_the_command() -> None:
    load("FL")
    Enrolment.objects.all().delete()
    out = io.StringIO()
    path = FILES.parents[2] / "schools" / "data" / "fl" / "enrolments.csv"
    call_command("import_enrolments", path, "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert report["created"] + report["blank"] == report["rows"] > 1700
    with pytest.raises(CommandError):
        call_command("import_enrolments", FILES / "WY_Class_of_2024.xls", stderr=io.StringIO())


def test_a_coordinator_brings_in_the_own_state_only(client: Client, two: list[School]) -> None:
    florida = State.objects.create(code="FL", name="Florida", time_zone="America/New_York")
    client.force_login(person(Role.COORDINATOR, state=florida))
    file = SimpleUploadedFile("s.csv", f"nces_id,seniors\n{two[0].nces_id},80\n".encode())
    page = client.post("/completion/enrolments/", {"file": file, "school_year": "2025-26"})
    assert "outside of your states" in page.content.decode()
    assert not Enrolment.objects.exists()
    client.force_login(person(Role.COORDINATOR, state=two[0].state))
    file.seek(0)
    page = client.post("/completion/enrolments/", {"file": file, "school_year": "2025-26"})
    assert "The enrolments are in." in page.content.decode()
    assert known() == {(two[0].nces_id, "2025-26"): 80}


def test_columns_named_once_are_remembered_and_the_command_needs_no_names(
    client: Client, two: list[School]
) -> None:
    client.force_login(person(Role.COORDINATOR, state=two[0].state))
    text = f"Schule,Zwölfte,Jahr\n{two[0].nces_id},77,2025/26\n"
    file = SimpleUploadedFile("s.csv", text.encode())
    page = client.post("/completion/enrolments/", {"file": file}, follow=True)
    assert "Check the columns" in page.content.decode()
    [(address, _status)] = page.redirect_chain
    named = {"column-0": "school_id", "column-1": "seniors", "column-2": "school_year"}
    page = client.post(address, {"action": "map", "state": "WA", **named})
    assert "What would change" in page.content.decode() and not Enrolment.objects.exists()
    page = client.post(address, {"action": "import"}, follow=True)
    assert "understood from now on" in page.content.decode()
    assert known() == {(two[0].nces_id, "2025-26"): 77}
    bring(text.replace("77", "78"))
    assert known() == {(two[0].nces_id, "2025-26"): 78}


def test_a_districts_own_names_are_enough(two: list[School], district: District) -> None:
    School.objects.filter(pk=two[0].pk).update(name="Fir High")
    layout = Layout(
        kind="enrolments", state=district.state, district=district,
        mapping={"school": "Campus", "seniors": "Count"},
    )  # fmt: skip
    report = bring(
        "Campus,Count\nFIR HIGH SCHOOL,77\nElm Academy,12\n", layout=layout, school_year="2025-26"
    )
    assert known() == {(two[0].nces_id, "2025-26"): 77}
    assert report.unmatched == ["Elm Academy"]
    SchoolName.objects.create(
        state="WA", name="elm academy", city="cedar", printed="Elm", school=two[1],
        decided_at=timezone.now(),
    )  # fmt: skip
    bring("Campus,Count\nElm Academy,12\n", layout=layout, school_year="2025-26")
    assert known()[two[1].nces_id, "2025-26"] == 12

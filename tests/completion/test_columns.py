"""Completion files of a layout that nobody knows: named once by a person, then understood."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from completion import placing, taking_back
from completion.columns import fields, held, tables
from completion.columns.held import Outcome
from completion.intake import Intake, bring_in
from completion.models import HeldFile, Layout, LayoutKind, Snapshot, SourceFile, UnplacedRow
from completion.naming import Called
from completion.readers import BadFile, UnknownLayout
from schools.models import AuditEntry, District, Enrolment, Role, School, State, User
from tests.completion.conftest import make_school, person

pytestmark = pytest.mark.django_db

HEADER = "Campus,Bldg #,Report Date,FAFSAs Submitted,FAFSAs Completed,% Completed,12th graders"
MAPPING = {
    "school": "Campus",
    "date": "Report Date",
    "submitted": "FAFSAs Submitted",
    "completed": "FAFSAs Completed",
    "seniors": "12th graders",
}


def table(*lines: str) -> bytes:
    return "\n".join(["District counts,,,,,,", HEADER, *lines]).encode()


@pytest.fixture
def two(district: District) -> list[School]:
    return [make_school(district, n, name=f"{word} High") for n, word in ((1, "Fir"), (2, "Oak"))]


FIR = "FIR HIGH SCHOOL,17,3/6/2026,31,12,40%,80"
OAK = "Oak HS,18,3/6/2026,44,<5,,90"


def layout(district: District, **mapping: str) -> Layout:
    return Layout(
        kind=LayoutKind.COMPLETION,
        state=district.state,
        district=district,
        mapping={**MAPPING, **mapping},
    )


def bring(content: bytes, **options: Any) -> Intake:
    return bring_in("counts.csv", content, **options)


def known() -> dict[str, tuple[int, int, int]]:
    rows = Snapshot.objects.values_list(
        "school__name", "submitted", "completed", "completed_hidden"
    )
    return {name: (submitted, completed, hidden) for name, submitted, completed, hidden in rows}


@pytest.fixture
def coordinator(washington: State) -> User:
    return person(Role.COORDINATOR, state=washington)


def upload(client: Client, content: bytes, **more: str) -> Any:
    file = SimpleUploadedFile("counts.csv", content)
    return client.post("/completion/import/", {"file": file, **more}, follow=True)


# What the columns are ----------------------------------------------------------------------


def test_the_header_is_found_below_a_title_and_its_columns_are_guessed() -> None:
    found = tables.table_of(table(FIR, OAK))
    guessed = fields.guess(found.headers, found.values(), fields.COMPLETION)
    assert found.header_row == 2
    assert guessed == MAPPING
    assert found.values()[0] == ["FIR HIGH SCHOOL", "Oak HS"]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("NCES School ID", "school_id"),
        ("School Name", "school"),
        ("As of", "date"),
        ("Award Year", "cycle"),
        ("Class of", "school_year"),
        ("# Submitted", "submitted"),
        ("Total Complete", "completed"),
        ("% Complete", None),
        ("Completion rate", None),
        ("Not completed", None),
        ("Completed last year", None),
        ("Grade 12 Enrollment", "seniors"),
    ],
)
def test_headers_tell_their_field_and_a_share_is_never_a_count(
    header: str, field: str | None
) -> None:
    assert fields.guess([header], [[]], fields.COMPLETION) == ({field: header} if field else {})


def test_a_column_of_school_ids_or_dates_gives_itself_away() -> None:
    guessed = fields.guess(
        ["X1", "X2"], [["530000100001"], ["3/6/2026", "2026-03-13"]], fields.COMPLETION
    )
    assert guessed == {"school_id": "X1", "date": "X2"}


# What comes of the rows --------------------------------------------------------------------


def test_a_districts_names_find_its_schools_and_their_seniors(
    two: list[School], district: District
) -> None:
    found = bring(table(FIR, "Fir High,17,,,,,", "TOTAL,,3/6/2026,75,12,,170"),
                  layout=layout(district))  # fmt: skip
    assert known() == {"Fir High": (31, 12, 0)}
    [snapshot] = Snapshot.objects.all()
    assert (snapshot.as_of, snapshot.cycle_id) == (dt.date(2026, 3, 6), "2026-27")
    assert snapshot.rows[0]["line"] == 3 and found.source.kind == SourceFile.Kind.OWN
    assert len(found.source.summary["notes"]) == 2  # the total, and the row without figures
    assert Enrolment.objects.get(school=two[0]).grade12 == 80


def test_a_school_may_be_called_total(two: list[School], district: District) -> None:
    School.objects.filter(pk=two[0].pk).update(name="Total Academy")
    lines = (FIR.replace("FIR HIGH SCHOOL", "Total Academy"), OAK, "Total for district,,,75,12,,")
    bring(table(*lines), layout=layout(district))
    assert set(known()) == {"Total Academy", "Oak High"}


def test_a_hidden_count_is_an_interval_and_one_under_ten_is_no_figure(
    two: list[School], district: District
) -> None:
    bring(table(OAK, FIR.replace(",12,", ",<10,")), layout=layout(district))
    assert known() == {"Oak High": (44, 0, 1)}


def test_what_names_no_school_waits_for_a_person_and_then_moves(
    two: list[School], district: District, coordinator: User, now: dt.datetime
) -> None:
    found = bring(table(FIR, OAK.replace("Oak HS", "Oke Academy")), layout=layout(district))
    assert found.source.summary["unmatched"] == 1
    assert found.source.summary["first_unmatched"] == ["Oke Academy, Cedar"]
    row = UnplacedRow.objects.get()
    placing.decide(
        Called(row.state, row.code, row.name, row.city), row.printed, two[1],
        by=coordinator, now=now,
    )  # fmt: skip
    assert known() == {"Fir High": (31, 12, 0), "Oak High": (44, 0, 1)}
    bring(table(OAK.replace("Oak HS", "Oke Academy").replace("3/6", "3/13")),
          layout=layout(district))  # fmt: skip
    assert Snapshot.objects.filter(school=two[1]).count() == 2 and not UnplacedRow.objects.exists()


def test_a_name_is_not_taken_for_a_school_of_another_district(
    two: list[School], district: District
) -> None:
    other = District.objects.create(nces_id="5300002", name="Elm", state=district.state)
    make_school(other, 1, name="Oak High")
    bring(table(OAK), layout=layout(other))
    assert Snapshot.objects.get().school.district == other
    state_wide = layout(district)
    state_wide.district = None
    bring(table(OAK), layout=state_wide)
    assert UnplacedRow.objects.count() == 1


def test_a_states_own_code_finds_its_school(two: list[School], district: District) -> None:
    School.objects.filter(pk=two[0].pk).update(state_code="WA-34033-2281")
    text = "Code,Submitted,Completed\n2281.0,31,12\n"
    mapping = {"school_id": "Code", "submitted": "Submitted", "completed": "Completed"}
    found = Layout(kind="completion", state=district.state, mapping=mapping)
    bring(text.encode(), layout=found, as_of=dt.date(2026, 3, 6))
    assert known() == {"Fir High": (31, 12, 0)}


@pytest.mark.parametrize(
    ("value", "cycle"),
    [("2024-25", "2025-26"), ("2024-2025", "2025-26"), ("Class of 2025", "2025-26")],
)
def test_a_class_names_its_award_year(two: list[School], district: District, value: str,
                                      cycle: str) -> None:  # fmt: skip
    text = f"School,Class of,Submitted,Completed\nFir High,{value},31,12\n"
    names = {"school": "School", "school_year": "Class of",
             "submitted": "Submitted", "completed": "Completed"}  # fmt: skip
    found = Layout(kind="completion", state=district.state, district=district, mapping=names)
    bring(text.encode(), layout=found, as_of=dt.date(2025, 3, 6))
    assert Snapshot.objects.get().cycle_id == cycle


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (FIR.replace("31", "many"), "whole number"),
        (FIR.replace("3/6/2026", "spring"), "not a date"),
        (FIR.replace("3/6/2026", "0026-03-06"), "not a date"),
        (FIR.replace("31", "3"), "More completed"),
        (f"{FIR}\nFir High,17,3/6/2026,5,5,,", "several rows"),
    ],
)
def test_a_row_that_cannot_be_stops_the_file_unless_it_is_left_out(
    two: list[School], district: District, line: str, why: str
) -> None:
    content = table(OAK, line)
    with pytest.raises(BadFile, match=why) as refused:
        bring(content, layout=layout(district))
    assert refused.value.problems[0].row == 4
    assert not SourceFile.objects.exists()
    found = bring(content, layout=layout(district), leave_out=True)
    assert known() == {"Oak High": (44, 0, 1)}
    assert found.source.summary["left_out"] in (1, 2)


def test_a_workbook_with_real_dates_and_numbers_is_read_alike(
    two: list[School], district: District
) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Counts")
        sheet.write_row(0, 0, HEADER.split(","))
        sheet.write_row(1, 0, ["Fir High", 17])
        sheet.write_datetime(1, 2, dt.date(2026, 3, 6), book.add_format({"num_format": 14}))
        sheet.write_row(1, 3, [31, 12, 0.4, 80])
    bring(content.getvalue(), layout=layout(district))
    assert known() == {"Fir High": (31, 12, 0)}
    snapshot = Snapshot.objects.get()
    assert snapshot.as_of == dt.date(2026, 3, 6) and Enrolment.objects.get().grade12 == 80


def test_the_same_file_again_changes_nothing_and_a_dry_run_never(
    two: list[School], district: District
) -> None:
    assert bring(table(FIR), layout=layout(district), dry_run=True).new
    assert not SourceFile.objects.exists() and not Enrolment.objects.exists()
    assert bring(table(FIR), layout=layout(district)).new
    assert not bring(table(FIR), layout=layout(district)).new


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=120), st.text(max_size=120))
def test_any_table_is_read_or_refused_in_words(
    two: list[School], district: District, one: str, other: str
) -> None:
    try:
        bring(table(one, other), layout=layout(district), dry_run=True)
    except BadFile as refused:
        assert str(refused)


# The page ----------------------------------------------------------------------------------


def test_a_file_of_an_unknown_layout_is_named_shown_imported_and_remembered(
    client: Client, two: list[School], district: District, coordinator: User
) -> None:
    client.force_login(coordinator)
    page = upload(client, table(FIR, OAK))
    text = page.content.decode()
    assert "Check the columns" in text and "FIR HIGH SCHOOL" in text and not known()
    address = page.redirect_chain[-1][0]
    chosen = {f"column-{c.position}": c.field for c in page.context["columns"]}
    named = {"action": "map", "state": "WA", "district": district.nces_id, **chosen}
    preview = client.post(address, named)
    outcome: Outcome = preview.context["outcome"]
    assert ("Schools", "2") in outcome.facts and not outcome.problems
    assert not SourceFile.objects.exists()
    page = client.post(address, {"action": "import"}, follow=True)
    assert "understood from now on" in page.content.decode()
    assert known() == {"Fir High": (31, 12, 0), "Oak High": (44, 0, 1)}
    assert not HeldFile.objects.exists()
    page = upload(client, table(FIR.replace("3/6", "3/13")))
    assert page.context["known"] and "confirmed for such a file before" in page.content.decode()


def test_rows_that_cannot_be_read_are_shown_and_left_out_only_by_consent(
    client: Client, two: list[School], district: District, coordinator: User
) -> None:
    client.force_login(coordinator)
    page = upload(client, table(FIR, OAK.replace("44", "many")))
    address = page.redirect_chain[-1][0]
    chosen = {f"column-{c.position}": c.field for c in page.context["columns"]}
    named = {"action": "map", "state": "WA", "district": district.nces_id, **chosen}
    preview = client.post(address, named)
    [problem] = preview.context["outcome"].problems
    assert (problem.row, problem.column, problem.value) == (4, "FAFSAs Submitted", "many")
    assert client.post(address, {"action": "import"}).status_code == 422
    assert not SourceFile.objects.exists()
    client.post(address, {"action": "import", "leave_out": "yes"})
    assert known() == {"Fir High": (31, 12, 0)}


def test_no_cell_of_a_file_is_told_to_whoever_does_not_have_it(
    client: Client, two: list[School], district: District, coordinator: User
) -> None:
    wrong = [FIR.replace("31", "3"), "Total,,3/6/2026,77,66,,", "Elm,,3/6/2026,manyish,9,,"]
    source = bring(
        table(OAK, *wrong), layout=layout(district), leave_out=True, by=coordinator
    ).source
    assert "(12)" not in str(source.summary["problems"])
    client.force_login(coordinator)
    assert "manyish" in client.get(source.get_absolute_url()).content.decode()
    client.force_login(person(Role.COORDINATOR, state=district.state))
    told = client.get(source.get_absolute_url()).context["problems"]
    places = [(each["row"], each["column"], str(each["message"])) for each in told]
    assert (4, "FAFSAs Completed", "More completed than submitted.") in places
    assert (6, "FAFSAs Submitted", "A cell that cannot be read.") in places
    assert "manyish" not in str(told)
    # What was stored before problems had a kind.
    source.summary["problems"] = [{"message": "More completed (7) than submitted (5).", "row": 3}]
    source.save()
    page = client.get(source.get_absolute_url()).content.decode()
    assert "(7)" not in page and "Something worth knowing" in page


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"column-4": ""}, "How many completed"),
        ({"column-5": "completed"}, "Two columns are both"),
        ({"district": "9999999"}, "no district with that id"),
        ({"column-2": ""}, "does not say its date"),
    ],
)
def test_columns_that_do_not_do_are_refused_in_words(
    client: Client, two: list[School], district: District, coordinator: User,
    change: dict[str, str], why: str,
) -> None:  # fmt: skip
    client.force_login(coordinator)
    page = upload(client, table(FIR))
    address = page.redirect_chain[-1][0]
    chosen = {f"column-{c.position}": c.field for c in page.context["columns"]}
    named = {"action": "map", "state": "WA", "district": district.nces_id, **chosen, **change}
    page = client.post(address, named)
    assert page.status_code == 422 and why in page.content.decode()


def test_nobody_else_sees_an_upload_and_no_other_states_schools_are_reached(
    client: Client, two: list[School], coordinator: User
) -> None:
    client.force_login(coordinator)
    address = upload(client, table(FIR)).redirect_chain[-1][0]
    florida = State.objects.create(code="FL", name="Florida", time_zone="America/New_York")
    stranger = Client()
    stranger.force_login(person(Role.COORDINATOR, state=florida))
    assert stranger.get(address).status_code == 404
    other = upload(stranger, table(FIR)).redirect_chain[-1][0]
    assert stranger.post(other, {"action": "map", "state": "WA"}).status_code == 422


def test_an_upload_that_nobody_went_on_with_is_forgotten(
    client: Client, coordinator: User, now: dt.datetime
) -> None:
    client.force_login(coordinator)
    upload(client, table(FIR))
    assert held.forget_old(now) == 0
    assert held.forget_old(now + dt.timedelta(days=2)) == 1


def test_the_held_file_is_sealed(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    upload(client, table(FIR))
    kept = HeldFile.objects.get()
    assert kept.content == table(FIR) and b"FIR HIGH" not in bytes(kept.sealed)


# By itself ---------------------------------------------------------------------------------


def test_the_command_takes_a_mapping(two: list[School], district: District, tmp_path: Path) -> None:
    file, mapping = tmp_path / "counts.csv", tmp_path / "mapping.toml"
    file.write_bytes(table(FIR, OAK))
    mapping.write_text("\n".join(f'{field} = "{header}"' for field, header in MAPPING.items()))
    with pytest.raises(CommandError):
        call_command("import_completion", file, stdout=io.StringIO())
    out = io.StringIO()
    options = ["--mapping", mapping, "--district", district.nces_id, "--json"]
    call_command("import_completion", file, *options, stdout=out)
    report = json.loads(out.getvalue())
    assert (report["schools"], report["sum_submitted"], report["unmatched"]) == (2, 75, 0)


def remember(district: District | None, state: State, by: User, **mapping: str) -> None:
    Layout.objects.create(
        kind="completion", state=state, district=district, confirmed_by=by,
        headers_sha256=tables.table_of(table(FIR)).signature,
        mapping={**MAPPING, **mapping},
    )  # fmt: skip


def test_a_remembered_layout_is_read_with_nobody_looking(
    two: list[School], district: District, admin: User
) -> None:
    with pytest.raises(UnknownLayout):
        bring(table(FIR))
    School.objects.filter(pk=two[0].pk).update(state_code="WA-1-17")
    remember(district, district.state, admin, school_id="Bldg #")
    bring(table(FIR))
    assert known() == {"Fir High": (31, 12, 0)}


def test_one_districts_names_are_not_taken_for_anothers_with_nobody_looking(
    two: list[School], district: District, admin: User
) -> None:
    remember(district, district.state, admin)
    with pytest.raises(UnknownLayout):
        bring(table(FIR))


def test_one_states_layout_does_not_read_anothers_file_with_nobody_looking(
    two: list[School], district: District, admin: User
) -> None:
    School.objects.filter(pk=two[0].pk).update(state_code="WA-1-17")
    remember(None, district.state, admin, school_id="Bldg #")
    florida = State.objects.create(code="FL", name="Florida", time_zone="America/New_York")
    dade = District.objects.create(nces_id="1200390", name="Dade", state=florida)
    for number in (17, 18):
        make_school(dade, number, name=f"Palm {number}", state_code=f"FL-13-{number}")
    with pytest.raises(UnknownLayout):  # both of its ids are Florida's, one is Washington's too
        bring(table(FIR, OAK))
    with pytest.raises(UnknownLayout):  # its one id fits both
        bring(table(FIR))
    bring(table(FIR), state="WA")  # somebody says whose it is
    assert known() == {"Fir High": (31, 12, 0)}


# Taken back --------------------------------------------------------------------------------


def test_a_file_that_was_misread_is_taken_back_and_the_older_word_counts_again(
    client: Client, two: list[School], district: District, coordinator: User
) -> None:
    bring(table(FIR, OAK), layout=layout(district))
    wrong = bring(
        table(FIR.replace("31", "91"), OAK), layout=layout(district), by=coordinator
    ).source
    current = Snapshot.objects.newest().filter(school=two[0])
    assert [each.submitted for each in current.all()] == [91]
    stranger = Client()
    stranger.force_login(person(Role.COORDINATOR, state=district.state))
    address = wrong.get_absolute_url() + "back/"
    assert stranger.post(address).status_code == 403
    client.force_login(coordinator)
    assert "Take the figures out" in client.get(wrong.get_absolute_url()).content.decode()
    page = client.post(address, follow=True)
    assert "is taken back" in page.content.decode()
    assert [each.submitted for each in current.all()] == [31]
    assert Snapshot.objects.count() == 2 and not Snapshot.objects.filter(superseded=True).exists()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.action) == (coordinator, "completion.taken_back")
    assert entry.details == {"sha256": wrong.sha256}


def test_taking_back_an_older_word_leaves_the_newer_one(
    two: list[School], district: District
) -> None:
    first = bring(table(FIR), layout=layout(district)).source
    bring(table(FIR.replace("31", "91")), layout=layout(district))
    taking_back.take_back(first)
    assert [each.submitted for each in Snapshot.objects.newest()] == [91]

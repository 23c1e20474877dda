"""What a OneRoster zip promises, whichever system wrote it."""

from __future__ import annotations

import pytest

from contacts.imports.problems import BadFile
from schools.models import District
from tests.contacts.rosters import (
    SCHOOL,
    a_parent,
    a_roster,
    a_student,
    csv_text,
    families,
    files_of,
    table_of,
    zip_of,
)

both_versions = pytest.mark.parametrize("version", ["1.1", "1.2"])


@both_versions
def test_a_student_comes_with_each_guardian_in_a_row(version: str) -> None:
    rows = families(
        a_roster(
            a_student(agentSourcedIds="g1,g2", identifier="1001", userIds="{StateId:8877}"),
            a_parent("g1", "Maria Lopez", sms="2065550101", email="maria@lakeview.example"),
            a_parent("g2", "Jo Lopez", role="guardian", phone="2065550102"),
            version=version,
            birth_dates={"s1": "2008-02-29"},
        )
    )
    ana = {
        "student_id": "1001",
        "state_student_id": "8877",
        "student_first_name": "Ana",
        "student_last_name": "Lopez",
        "birth_date": "2008-02-29",
        "grade": "12",
        "school": "Lakeview High School",
        "enrolled": "yes",
    }
    maria = {
        "guardian_id": "g1",
        "guardian_first_name": "Maria",
        "guardian_last_name": "Lopez",
        "guardian_relationship": "Parent",
        "guardian_cell_phone": "2065550101",
        "guardian_email": "maria@lakeview.example",
    }
    jo = {
        "guardian_id": "g2",
        "guardian_first_name": "Jo",
        "guardian_last_name": "Lopez",
        "guardian_relationship": "Guardian",
        "guardian_phone": "2065550102",
    }
    assert rows == [ana | maria, ana | jo]


@both_versions
def test_a_guardian_who_lists_the_student_is_tied_as_well(version: str) -> None:
    rows = families(a_roster(a_student(), a_parent(agentSourcedIds="s1"), version=version))
    assert [(row["student_id"], row["guardian_id"]) for row in rows] == [("s1", "g1")]


def test_a_tie_told_from_both_sides_is_one_row() -> None:
    both = a_student(agentSourcedIds="g1"), a_parent(agentSourcedIds="s1")
    assert len(families(a_roster(*both))) == 1


def test_siblings_share_a_guardian() -> None:
    ana, ben = (a_student(sid, agentSourcedIds="g1") for sid in ("s1", "s2"))
    rows = families(a_roster(ana, ben, a_parent()))
    assert [(row["student_id"], row["guardian_id"]) for row in rows] == [("s1", "g1"), ("s2", "g1")]


@both_versions
def test_teachers_and_aides_stay_out(version: str) -> None:
    rows = families(
        a_roster(
            a_student(agentSourcedIds="t1"),
            a_parent("t1", role="teacher"),
            a_parent("a1", role="aide", agentSourcedIds="s1"),
            version=version,
        )
    )
    assert [row.get("guardian_id") for row in rows] == [None]


@pytest.mark.parametrize("role", ["Parent", "GUARDIAN", "relative", "Parent/Guardian"])
def test_a_guardians_role_may_be_written_in_several_ways(role: str) -> None:
    rows = families(a_roster(a_student(agentSourcedIds="g1"), a_parent(role=role)))
    assert rows[0]["guardian_id"] == "g1"


def test_a_listed_person_without_a_role_is_a_guardian() -> None:
    rows = families(a_roster(a_student(agentSourcedIds="g1"), a_parent(role="")))
    assert rows[0]["guardian_id"] == "g1"


def test_a_parent_who_also_teaches_is_a_parent() -> None:
    files = files_of(a_student(agentSourcedIds="g1"), a_parent(role=""), version="1.2")
    files["roles.csv"] = csv_text(
        [
            {"userSourcedId": "s1", "role": "student", "orgSourcedId": "o1"},
            {"userSourcedId": "g1", "role": "teacher", "orgSourcedId": "o1"},
            {"userSourcedId": "g1", "role": "parent", "orgSourcedId": "o1"},
        ]
    )
    (row,) = families(zip_of(files))
    assert (row["guardian_id"], row["guardian_relationship"]) == ("g1", "Parent")


def test_preferred_names_are_used() -> None:
    ana = a_student(preferredGivenName="Anita", preferredFamilyName="López")
    (row,) = families(a_roster(ana, version="1.2"))
    assert (row["student_first_name"], row["student_last_name"]) == ("Anita", "López")


def test_the_same_number_for_texts_and_calls_is_told_once() -> None:
    rows = families(
        a_roster(
            a_student(agentSourcedIds="g1"), a_parent(sms="206-555-0101", phone="206-555-0101")
        )
    )
    assert rows[0]["guardian_cell_phone"] == "206-555-0101"
    assert "guardian_phone" not in rows[0]


def test_the_students_own_phone_and_mail_are_kept() -> None:
    (row,) = families(a_roster(a_student(phone="2065550109", email="ana@lakeview.example")))
    assert (row["student_phone"], row["student_email"]) == ("2065550109", "ana@lakeview.example")


def test_row_numbers_are_those_of_the_students_row_in_users() -> None:
    people = a_parent("g1"), a_student("s1", agentSourcedIds="g1"), a_student("s2")
    assert [number for number, _cells in table_of(a_roster(*people)).rows] == [3, 4]


def test_a_student_whose_account_is_closed_has_left() -> None:
    rows = families(a_roster(a_student(enabledUser="false"), a_student("s2")))
    assert [row["enrolled"] for row in rows] == ["no", "yes"]


def test_a_parent_without_an_account_still_counts() -> None:
    rows = families(a_roster(a_student(agentSourcedIds="g1"), a_parent(enabledUser="false")))
    assert rows[0]["guardian_id"] == "g1"


# Which number is the student's id


def test_local_numbers_are_the_ids_where_every_student_has_one() -> None:
    rows = families(a_roster(a_student("s1", identifier="11"), a_student("s2", identifier="12")))
    assert [row["student_id"] for row in rows] == ["11", "12"]


@pytest.mark.parametrize("second", ["", "11"])
def test_sourced_ids_are_the_ids_where_a_local_number_lacks_or_is_shared(second: str) -> None:
    rows = families(a_roster(a_student("s1", identifier="11"), a_student("s2", identifier=second)))
    assert [row["student_id"] for row in rows] == ["s1", "s2"]


def test_an_id_too_long_for_us_is_shortened_in_the_same_way_everywhere() -> None:
    long = "x" * 200
    rows = families(a_roster(a_student(agentSourcedIds=long), a_parent(long), a_student("s" * 65)))
    assert len(rows[0]["guardian_id"]) == len(rows[1]["student_id"]) == 64


# Which school


def test_a_school_is_told_by_what_the_district_calls_it(district: District) -> None:
    orgs = [
        {"sourcedId": "d1", "name": "The district", "type": "district", "identifier": "9900010"},
        {"sourcedId": "o1", "name": "LHS", "type": "school", "identifier": "ZZ-99001-0001"},
        {"sourcedId": "o2", "name": "Cedar Ridge", "type": "school", "identifier": "local-7"},
    ]
    rows = families(
        a_roster(a_student(orgSourcedIds="d1,o1"), a_student("s2", orgSourcedIds="o2"), orgs=orgs),
        district,
    )
    assert [row["school"] for row in rows] == ["ZZ-99001-0001", "Cedar Ridge"]


def test_of_several_schools_the_districts_own_is_taken(district: District) -> None:
    orgs = [{"sourcedId": "o9", "name": "Skills Center", "type": "school"}, SCHOOL]
    (row,) = families(a_roster(a_student(orgSourcedIds="o9,o1"), orgs=orgs), district)
    assert row["school"] == "Lakeview High School"


def test_a_blank_type_of_org_is_a_school() -> None:
    orgs = [{"sourcedId": "o1", "name": "Lakeview", "type": "", "identifier": "530001"}]
    assert families(a_roster(a_student(), orgs=orgs))[0]["school"] == "530001"


def test_the_primary_org_goes_first() -> None:
    orgs = [{"sourcedId": "o9", "name": "Fern Hill", "type": "school"}, SCHOOL]
    (row,) = families(a_roster(a_student(primaryOrgSourcedId="o9"), orgs=orgs, version="1.2"))
    assert row["school"] == "Fern Hill"


def test_enrolments_place_whom_nothing_else_places() -> None:
    enrolments = [
        {
            "userSourcedId": "s1",
            "schoolSourcedId": "o9",
            "role": "student",
            "status": "tobedeleted",
        },
        {"userSourcedId": "s1", "schoolSourcedId": "o1", "role": "student"},
    ]
    (row,) = families(a_roster(a_student(orgSourcedIds=""), enrolments=enrolments))
    assert row["school"] == "Lakeview High School"


def test_a_school_missing_from_orgs_is_shown_by_its_id() -> None:
    (row,) = families(a_roster(a_student(orgSourcedIds="o77")))
    assert row["school"] == "o77"


# Home language, which the standard has no column for


@pytest.mark.parametrize(
    "header",
    [
        "metadata.sis.homeLanguage",
        "metadata.sis.home_language",
        "metadata.languageCode",
        "ext_sis_lang",
        "metadata.primaryLanguage",
    ],
)
def test_the_home_language_comes_from_an_extension_column(header: str) -> None:
    rows = families(
        a_roster(
            a_student(agentSourcedIds="g1", **{header: "Somali"}), a_parent(**{header: "Arabic"})
        )
    )
    assert (rows[0]["language"], rows[0]["guardian_language"]) == ("Somali", "Arabic")


@pytest.mark.parametrize(
    "header", ["metadata.englishLanguageLearner", "metadata.languageProgram", "language", "slang"]
)
def test_a_column_that_names_no_home_language_is_not_taken_for_one(header: str) -> None:
    assert "language" not in table_of(a_roster(a_student(**{header: "Y"}))).headers


def test_the_language_at_home_goes_before_any_other() -> None:
    told = {"metadata.a.spokenLanguage": "English", "metadata.b.homeLanguage": "Somali"}
    assert families(a_roster(a_student(**told)))[0]["language"] == "Somali"


# Columns that are there, and columns that are not


def test_only_columns_that_the_roster_has_are_told() -> None:
    users = "sourcedId,role,givenName,familyName,orgSourcedIds,email\ns1,student,Ana,Lopez,o1,\n"
    headers = table_of(zip_of({"users.csv": users})).headers
    assert {"student_email", "guardian_email", "enrolled"} <= set(headers)
    unsaid = {"grade", "birth_date", "language", "guardian_phone", "guardian_cell_phone"}
    assert not unsaid & set(headers)


def test_only_headers_are_read_until_a_row_is_asked_for() -> None:
    users = "sourcedId,role,givenName\n,student,Ana\n"
    table = table_of(zip_of({"users.csv": users}))
    assert "student_id" in table.headers
    with pytest.raises(BadFile, match="row 2"):
        next(table.rows)


# What real systems write differently


def test_other_spellings_and_orders_of_columns_are_understood() -> None:
    users = (
        "role,familyName,givenName,grade,agents,userId,sourcedId,orgSourcedId\r\n"
        'student,Lopez,Ana,12,"g1, g2",{ssid:55},s1,o1\r\n'
        "parent,Lopez,Maria,,,,g1,\r\n"
        "relative,Lopez,Jo,,,,g2,\r\n"
    )
    rows = families(zip_of({"users.csv": users}))
    assert [row["guardian_id"] for row in rows] == ["g1", "g2"]
    assert (rows[0]["grade"], rows[0]["state_student_id"]) == ("12", "55")


def test_files_in_a_folder_and_capital_letters_are_found() -> None:
    files = {f"Export 2025/{name.upper()}": text for name, text in files_of(a_student()).items()}
    files["__MACOSX/Export 2025/._USERS.CSV"] = "x"
    files["Export 2025/readme.txt"] = "Hello"
    assert families(zip_of(files))[0]["student_id"] == "s1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_names_are_left_as_written_in_whatever_encoding(encoding: str) -> None:
    files = {
        name: text.encode(encoding) for name, text in files_of(a_student(name="Zoë Núñez")).items()
    }
    table = table_of(zip_of(files))
    ((_number, cells),) = table.rows
    assert {"Zoë", "Núñez"} <= set(cells)


def test_without_a_manifest_the_files_are_whole() -> None:
    files = files_of(a_student())
    del files["manifest.csv"]
    assert table_of(zip_of(files)).whole


def test_files_that_the_manifest_calls_absent_are_not_read() -> None:
    files = files_of(a_student(), birth_dates={"s1": "2008-01-01"})
    files["manifest.csv"] = files["manifest.csv"].replace(
        "demographics,bulk", "demographics,absent"
    )
    assert "birth_date" not in table_of(zip_of(files)).headers


def test_demographics_may_call_their_id_the_users() -> None:
    files = files_of(a_student())
    files["demographics.csv"] = "userSourcedId,birthDate\ns1,2008-01-01\n"
    assert families(zip_of(files))[0]["birth_date"] == "2008-01-01"


def test_a_user_repeated_for_each_role_is_one_person() -> None:
    ana = a_student(orgSourcedIds="", agentSourcedIds="g1"), a_student(agentSourcedIds="g2")
    rows = families(a_roster(*ana, a_parent("g1"), a_parent("g2")))
    assert [row["guardian_id"] for row in rows] == ["g1", "g2"]
    assert rows[0]["school"] == "Lakeview High School"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"users.csv": "id,role,givenName\n1,student,Ana\n"}, "users.csv has no column sourcedId"),
        ({"users.csv": "sourcedId,givenName\ns1,Ana\n"}, "users.csv has no column role"),
        ({"users.csv": "sourcedId,role\ns1,student\n"}, "users.csv has no column givenName"),
        ({"users.csv": "sourcedId,role,givenName\n,student,Ana\n"}, "users.csv, row 2"),
        ({"users.csv": "sourcedId,role,givenName\nt1,teacher,Ana\n"}, "role “student”"),
        ({"users.csv": "sourcedId,role,givenName\ns1,student,A,b\n"}, "row 2 has more cells"),
        ({"users.csv": 'sourcedId,role,givenName\ns1,student,"Ana\n'}, "never closed"),
        ({"users.csv": ""}, "users.csv has no column sourcedId"),
        ({"orgs.csv": "name\nLakeview\n"}, "orgs.csv has no column sourcedId"),
        ({"roles.csv": "userSourcedId\ns1\n"}, "roles.csv has no column role"),
        ({"manifest.csv": "propertyName,value\nfile.users,half\n"}, "“half” of users.csv"),
        ({"manifest.csv": "propertyName,value\nfile.roles,bulk\n"}, "does not hold it"),
        ({"manifest.csv": "propertyName,value\nfile.users,absent\n"}, "no users.csv"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_row(change: dict[str, str], why: str) -> None:
    files = files_of(a_student()) | change
    with pytest.raises(BadFile, match=why):
        families(zip_of(files))


def test_a_version_that_we_cannot_read_is_named() -> None:
    files = files_of(a_student(), version="1.1")
    files["manifest.csv"] = files["manifest.csv"].replace(
        "oneroster.version,1.1", "oneroster.version,2.0"
    )
    with pytest.raises(BadFile, match=r"OneRoster 2\.0"):
        table_of(zip_of(files))

"""Files, headers, phones and languages as districts write them."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts import emails, languages, phones
from contacts.imports import mapping, readers
from contacts.imports.cells import split_name
from contacts.imports.places import SchoolFinder
from contacts.imports.problems import BadFile
from contacts.imports.report import defused
from schools.models import School

LAYOUTS = {
    "PowerSchool, wide": (
        "Student_Number,State_StudentNumber,First_Name,Last_Name,Grade_Level,SchoolID,"
        "Enroll_Status,GuardianEmail,Mother,Father,Mother_home_phone,Father_home_phone,PL_Language",
        {
            "student_id": "Student_Number",
            "state_student_id": "State_StudentNumber",
            "student_first_name": "First_Name",
            "grade": "Grade_Level",
            "school": "SchoolID",
            "enrolled": "Enroll_Status",
            "guardian_email": "GuardianEmail",
            "guardian_name": "Mother",
            "guardian2_name": "Father",
            "guardian2_home_phone": "Father_home_phone",
            "language": "PL_Language",
        },
    ),
    "Infinite Campus, long": (
        "student.studentNumber,student.lastName,student.firstName,Last Name,First Name,"
        "Relationship,Guardian,Home Phone,Work Phone,Cell Phone,Email",
        {
            "student_id": "student.studentNumber",
            "student_last_name": "student.lastName",
            "guardian_last_name": "Last Name",
            "guardian_relationship": "Relationship",
            "guardian_is_guardian": "Guardian",
            "guardian_cell_phone": "Cell Phone",
            "guardian_work_phone": "Work Phone",
            "guardian_email": "Email",
        },
    ),
    "Skyward": (
        "NameID,LastName,FirstName,GradeLevel,Guardian 1 Name,Guardian 1 Email,"
        "Guardian 1 Cell Phone,Primary Phone,Home Language",
        {
            "student_id": "NameID",
            "student_last_name": "LastName",
            "grade": "GradeLevel",
            "guardian_name": "Guardian 1 Name",
            "guardian_cell_phone": "Guardian 1 Cell Phone",
            "guardian_phone": "Primary Phone",
            "language": "Home Language",
        },
    ),
    "Synergy, long": (
        "Sis Number,State ID,Student Name,Grade,Parent Name,Contact Type,Phone Type,Phone,Email,"
        "Home Language,Ed. Rights",
        {
            "student_id": "Sis Number",
            "student_name": "Student Name",
            "guardian_name": "Parent Name",
            "guardian_relationship": "Contact Type",
            "guardian_phone_type": "Phone Type",
            "guardian_phone": "Phone",
            "guardian_may_contact": "Ed. Rights",
        },
    ),
    "an enrolment form": (
        "Student ID,Student First Name,Guardian 1 First Name,Guardian 1 Phone Number,"
        "Guardian 1 Language,Guardian 2 Email",
        {
            "student_id": "Student ID",
            "guardian_first_name": "Guardian 1 First Name",
            "guardian_phone": "Guardian 1 Phone Number",
            "guardian_language": "Guardian 1 Language",
            "guardian2_email": "Guardian 2 Email",
        },
    ),
}


@pytest.mark.parametrize("system", LAYOUTS)
def test_the_exports_of_student_systems_are_understood(system: str) -> None:
    headers, expected = LAYOUTS[system]
    found = mapping.guess(headers.split(","))
    assert expected.items() <= found.items()


def test_a_files_signature_ignores_the_order_of_its_columns() -> None:
    assert mapping.signature(["A", "b"]) == mapping.signature(["B", "a"])
    assert mapping.signature(["A", "b"]) != mapping.signature(["A", "c"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_names_survive_every_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    text = delimiter.join(["student_id", "name"]) + "\r\n" + delimiter.join(["7", "Íñigo Peña"])
    table = readers.read("f.csv", text.encode(encoding))
    assert list(table.rows) == [(2, ["7", "Íñigo Peña"])]


def test_title_rows_above_the_header_are_passed_over() -> None:
    table = readers.read("f.csv", b"Seniors 2026\n\nid,name\n1,Ana\n")
    assert table.headers == ["id", "name"]
    assert list(table.rows) == [(4, ["1", "Ana"])]


@pytest.mark.parametrize("cell", ["ana@home.example", "(206) 555-0101", "+12065550101"])
def test_a_file_without_a_header_is_refused_before_a_persons_data_is_taken_for_one(
    cell: str,
) -> None:
    with pytest.raises(BadFile, match="names of the columns"):
        readers.read("f.csv", f"1001,Ana Lopez,{cell}\n1002,Bo Lee,{cell}\n".encode())


def test_a_zip_that_is_no_spreadsheet_is_refused_in_plain_words() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("notes.csv", "a,b")
    with pytest.raises(BadFile, match="zip"):
        readers.read("roster.zip", content.getvalue())


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_a_clear_refusal(content: bytes) -> None:
    try:
        table = readers.read("f.csv", content)
        rows = list(table.rows)
    except BadFile:
        return
    assert all(len(cells) == len(table.headers) for _row, cells in rows)


@given(st.lists(st.text(max_size=30), min_size=1, max_size=12))
def test_any_headers_can_be_guessed_at(headers: list[str]) -> None:
    found = mapping.guess(headers)
    assert set(found.values()) <= set(headers)


@given(st.text(max_size=40))
def test_whatever_is_written_a_phone_is_dialable_or_refused(text: str) -> None:
    try:
        phone = phones.read(text)
    except phones.BadPhone as error:
        assert str(error)
    else:
        assert phone.e164.startswith("+")
        assert phones.read(phone.e164) == phone
        assert phones.read(phones.shown(phone.e164)) == phone


@given(st.text(max_size=40))
def test_whatever_is_written_an_email_is_stable_or_refused(text: str) -> None:
    try:
        email = emails.read(text)
    except emails.BadEmail as error:
        assert str(error)
    else:
        assert emails.read(email) == email


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("555-0101", "area code"),
        ("206-555-0101 x12", "extension"),
        ("2.06555E+09", "rounded"),
        ("206 555 010", "few"),
        ("206 555 01011234", "many"),
        ("ana@x.example", "e-mail"),
        ("800-555-0199", "toll-free"),
    ],
)
def test_a_bad_phone_says_what_is_wrong_with_it(text: str, words: str) -> None:
    with pytest.raises(phones.BadPhone, match=words):
        phones.read(text)


def test_a_number_of_a_state_with_two_zones_has_no_zone() -> None:
    assert phones.read("206-555-0101").area_zone == "America/Los_Angeles"
    assert phones.read("907-555-0101").area_zone == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SPANISH", "es"),
        ("español", "es"),
        ("Spansh", "es"),
        ("spa", "es"),
        ("Mandarin", "zh-Hans"),
        ("Chinese (Simplified)", "zh-Hans"),
        ("Cantonese", "zh-Hant"),
        ("Farsi/Dari", "fa-AF"),
        ("prs", "fa-AF"),
        ("Tagalog/Filipino", "fil"),
        ("Ukranian", "uk"),
        ("tiếng việt", "vi"),
        ("ਪੰਜਾਬੀ", "pa"),
        ("Spanish/Russian", None),
        ("Klingon", None),
        ("", None),
    ],
)
def test_languages_are_understood_however_written(text: str, code: str | None) -> None:
    assert languages.understand(text) == code


@given(st.text(max_size=40))
def test_a_language_is_known_or_not_told(text: str) -> None:
    assert languages.understand(text) in {None, *languages.LANGUAGES}


def test_every_language_falls_back_to_english_at_last() -> None:
    for code, language in languages.LANGUAGES.items():
        assert languages.fallbacks(code)[-1] == "en"
        assert languages.understand(language.name) == code
        assert languages.understand(language.own_name) == code
        assert languages.understand(code) == code


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Lopez Ruiz, Ana", ("Ana", "Lopez Ruiz")),
        ("Ana Lopez Ruiz", ("Ana", "Lopez Ruiz")),
        ("Suharto", ("Suharto", "")),
        ("", ("", "")),
    ],
)
def test_whole_names_are_split_as_written(text: str, name: tuple[str, str]) -> None:
    assert split_name(text) == name


def test_a_school_is_found_by_any_of_its_names() -> None:
    schools = [
        School(pk=1, nces_id="530771001165", state_code="WA-17001-0273", name="Lincoln HS"),
        School(pk=2, nces_id="530771001166", state_code="WA-17001-0274", name="Garfield HS"),
    ]
    finder = SchoolFinder(schools)
    for text in (
        "Lincoln High School",
        "LINCOLN HS",
        "Lincoln H.S.",
        "Líncoln Sr. High",
        "lincoln",
        "530771001165",
        "273",
        "0273",
    ):
        assert finder.find(text) == 1
    assert finder.find("Franklin") is None


@given(st.text(max_size=20))
def test_no_cell_of_a_report_is_a_formula(text: str) -> None:
    assert not defused(text).lstrip().startswith(("=", "+", "-", "@"))


def test_a_doubled_at_is_a_slip_and_no_second_address() -> None:
    with pytest.raises(emails.BadEmail, match="not a complete"):
        emails.read("grace@@example.org")
    with pytest.raises(emails.BadEmail, match="several addresses"):
        emails.read("grace@example.org/tom@example.org")

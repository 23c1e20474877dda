"""Whatever comes in, nothing raises anything but its own clear error."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contacts import emails, languages, phones
from contacts.imports import fields, mapping, readers, report, sheet_process, sheets, texts, words
from contacts.imports.cleaning import Cleaner
from contacts.imports.dates import read_date
from contacts.imports.places import SchoolFinder
from contacts.imports.problems import BadFile
from contacts.imports.records import StudentRecord
from schools.models import School
from tests.contacts import spreadsheets
from tests.contacts.builders import csv_of, family
from tests.contacts.rosters import a_parent, a_student, files_of
from tests.contacts.rosters import zip_of as roster_of

FILES = Path(__file__).with_name("files")
REAL_XLS = (Path(__file__).parents[2] / "completion/data/fafsa/WY_Class_of_2024.xls").read_bytes()
XLSX = spreadsheets.xlsx(*[["student_id", "student_name", "guardian_phone"], ["7", "Ana", "x"]] * 9)
PAGE = b"<html><table><tr><th>student_id<th>student_name<th>guardian_phone</tr>" + (
    b"<tr><td>7</td><td colspan=2>Ana &amp; L&oacute;pez<br>x</td></tr>" * 9
)
ROSTER = roster_of(files_of(a_student(agentSourcedIds="g1"), a_parent(), version="1.1")).getvalue()
TABLES = [file.read_bytes() for file in sorted(FILES.iterdir())] + [
    csv_of(*[family(n) for n in range(20)]),
    csv_of(family(1), family(2)).decode().encode("utf-16"),
]
FINDER = SchoolFinder([School(pk=1, nces_id="530771001165", name="Lakeview High School")])


@st.composite
def broken(draw: st.DrawFn, wholes: list[bytes]) -> bytes:
    """A real file after some accidents: bytes flipped, a piece cut out, a piece of another."""
    content = bytearray(draw(st.sampled_from(wholes)))
    for _number in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        accident = draw(st.sampled_from(["flip", "cut", "end", "splice", "junk"]))
        if accident == "flip" and content:
            content[at] ^= draw(st.integers(1, 255))
        elif accident == "cut":
            del content[at : at + draw(st.integers(1, 5_000))]
        elif accident == "end":
            del content[at:]
        elif accident == "splice":
            other = draw(st.sampled_from(wholes))
            start = draw(st.integers(0, len(other)))
            content[at:at] = other[start : start + 2_000]
        elif accident == "junk":
            content[at:at] = draw(st.binary(max_size=20))
    return bytes(content)


def imported_to_records(content: bytes, name: str = "f.csv") -> None:
    """All that reads a file before anything is written; BadFile is an answer too."""
    try:
        table = readers.read(name, content)
        rows = list(table.rows)
        columns = [[cells[i] for _number, cells in rows[:200]] for i in range(len(table.headers))]
        guessed = mapping.guess(table.headers, columns)
        checked = mapping.check(guessed, table.headers)
    except BadFile as error:
        assert str(error)
        return
    assert all(len(cells) == len(table.headers) for _number, cells in rows)
    cleaner = Cleaner(checked, table.headers, schools=FINDER, only_school=1, whole=table.whole)
    for row in rows:
        record = cleaner.record([row])
        assert record is None or isinstance(record, StudentRecord)
    for problem in cleaner.problems.kept:
        assert problem.message
    report.problems_csv(problem.as_dict() for problem in cleaner.problems.kept)


few = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@few
@given(st.binary(max_size=600))
@example(b"PK\x03\x04")
@example(b"\xd0\xcf\x11\xe0")
@example(b"\xff\xfe\x00")
@example(b"sep=\n")
@example(b'sep="\n"a"')
@example(b"\xef\xbb\xbf")
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    imported_to_records(content)


@few
@given(broken(TABLES))
def test_a_broken_table_is_read_or_refused(content: bytes) -> None:
    imported_to_records(content)


@few
@given(st.text(max_size=300), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]))
def test_any_text_is_read_or_refused(text: str, encoding: str) -> None:
    imported_to_records(text.encode(encoding, errors="ignore"))


@few
@given(broken([XLSX, ROSTER]))
def test_a_broken_zip_is_read_or_refused(content: bytes) -> None:
    """Without the process, which would only hide what the weighing lets through."""
    try:
        sheets.weigh(io.BytesIO(content), 10_000_000)
    except BadFile as error:
        assert str(error)


@settings(max_examples=25, deadline=None)
@given(
    broken([XLSX, REAL_XLS, ROSTER, PAGE]),
    st.sampled_from(["f.xlsx", "f.xls", "f.zip", "f.csv"]),
)
def test_a_broken_spreadsheet_is_read_or_refused(content: bytes, name: str) -> None:
    imported_to_records(content, name)


@few
@given(broken([REAL_XLS[:40_000], XLSX, PAGE]))
def test_what_the_spreadsheets_process_meets_it_knows_how_to_end(content: bytes) -> None:
    try:
        for row in sheet_process.rows(io.BytesIO(content)):
            assert all(isinstance(cell, str) for cell in row)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | AssertionError):
            raise
        assert sheet_process.is_refusal(error)


@few
@given(st.lists(st.text(max_size=20), max_size=8), st.lists(st.text(max_size=12), max_size=5))
def test_any_headers_and_values_can_be_guessed_at(headers: list[str], values: list[str]) -> None:
    found = mapping.guess(headers, [values for _header in headers])
    assert set(found.values()) <= set(headers)
    assert all(fields.known(field) == field for field in found)
    assert mapping.signature(headers) == mapping.signature(headers[::-1])


@few
@given(
    st.dictionaries(st.text(max_size=15) | st.sampled_from(list(fields.labels())), st.text()),
    st.lists(st.text(max_size=10)),
)
def test_any_mapping_is_checked_or_refused(chosen: dict[str, str], headers: list[str]) -> None:
    try:
        mapping.check(chosen, headers)
    except BadFile as error:
        assert str(error)


@few
@given(st.text(max_size=40))
@example("²")
@example("٣٤٥")
@example("guardian²_phone")
@example("guardian٣_phone")
def test_any_word_is_understood_or_not(text: str) -> None:
    fields.known(text)
    words.yes_or_no(text), words.status(text), words.path(text), words.is_stranger(text)
    languages.understand(text)
    read_date(text)
    FINDER.find(text)
    for read, refusal in ((phones.read, phones.BadPhone), (emails.read, emails.BadEmail)):
        try:
            assert read(text)
        except refusal as error:
            assert str(error)


CELL = st.text(max_size=15) | st.sampled_from(["12", "²", "5/31/2008", "206-555-0101", "yes", "0"])


@few
@given(st.data())
def test_any_cells_become_a_record_or_a_problem(data: st.DataObject) -> None:
    headers = list(fields.labels())
    row = ["7", *data.draw(st.lists(CELL, min_size=len(headers) - 1, max_size=len(headers) - 1))]
    cleaner = Cleaner({h: h for h in headers}, headers, schools=FINDER, only_school=1)
    cleaner.record([(2, row), (3, row[:1] + row[:0:-1])])


@few
@given(st.text(max_size=20), st.sampled_from(["", " ", '"', "'", "\t", "\u00a0", "\ufeff", ' "\r']))
def test_no_written_cell_begins_a_formula(text: str, before: str) -> None:
    for sign in ("", *"=+-@＝＋－＠\t\r"):
        cell = before + sign + text
        written = report.defused(cell)
        assert written in (cell, "'" + cell)
        assert not written.startswith(("\t", "\r"))
        assert not written.lstrip(' \t\r\n"\u00a0\ufeff').startswith(tuple("=+-@＝＋－＠"))


@pytest.mark.parametrize("name", sorted(file.name for file in FILES.iterdir()))
def test_a_table_is_the_same_in_every_encoding(name: str) -> None:
    text = (FILES / name).read_text(encoding="utf-8")
    expected = list(readers.read(name, text.encode()).rows)
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"):
        content = io.BytesIO(text.encode(encoding))
        assert list(readers.read(name, content).rows) == expected
        assert texts.find_encoding(content)

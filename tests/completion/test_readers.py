"""Files as people have them: saved again, spoilt by a spreadsheet, of another layout."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from completion.readers import BadFile, Reading, read
from completion.readers.bands import bounds
from completion.readers.bands import read as read_bands
from completion.readers.values import Unreadable, code_of, count_of, day_of, text_of
from tests.completion.conftest import FLORIDA, WYOMING

HEAD = [
    ["FAFSA Submissions by High School"] + [""] * 7,
    ["", "", "", "", " 2024/ 2025 Cycle", "", " 2023/ 2024 Cycle", ""],
    ["", "", "", "", "Through March 8,  2024", "", "Through March 8,  2023", ""],
    ["School Code", "Name", "City", "State"]
    + [
        f"Applications\n{kind}\nMar8  {year}"
        for year in (2024, 2023)
        for kind in ("Submitted", "Complete")
    ],
]  # fmt: skip
LINE = ["530000100001", "CEDAR HIGH SCHOOL", "CEDAR", "WA", " 81", "<5", " 90", " 80"]


def as_csv(*rows: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def federal(*lines: list[str]) -> bytes:
    return as_csv(*HEAD, *lines)


def why(content: bytes, **options: object) -> str:
    with pytest.raises(BadFile) as refused:
        read(content, **options)  # type: ignore[arg-type]
    return " ".join(
        f"{p.sheet} {p.row} {p.column} {p.value} {p.message}" for p in refused.value.problems
    )


def as_xlsx(*rows: list[str]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("FL School Level Data")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return out.getvalue()


@pytest.mark.parametrize("saved", [as_csv, as_xlsx])
def test_a_federal_file_saved_again_reads_the_same(saved: Callable[..., bytes]) -> None:
    book = CalamineWorkbook.from_path(str(FLORIDA[0]))
    grid = book.get_sheet_by_name("FL School Level Data").to_python(skip_empty_area=False)
    original, again = read(FLORIDA[0].read_bytes()), read(saved(*grid))
    key = [(r.code, r.cycle, r.as_of, r.submitted, r.completed) for r in original.rows]
    assert [(r.code, r.cycle, r.as_of, r.submitted, r.completed) for r in again.rows] == key


def test_a_hidden_cell_is_never_a_number() -> None:
    row = read(federal(LINE)).rows[0]
    assert row.submitted.known == 81
    assert row.completed.known is None


def test_an_older_archive_without_codes_keeps_its_rows() -> None:
    lines = [row[1:] for row in (*HEAD, LINE)]
    [now, before] = read(as_csv(*lines)).rows
    assert (now.code, now.name, now.city) == ("", "CEDAR HIGH SCHOOL", "CEDAR")
    assert (now.cycle, before.cycle) == ("2024-25", "2023-24")


@pytest.mark.parametrize("code", ["5.3E+11", "5.30000100001E+11"])
def test_a_code_turned_into_a_power_is_refused_in_words(code: str) -> None:
    text = why(federal([code, *LINE[1:]]))
    assert "rounded number" in text and "5 School Code" in text


@pytest.mark.parametrize("code", ["12345", "10000100001", "257318"])
def test_a_code_that_lost_its_zeros_is_refused_in_words(code: str) -> None:
    assert "leading zeros" in why(federal([code, *LINE[1:]]))


def test_an_unknown_header_is_refused_rather_than_guessed() -> None:
    rows = [list(row) for row in HEAD]
    rows[3][5] = "Applications\nStarted\nMar8  2024"
    text = why(as_csv(*rows, LINE))
    assert "Applications Started Mar8 2024" in text and "guessing" in text


def test_a_file_without_its_row_of_cycles_asks_for_the_cycle() -> None:
    content = as_csv(HEAD[0], HEAD[2], HEAD[3], LINE)
    assert "2024/ 2025 Cycle" in why(content)
    assert {row.cycle for row in read(content, cycle="2024-25").rows} == {"2024-25", "2023-24"}


def test_every_bad_cell_is_named() -> None:
    text = why(federal([*LINE[:4], "many", "", " 90", " 80"], LINE))
    assert "many" in text and "Complete" in text and " 5 " in text


def test_columns_that_contradict_the_line_above_are_refused() -> None:
    rows = [list(row) for row in HEAD]
    rows[2][4] = "Through March 15,  2024"
    assert "2024-03-15" in why(as_csv(*rows, LINE))


@pytest.mark.parametrize(
    "content", [b"", b"  \n", b"hello,world\n1,2", b"\x00\x01\x02", b"PK\x03\x04nonsense"]
)
def test_what_is_no_completion_file_is_refused(content: bytes) -> None:
    assert why(content)


def test_a_sheet_by_district_alone_is_recognised_and_asks_for_the_other() -> None:
    assert "by high school" in why(as_csv(["LEAID", "District Name"], ["1200030", "ALACHUA"]))


def test_own_counts_are_read() -> None:
    lines = ["530000100001,2026-03-06,31,<5", "530000100001,3/13/2026,33,12"]
    content = "\n".join(["school_id,date,submitted,completed", *lines]).encode()
    first, second = read(content).rows
    assert (first.as_of, first.cycle, first.completed.known) == (
        dt.date(2026, 3, 6),
        "2026-27",
        None,
    )
    assert (second.as_of, second.completed.known) == (dt.date(2026, 3, 13), 12)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("530000100001,2026-03-06,31,40", "More completed"),
        ("530000100001,soon,31,4", "date"),
        ("530000100001,2026-03-06,-1,4", "whole number"),
        ("30000100001,2026-03-06,31,4", "leading zeros"),
    ],
)
def test_own_counts_that_cannot_be_are_refused(line: str, word: str) -> None:
    assert word in why(f"school_id,date,submitted,completed\n{line}\n".encode())


def test_own_counts_without_a_date_take_the_one_that_is_said() -> None:
    content = b"school_id,submitted,completed\n530000100001,31,12\n"
    assert "school_id, date" in why(content)
    [row] = read(content, as_of=dt.date(2026, 1, 5)).rows
    assert (row.as_of, row.cycle) == (dt.date(2026, 1, 5), "2026-27")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Mar8 2024", dt.date(2024, 3, 8)),
        ("Through March 8, 2024", dt.date(2024, 3, 8)),
        ("Jun 2023", dt.date(2023, 6, 30)),
        ("Through December 2023", dt.date(2023, 12, 31)),
        ("Jun30 2020", dt.date(2020, 6, 30)),
        ("Week 429", None),
        ("Feb30 2024", None),
    ],
)
def test_dates_of_headers(text: str, day: dt.date | None) -> None:
    assert day_of(text) == day


@given(st.integers(0, 9_999_999))
def test_counts_survive_however_they_are_written(number: int) -> None:
    for written in (str(number), f" {number}", f"{number:,}", float(number), number):
        assert count_of(written).known == number


@given(st.text(max_size=12))
def test_a_count_is_a_number_or_hidden_or_refused(text: str) -> None:
    try:
        cell = count_of(text)
    except Unreadable:
        return
    assert cell.hidden == ("<" in text)


@given(st.text(alphabet="0123456789AFNE.+", max_size=14))
def test_a_code_is_taken_as_it_is_or_refused(text: str) -> None:
    try:
        code = code_of(text)
    except Unreadable:
        return
    assert code == text_of(text) and len(code) in (8, 9, 12)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        read(content)
    except BadFile as error:
        assert error.problems


@settings(deadline=None)
@given(st.data())
def test_a_truncated_workbook_is_refused_or_read_never_a_crash(data: st.DataObject) -> None:
    content = WYOMING.read_bytes()
    cut = content[: data.draw(st.integers(1, 20_000))]
    with pytest.raises(BadFile):
        read(cut)


@pytest.mark.parametrize(
    ("printed", "band"),
    [
        (" 50-54", (50, 54)),
        ("<20", (0, 19)),
        (">=80", (80, 100)),
        ("Missing/Insufficient Data", (None, None)),
        ("52", None),
        ("54-50", None),
    ],
)
def test_a_districts_band_is_two_bounds_or_told_to_be_none(printed: str, band: Any) -> None:
    assert bounds(printed) == band


def by_district(*lines: list[str]) -> Reading:
    header = ["LEAID", "District Name", "State"]
    header += [
        f"Estimated FAFSA\nCompletion Percentage\n{day}" for day in ("Mar8  2024", "Jun  2023")
    ]
    head = [["title"], ["", "", "", " 2024/ 2025 Cycle", " 2023/ 2024 Cycle"],
            ["", "", "", "Through March 8,  2024", "Through June  2023"], header]  # fmt: skip
    reading = Reading("federal")
    reading.bands += read_bands("x", [*head, *lines], 3, reading.problems)
    return reading


def test_the_sheet_by_district_gives_bands_with_their_cycle_date_and_row() -> None:
    found = by_district(["1200030", "ALACHUA", "FL", "<20", " 50-54"])
    assert [(b.leaid, b.cycle, b.as_of, b.low, b.high, b.line) for b in found.bands] == [
        ("1200030", "2024-25", dt.date(2024, 3, 8), 0, 19, 5),
        ("1200030", "2023-24", dt.date(2023, 6, 30), 50, 54, 5),
    ]


def test_a_band_that_cannot_be_is_told_and_left_out() -> None:
    found = by_district(
        ["600030", "ADA", "CA", "<20", " 50-54"], ["1200030", "ALACHUA", "FL", "many", " 50-54"],
        ["1200030", "ALACHUA", "FL", "<20", " 50-54"],
    )  # fmt: skip
    assert [(b.leaid, b.low) for b in found.bands] == [("1200030", 50), ("1200030", 0)]
    assert [p.row for p in found.problems] == [5, 6, 7]

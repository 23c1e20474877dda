"""Zips that mean harm, or were broken on the way: refused in plain words, whatever they hold."""

from __future__ import annotations

import io
import random
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.imports import readers
from contacts.imports.problems import BadFile
from tests.contacts.rosters import a_parent, a_student, families, files_of, table_of, zip_of

GOOD = files_of(
    a_student(agentSourcedIds="g1", identifier="1"),
    a_parent(sms="2065550101"),
    version="1.2",
    birth_dates={"s1": "2008-02-29"},
)
SEVERAL = tuple(files_of(a_student(), version="1.2"))


@pytest.mark.parametrize(
    "name", ["../users.csv", "/etc/users.csv", "a/../../users.csv", "C:/users.csv", "..\\users.csv"]
)
def test_a_name_that_leaves_the_zip_is_refused(name: str) -> None:
    with pytest.raises(BadFile, match="unsafe name"):
        families(zip_of({**GOOD, name: "x"}))


def test_what_comes_out_is_counted_whatever_the_zip_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_UNPACKED_BYTES", 3 * 1024 * 1024)
    line = "s,student,Ana\n" * 500_000
    with pytest.raises(BadFile, match="unpacks to more than 3 MB"):
        families(zip_of({"users.csv": "sourcedId,role,givenName\n" + line}))


def test_one_endless_line_is_refused() -> None:
    with pytest.raises(BadFile, match="far too long"):
        families(zip_of({"users.csv": "sourcedId,role,givenName\ns1,student," + "a" * 5_000_000}))


def test_a_file_under_a_password_is_refused() -> None:
    content = bytearray(zip_of(GOOD).getvalue())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := content.find(mark, start)) >= 0:
            content[start + place] |= 1
            start += 4
    with pytest.raises(BadFile, match="protected by a password"):
        families(io.BytesIO(bytes(content)))


def test_an_unusual_packing_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("users.csv", GOOD["users.csv"])
    with pytest.raises(BadFile, match="unusual way"):
        families(out)


def test_the_same_file_twice_is_refused() -> None:
    with pytest.raises(BadFile, match="twice"):
        families(zip_of({**GOOD, "old/USERS.csv": GOOD["users.csv"]}))


def test_a_zip_of_very_many_files_is_refused() -> None:
    with pytest.raises(BadFile, match="far more files"):
        families(zip_of({f"{number}-{'x' * 60}.csv": "" for number in range(12_000)}))


def test_ten_thousand_columns_are_refused() -> None:
    headers = "sourcedId,role,givenName," + ",".join(f"c{n}" for n in range(10_000))
    with pytest.raises(BadFile, match="10003 columns"):
        families(zip_of({"users.csv": headers + "\n"}))


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(BadFile, match="is not a text file"):
        families(zip_of({"users.csv": GOOD["users.csv"].encode() + b"\0\1\2"}))


def test_a_damaged_file_is_said_to_be_damaged() -> None:
    content = bytearray(zip_of(GOOD).getvalue())
    content[60:90] = b"?" * 30
    with pytest.raises(BadFile, match="damaged"):
        families(io.BytesIO(bytes(content)))


def test_formulas_are_texts_like_any_other() -> None:
    (row,) = families(zip_of(files_of(a_student(name='=HYPERLINK("x") @SUM'))))
    assert row["student_last_name"] == "@SUM"


def test_memory_stays_flat() -> None:
    """Ten times the users must not take ten times the memory."""
    tracemalloc.start()
    peaks = []
    for count in (2_000, 20_000):
        rows = [a_student(f"s{n}", agentSourcedIds=f"g{n}") for n in range(count)]
        rows += [a_parent(f"g{n}") for n in range(count)]
        roster = zip_of(files_of(*rows))
        rows.clear()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        assert sum(1 for _ in table_of(roster).rows) == count
        peaks.append(tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    assert peaks[1] < peaks[0] * 2 + 2_000_000


def _read(file: io.BytesIO) -> None:
    """Reads to the end; BadFile is the one way in which that may fail."""
    try:
        families(file)
    except BadFile as error:
        assert str(error)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    _read(io.BytesIO(content))


@settings(max_examples=250, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 20))
def test_a_zip_with_flipped_bytes_is_read_or_refused(chance: random.Random, flips: int) -> None:
    content = bytearray(zip_of(GOOD).getvalue())
    for _flip in range(flips):
        content[chance.randrange(len(content))] = chance.randrange(256)
    _read(io.BytesIO(bytes(content[: chance.randrange(len(content)) + 1])))
    _read(io.BytesIO(bytes(content)))


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(GOOD)), st.randoms(use_true_random=False), st.integers(1, 8))
def test_a_file_with_flipped_characters_is_read_or_refused(
    name: str, chance: random.Random, flips: int
) -> None:
    text = list(GOOD[name])
    for _flip in range(flips):
        text[chance.randrange(len(text))] = chance.choice('",\n\r;\0\x1a\ufeff{}:éب🙂 ')
    _read(zip_of({**GOOD, name: "".join(text)}))


@settings(max_examples=250, deadline=None)
@given(st.dictionaries(st.sampled_from(SEVERAL), st.text(max_size=200) | st.binary(max_size=200)))
def test_files_that_hold_anything_are_read_or_refused(files: dict[str, str | bytes]) -> None:
    good: dict[str, str | bytes] = dict(GOOD)
    encoded = {
        name: text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        for name, text in files.items()
    }
    _read(zip_of(good | encoded))

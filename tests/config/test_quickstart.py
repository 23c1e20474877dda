"""The made-up world: honest, lawful to show, and the same each time."""

import datetime as dt
import re
from collections import Counter
from pathlib import Path

import phonenumbers
import pytest
from django.core.management import call_command

from config.quickstart import families, figures, seniors
from config.quickstart.places import JUNIPER, PLACES
from contacts import languages
from contacts.crypto import new_key
from schools.models import Cycle

TODAY = dt.date(2026, 11, 23)
CYCLE = Cycle(name="2027-28")
REMINDED = dt.date(2026, 10, 27)


def phones() -> list[str]:
    return [
        row[column]
        for row in families.rows(JUNIPER)
        for column in ("Guardian 1 Cell Phone", "Guardian 2 Cell Phone")
        if row.get(column)
    ]


def test_every_made_up_phone_is_fictional_yet_well_formed() -> None:
    for phone in phones():
        assert re.fullmatch(r"\d{3}-555-01\d\d", phone)
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone, "US"))


def test_only_siblings_share_a_phone() -> None:
    together: dict[str, set[str]] = {}
    for row in families.rows(JUNIPER):
        if phone := row.get("Guardian 1 Cell Phone"):
            together.setdefault(phone, set()).add(row["Last_Name"])
    assert all(len(surnames) == 1 for surnames in together.values())


def test_no_made_up_mailbox_can_receive() -> None:
    for row in families.rows(JUNIPER):
        for column, value in row.items():
            if column.endswith("Email") and value:
                assert value.endswith(("@example.org", "@students.example.org"))
                assert value.isascii()


def test_made_up_families_speak_sixteen_languages_that_the_registry_understands() -> None:
    spoken = Counter(row["PL_Language"] for row in families.rows(JUNIPER))
    assert {languages.understand(name) for name in spoken} == {
        language.code for language in families.languages()
    }
    assert len(spoken) == 16


def test_the_same_file_is_written_each_time(tmp_path: Path) -> None:
    families.write(JUNIPER, tmp_path / "one.csv")
    families.write(JUNIPER, tmp_path / "two.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_no_made_up_school_can_be_taken_for_a_real_one() -> None:
    ids = [school.nces_id for place in PLACES for school in place.schools]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"99\d{10}", nces_id) for nces_id in ids)
    assert all("made up" in place.name for place in PLACES)


def test_made_up_counts_only_grow_and_never_pass_the_class() -> None:
    by_school: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in figures.rows(CYCLE, TODAY, REMINDED):
        cycle = Cycle.name_on(dt.date.fromisoformat(row["date"]))
        by_school.setdefault((row["school_id"], cycle), []).append(row)
    sizes = {school.nces_id: school for place in PLACES for school in place.schools}
    assert len(by_school) == 2 * len(sizes)
    for (nces_id, _cycle), weeks in by_school.items():
        submitted = [int(row["submitted"]) for row in weeks]
        assert submitted == sorted(submitted)
        assert all(int(row["completed"]) <= int(row["submitted"]) for row in weeks)
        assert submitted[-1] <= max(sizes[nces_id].seniors, sizes[nces_id].seniors_before)


def test_no_made_up_count_is_from_the_future() -> None:
    days = {row["date"] for row in figures.rows(CYCLE, TODAY, REMINDED)}
    assert max(days) <= TODAY.isoformat()


def test_an_application_is_started_before_it_is_submitted_before_it_is_completed() -> None:
    opened = figures.opening(CYCLE)
    for course in seniors.courses(JUNIPER.schools[0], opened, 200, REMINDED):
        days = [day for day, _status in course.moves()]
        assert days == sorted(days)
        assert not days or days[0] >= opened


def test_a_field_key_can_be_made_and_used(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_field_key", id="k1")
    printed = capsys.readouterr().out.strip()
    assert printed.startswith("k1:")
    assert len(printed) == len(new_key("k1"))

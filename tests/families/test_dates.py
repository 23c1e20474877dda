"""The next date on a family's page, and the file that its calendar reads."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from campaigns.family_pages import links
from campaigns.models import Message
from campaigns.timing import dates
from contacts.models import Contact, ContactPoint
from schools.models import Deadline, School
from tests.campaigns.conftest import Town
from tests.families.conftest import write_to


def a_date(town: Town, name: str, days: int) -> Deadline:
    on = timezone.localdate() + dt.timedelta(days=days)
    return Deadline.objects.create(cycle=town.cycle, state=town.state, name=name, on=on)


@pytest.fixture
def message(phone: ContactPoint) -> Message:
    return write_to(phone)


def page_of(message: Message) -> str:
    return f"/f/{links.make_token(message, links.FAMILY)}/"


def test_the_page_names_the_next_date_in_the_familys_language(
    town: Town, family: Contact, message: Message
) -> None:
    a_date(town, "Aid night", 9)
    a_date(town, "Priority date", 30)
    family.language = "es"
    family.save()
    html = Client().get(page_of(message)).content.decode()
    assert "Aid night" in html
    assert "jueves, 26 de noviembre de 2026" in html
    assert "Priority date" not in html


def test_a_calendar_gets_the_whole_day_with_a_reminder_and_no_name(
    town: Town, message: Message
) -> None:
    a_date(town, "Aid night; bring papers, please", 9)
    answer = Client().get(page_of(message) + "date.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    lines = answer.content.decode().replace("\r\n ", "").split("\r\n")
    assert "DTSTART;VALUE=DATE:20261126" in lines
    assert "DTEND;VALUE=DATE:20261127" in lines
    assert r"SUMMARY:Aid night\; bring papers\, please" in lines
    assert lines.count("BEGIN:VALARM") == 1
    assert "Ana" not in answer.content.decode()


def test_without_a_date_there_is_no_file_and_no_button(message: Message) -> None:
    assert "date.ics" not in Client().get(page_of(message)).content.decode()
    assert Client().get(page_of(message) + "date.ics").status_code == 404


@pytest.mark.parametrize(
    ("path", "shown"), [("fafsa", True), ("wasfa", False), ("unspecified", False)]
)
def test_a_date_of_one_form_is_shown_to_families_of_that_form_only(
    town: Town, family: Contact, message: Message, path: str, shown: bool
) -> None:
    family.students.update(path=path)
    a_date(town, "FAFSA priority date", 9)
    html = Client().get(page_of(message)).content.decode()
    assert ("FAFSA priority date" in html) is shown


@given(st.text(min_size=1, max_size=200))
def test_any_name_fits_the_format(name: str) -> None:
    day = dt.date(2027, 1, 15)
    now = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    made = dates.calendar(Deadline(pk=1, name=name, on=day), school=School(name="Lincoln"), now=now)
    lines = made.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert not any(char in line for line in lines for char in "\r\n")

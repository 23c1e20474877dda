"""Whom a file means: one adult under two spellings, two adults at one phone, and nobody at all."""

from __future__ import annotations

import pytest

from contacts import emails, phones
from contacts.imports.book import names_fit
from contacts.models import Contact, Household, Student
from contacts.names import plain, words_of
from schools.models import District
from tests.contacts.builders import family
from tests.contacts.test_import import import_


@pytest.mark.parametrize(
    ("one", "other", "fit"),
    [
        ("García-López, María", "Garcia Lopez María", True),
        ("O'Brien", "OBrien", True),
        ("M. Lopez", "Maria Lopez", True),
        ("M. Lopez", "Maria Lopez Ruiz", True),
        ("Tran Lan", "Lan Tran", True),
        ("Maria Lopez", "Maria Lopez Ruiz", True),
        ("", "Maria Lopez", True),
        ("Maria Lopez", "Jose Lopez", False),
        ("M. Lopez", "Jose Lopez", False),
        ("M", "Maria Lopez", False),
        ("Mario Lopez", "Maria Lopez", False),
        ("Maria Lopez Ruiz", "Maria Lopez Diaz", False),
    ],
)
def test_spellings_of_one_name_fit_and_others_do_not(one: str, other: str, fit: bool) -> None:
    assert names_fit(plain(one), plain(other)) is fit
    assert names_fit(plain(other), plain(one)) is fit


def test_siblings_whose_guardian_is_spelt_in_five_ways_are_one_family(district: District) -> None:
    ways = ["María/García López", "Maria/Garcia-Lopez", "MARIA/GARCIA LOPEZ",
            "M./Garcia Lopez", "Maria Elena/García-López"]  # fmt: skip
    rows = []
    for number, way in enumerate(ways, start=1):
        first, last = way.split("/")
        who = {"guardian_first_name": first, "guardian_last_name": last, "guardian_email": ""}
        rows.append(family(number, guardian_phone="206-555-0101", **who))
    import_(district, *rows)
    assert Contact.objects.count() == 1
    assert Household.objects.filter(students__isnull=False).distinct().count() == 1
    again = import_(district, *rows)
    assert (again.created, again.updated) == (0, 0)


def test_two_adults_of_one_initial_at_one_phone_stay_two(district: District) -> None:
    row = family(1, guardian_first_name="Maria", guardian2_name="Mario Lopez")
    import_(district, row | {"guardian2_phone": row["guardian_phone"]})
    assert sorted(Contact.objects.values_list("first_name", flat=True)) == ["Maria", "Mario"]


def test_a_contact_that_is_no_longer_active_is_not_written_to(district: District) -> None:
    """PowerSchool keeps such contacts in its exports, with `isactive` 0."""
    import_(district, family(1, guardian_is_active="1"), family(2, guardian_is_active="0"))
    assert Student.objects.get(sis_id="S0001").guardians.count() == 1
    assert Student.objects.get(sis_id="S0002").guardians.count() == 0
    import_(district, family(1, guardian_is_active="0"), family(2, guardian_is_active="0"))


@pytest.mark.parametrize(
    "text", ["none@none.com", "NA@na.com", "no-email@gmail.com", "noreply@district.org"]
)
def test_what_stands_for_no_email_is_nobodys(text: str) -> None:
    with pytest.raises(emails.BadEmail, match="stands for no address"):
        emails.read(text)


@pytest.mark.parametrize("text", ["na@gmail.com", "none.smith@none.org", "test@yahoo.com"])
def test_a_short_name_is_still_somebodys(text: str) -> None:
    assert emails.read(text) == text


@pytest.mark.parametrize("text", ["(206) 555-1212", "+1 206 555 1212", "206.555.1212 home"])
def test_directory_assistance_is_nobodys_phone(text: str) -> None:
    with pytest.raises(phones.BadPhone, match="directory assistance"):
        phones.read(text)


def test_each_part_of_a_name_is_found() -> None:
    assert words_of("María García-López") == ["maria", "garcia", "lopez"]
    assert words_of("Sinéad O’Brien") == ["sinead", "obrien"]

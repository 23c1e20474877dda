"""A word that no reader understands is explained once by a person, and then is understood."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contacts import languages
from contacts.imports.run import Report, run
from contacts.models import Contact, ContactImport, FileWord, Student
from schools.models import District, Membership, Role, School, User
from tests.contacts.builders import NOW, counselor_of, csv_of, family


@pytest.fixture
def staff(client: Client, school: School) -> Client:
    client.force_login(counselor_of(school))
    return client


def import_(district: District, *rows: dict[str, str]) -> Report:
    return run("families.csv", csv_of(*rows), district=district, now=NOW)


def explain(client: Client, word: str, meaning: str, query: str = "") -> None:
    kept = FileWord.objects.get(word=word)
    client.post(reverse("file-words") + query, {f"word-{kept.pk}": meaning})


def language_of(number: int) -> str:
    return Contact.objects.get(first_name=f"Maria{number}").language


def test_a_language_explained_becomes_that_of_the_families_and_of_later_files(
    staff: Client, district: District
) -> None:
    import_(district, family(1, language="Klingonese"), family(2, language="KLINGONESE"), family(3))
    page = staff.get(reverse("file-words"))
    assert "klingonese" in page.content.decode()
    explain(staff, "klingonese", "ru")
    assert [language_of(n) for n in (1, 2, 3)] == ["ru", "ru", "es"]
    report = import_(district, family(1, language="Klingonese"), family(4, language="klingonese"))
    assert report.problem_count == 0
    assert language_of(4) == "ru"
    assert not FileWord.objects.open().exists()


def test_a_language_that_somebody_chose_by_hand_stays(
    staff: Client, district: District, school: School
) -> None:
    import_(district, family(1, language="Klingonese"))
    contact = Contact.objects.get(first_name="Maria1")
    contact.language, contact.by_hand = "uk", ["language"]
    contact.save()
    explain(staff, "klingonese", "ru")
    assert language_of(1) == "uk"


def test_a_language_that_a_later_file_told_stays(staff: Client, district: District) -> None:
    import_(district, family(1, language="Klingonese"), family(2, language="Klingonese"))
    import_(district, family(1, language="Vietnamese"), family(2, language="Klingonese"))
    explain(staff, "klingonese", "ru")
    assert (language_of(1), language_of(2)) == ("vi", "ru")


def test_an_answer_can_be_changed(staff: Client, district: District) -> None:
    import_(district, family(1, language="Klingonese"))
    explain(staff, "klingonese", "ru")
    explain(staff, "klingonese", "uk", "?shown=explained")
    assert language_of(1) == "uk"


def test_what_is_no_language_is_left_out_and_not_asked_again(
    staff: Client, district: District
) -> None:
    import_(district, family(1, language="Klingonese"))
    explain(staff, "klingonese", "-")
    report = import_(district, family(1, language="Klingonese"))
    assert (report.problem_count, report.counts()["words"]) == (1, 0)
    assert not FileWord.objects.open().exists()
    assert language_of(1) == "en"


def test_an_answer_that_is_no_language_changes_nothing(staff: Client, district: District) -> None:
    import_(district, family(1, language="Klingonese"))
    explain(staff, "klingonese", "xx-made-up")
    assert FileWord.objects.open().count() == 1


def test_addresses_and_numbers_in_the_wrong_column_are_nobodys_words(district: District) -> None:
    import_(
        district,
        family(1, language="maria@home.example"),
        family(2, language="206-555-0101"),
        family(3, language="5/31/2008"),
    )
    assert not FileWord.objects.exists()


def test_a_districts_own_name_for_a_school_is_explained_before_the_import(
    client: Client, district: District, school: School
) -> None:
    admin = User.objects.create_user("admin@district.example", "secret")
    Membership.objects.create(user=admin, role=Role.DISTRICT_ADMINISTRATOR, district=district)
    client.force_login(admin)
    rows = [family(1), family(2, school="The Hill"), family(3, school="the hill")]
    file = SimpleUploadedFile("families.csv", csv_of(*rows), "text/csv")
    place = f"district-{district.pk}"
    client.post(reverse("contact-import-new"), {"place": place, "file": file})
    upload = ContactImport.objects.get()
    columns = client.get(upload.get_absolute_url()).context["columns"]
    chosen = {f"column-{column.position}": column.field for column in columns}
    client.post(upload.get_absolute_url(), {"action": "map", **chosen})
    upload.refresh_from_db()
    assert (upload.summary["created"], upload.summary["words"]) == (1, 1)
    explain(client, "the hill", school.nces_id, f"?import={upload.pk}")
    upload.refresh_from_db()
    assert (upload.state, upload.summary["created"]) == ("preview", 3)
    client.post(upload.get_absolute_url(), {"action": "confirm"})
    assert Student.objects.filter(school=school).count() == 3


def test_a_column_mapped_wrongly_leaves_no_words_behind(
    staff: Client, district: District, school: School
) -> None:
    file = SimpleUploadedFile("families.csv", csv_of(family(1), family(2)), "text/csv")
    staff.post(reverse("contact-import-new"), {"place": f"school-{school.pk}", "file": file})
    upload = ContactImport.objects.get()
    columns = staff.get(upload.get_absolute_url()).context["columns"]
    right = {f"column-{column.position}": column.field for column in columns}
    swap = {"guardian_last_name": "language", "language": ""}
    wrong = {name: swap.get(field, field) for name, field in right.items()}
    staff.post(upload.get_absolute_url(), {"action": "map", **wrong})
    assert FileWord.objects.filter(word="lopez").exists()
    staff.post(upload.get_absolute_url(), {"action": "columns"})
    staff.post(upload.get_absolute_url(), {"action": "map", **right})
    assert not FileWord.objects.exists()


def test_words_of_another_schools_families_are_not_shown(
    client: Client, district: District
) -> None:
    import_(district, family(1, language="Klingonese"))
    next_door = School.objects.get(name="Cedar Ridge High School")
    client.force_login(counselor_of(next_door, "next@door.example"))
    assert "klingonese" not in client.get(reverse("file-words")).content.decode()
    explain(client, "klingonese", "ru")
    assert FileWord.objects.open().count() == 1


def test_languages_alike_are_offered_first() -> None:
    assert languages.alike("ukranian lang.")[0].code == "uk"

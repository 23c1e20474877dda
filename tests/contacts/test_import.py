"""A file of families goes in once, right, and whole."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from contacts import consent
from contacts.crypto import blind_index
from contacts.imports.problems import BadFile
from contacts.imports.run import Report, run
from contacts.models import (
    Channel,
    Consent,
    ConsentEntry,
    Contact,
    ContactPoint,
    Guardianship,
    Household,
    Student,
    Suppression,
)
from schools.models import District, School
from tests.contacts.builders import NOW, csv_of, family, make_district


def import_(district: District, *rows: dict[str, str], **options: object) -> Report:
    headers = list(dict.fromkeys(name for row in rows for name in row))
    content = csv_of(*rows, headers=headers)
    return run("families.csv", content, district=district, now=NOW, **options)


def everything() -> list[object]:
    models = (Student, Contact, ContactPoint, Guardianship, Household, Suppression, ConsentEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_family_goes_in_with_its_addresses_language_and_consent(district: District) -> None:
    report = import_(district, family(1))
    student = Student.objects.get()
    guardian = student.guardians.get()
    phone = guardian.points.get(channel=Channel.SMS)
    assert (report.created, report.unreachable, report.problems) == (1, 0, [])
    assert guardian.language == "es"
    assert phone.address == "+12065550101"
    assert phone.area_zone == "America/Los_Angeles"
    assert phone.consent == Consent.IMPLIED
    assert ConsentEntry.objects.filter(contact_point=phone, basis="enrolment form").exists()
    assert student.aid_status_entries.get().status == "not_started"


def test_the_same_file_twice_changes_nothing(district: District) -> None:
    rows = [family(n) for n in range(1, 20)]
    import_(district, *rows)
    before = everything()
    report = import_(district, *rows)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 19)
    assert everything() == before


def test_a_dry_run_says_the_same_and_writes_nothing(district: District) -> None:
    rows = [family(n) for n in range(1, 5)]
    promised = import_(district, *rows, dry_run=True)
    assert not Student.objects.exists()
    assert import_(district, *rows) == promised


def test_siblings_share_their_guardian_and_household(district: District) -> None:
    import_(
        district,
        family(1),
        family(2, guardian_first_name="Maria1", guardian_phone="(206) 555-0101"),
    )
    assert Contact.objects.count() == 1
    assert Household.objects.filter(students__isnull=False).distinct().count() == 1


def test_two_parents_with_one_phone_stay_two_people(district: District) -> None:
    cells = {
        "guardian2_first_name": "Jose",
        "guardian2_last_name": "Lopez",
        "guardian2_phone": "206-555-0101",
    }
    import_(district, family(1, **cells))
    import_(district, family(1, **cells))
    assert Contact.objects.count() == 2
    assert ContactPoint.objects.at(Channel.SMS, "+12065550101").count() == 2


def test_one_row_a_guardian_adds_up_to_one_student(district: District) -> None:
    report = import_(
        district, family(1), family(1, guardian_first_name="Jose", guardian_phone="206-555-0177")
    )
    assert (report.rows, report.created) == (2, 1)
    assert Student.objects.get().guardians.count() == 2


def test_a_changed_phone_replaces_the_old_one(district: District) -> None:
    import_(district, family(1))
    report = import_(district, family(1, guardian_phone="206-555-0199"))
    assert report.updated == 1
    old = ContactPoint.objects.at(Channel.SMS, "+12065550101").get()
    assert old.removed_on is not None
    assert consent.allowed(ContactPoint.objects.filter(channel=Channel.SMS)).count() == 1


def test_a_bad_phone_is_told_and_the_rest_of_the_row_goes_in(district: District) -> None:
    report = import_(district, family(1, guardian_phone="555-0101"))
    problem = report.problems[0]
    assert (problem.row, problem.column, problem.value) == (2, "guardian_phone", "555-0101")
    assert "area code" in problem.message
    assert ContactPoint.objects.get().channel == Channel.EMAIL


def test_an_unreadable_phone_does_not_take_away_the_known_one(district: District) -> None:
    import_(district, family(1))
    import_(district, family(1, guardian_phone="2.06555E+09"))
    assert ContactPoint.objects.get(channel=Channel.SMS).removed_on is None


def test_who_is_missing_has_left_and_comes_back_when_named_again(district: District) -> None:
    import_(district, family(1), family(2))
    report = import_(district, family(1))
    gone = Student.objects.get(sis_id="S0002")
    assert report.left == 1
    assert gone.left_on is not None
    assert gone.guardians.get().left_on is not None
    import_(district, family(1), family(2))
    gone.refresh_from_db()
    assert gone.left_on is None
    assert gone.guardians.get().left_on is None


def test_students_of_another_school_or_grade_do_not_leave(
    district: District, school: School
) -> None:
    import_(district, family(1), family(2, school="Cedar Ridge HS"), family(3, grade="11"))
    report = import_(district, family(4), family(1), school=school)
    assert report.left == 0


def test_a_guardian_no_longer_named_is_no_longer_written_to(district: District) -> None:
    import_(district, family(1))
    import_(district, family(1, guardian_first_name="Rosa", guardian_phone="206-555-0144"))
    old = Guardianship.objects.get(contact__first_name="Maria1")
    assert (old.may_contact, old.left_on is not None) == (False, True)


def test_custody_papers_are_honoured(district: District) -> None:
    report = import_(district, family(1, do_not_contact="yes"))
    assert not Guardianship.objects.get().may_contact
    assert report.why_unreachable == {"may_not_contact": 1}


def test_custody_papers_outlast_a_file_that_leaves_the_guardian_out(district: District) -> None:
    import_(district, family(1, do_not_contact="yes"))
    import_(district, family(1, guardian_first_name="Rosa", guardian_phone="206-555-0144"))
    import_(district, family(1, do_not_contact=""))  # named again, without a word on custody
    tie = Guardianship.objects.get(contact__first_name="Maria1")
    assert (tie.left_on, tie.may_contact) == (None, False)
    import_(district, family(1, do_not_contact="no"))
    tie.refresh_from_db()
    assert tie.may_contact


def test_a_guardian_named_again_is_written_to_again(district: District) -> None:
    import_(district, family(1))
    import_(district, family(1, guardian_first_name="Rosa", guardian_phone="206-555-0144"))
    import_(district, family(1))
    tie = Guardianship.objects.get(contact__first_name="Maria1")
    assert (tie.left_on, tie.may_contact) == (None, True)


def test_a_family_that_stopped_is_not_brought_back_by_any_file(district: District) -> None:
    import_(district, family(1))
    index = blind_index(Channel.SMS, "+12065550101")
    consent.withdraw(Channel.SMS, index, reason=Suppression.Reason.STOP, basis="STOP", at=NOW)
    import_(district, family(1))
    import_(district, family(1), family(7, guardian_phone="206-555-0101"))
    assert set(
        ContactPoint.objects.filter(channel=Channel.SMS).values_list("consent", flat=True)
    ) == {Consent.WITHDRAWN}
    assert not consent.allowed(ContactPoint.objects.filter(channel=Channel.SMS)).exists()


def test_an_opt_out_in_the_file_silences_the_address(district: District) -> None:
    report = import_(district, family(1, guardian_sms_opt_out="Y", guardian_email=""))
    assert Suppression.objects.active().get().reason == Suppression.Reason.IMPORTED
    assert report.why_unreachable == {"opted_out": 1}
    again = import_(district, family(1, guardian_sms_opt_out="", guardian_email=""))
    assert Suppression.objects.active().exists()
    assert again.unreachable == 1


def test_the_students_own_phone_is_their_own_contact(district: District) -> None:
    import_(district, family(1, student_phone="206-555-0150"))
    student = Student.objects.get()
    assert student.own_contact.points.get().address == "+12065550150"
    assert student.own_contact not in student.guardians.all()


def test_what_the_preview_calls_unreachable_is_what_consent_allows(district: District) -> None:
    district.sms_needs_opt_in = True
    district.save()
    rows = [
        family(1, guardian_email=""),
        family(2),
        family(3, guardian_phone="", guardian_email=""),
        family(4, guardian_email="", guardian_sms_opt_out="yes"),
    ]
    report = import_(district, *rows)
    allowed = consent.allowed(ContactPoint.objects.all())
    reached = Student.objects.filter(
        guardianships__may_contact=True, guardians__points__in=allowed
    ).distinct()
    assert report.unreachable == 4 - reached.count() == 3


def test_a_repeated_old_status_does_not_overrule_the_family(district: District) -> None:
    from contacts import statuses

    import_(district, family(1))
    student = Student.objects.get()
    statuses.record(student, "completed", source="family", as_of=NOW)
    import_(district, family(1))
    student.refresh_from_db()
    assert student.aid_status == "completed"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"name,phone\nAna,2065550101\n", "student id"),
        (b"student_id,student_name,school\n", "no rows"),
        (b"%PDF-1.7 ...", "not a table"),
        (b"student_id,student_name,school\n1,Ana Lopez,Nowhere High\n", "not in the district"),
        (b"PK\x03\x04rubbish", "damaged"),
    ],
)
def test_a_bad_file_changes_nothing_and_says_why(
    district: District, content: bytes, words: str
) -> None:
    before = everything()
    with pytest.raises(BadFile, match=words):
        run("families.csv", content, district=district, now=NOW)
    assert everything() == before


def test_the_command_keeps_its_contract(school: School, tmp_path: Path) -> None:
    file = tmp_path / "families.csv"
    file.write_bytes(csv_of(family(1), family(2, guardian_phone="=1+1"), family(3, student_id="")))
    out = StringIO()
    call_command(
        "import_contacts", str(file), school=school.nces_id, json=True,
        report=tmp_path / "report.csv", stdout=out,
    )  # fmt: skip
    answer = json.loads(out.getvalue())
    assert {"rows", "created", "updated", "unchanged", "left", "unreachable"} <= answer.keys()
    assert (answer["rows"], answer["created"]) == (3, 2)
    assert {"row", "column", "value", "message"} == answer["problems"][0].keys()
    assert "'=1+1" in (tmp_path / "report.csv").read_text()


def test_the_command_refuses_a_bad_file_and_an_unknown_school(
    school: School, tmp_path: Path
) -> None:
    file = tmp_path / "families.csv"
    file.write_bytes(b"colour,size\nred,4\n")
    with pytest.raises(CommandError, match="student id"):
        call_command("import_contacts", str(file), school=school.nces_id)
    with pytest.raises(CommandError, match="NCES"):
        call_command("import_contacts", str(file), school="000000000000")


def test_a_mapping_file_names_the_columns(school: School, tmp_path: Path) -> None:
    file, mapping = tmp_path / "odd.csv", tmp_path / "mapping.toml"
    file.write_bytes(b"Nr;Wer;Tel\n7;Ana Lopez;206-555-0107\n")
    mapping.write_text('student_id = "Nr"\nstudent_name = "Wer"\nguardian1_phone = "Tel"\n')
    call_command(
        "import_contacts", str(file), school=school.nces_id, mapping=mapping, stdout=StringIO()
    )
    assert ContactPoint.objects.get().address == "+12065550107"


def test_two_districts_keep_their_families_apart(district: District) -> None:
    import_(district, family(1))
    other = make_district("9900020", schools=1)
    import_(other, family(1))
    assert Student.objects.filter(sis_id="S0001").count() == 2
    assert Contact.objects.count() == 2

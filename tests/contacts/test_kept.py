"""What a person corrected stays corrected, and a delta speaks only of whom it names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from contacts.imports import run as importing
from contacts.imports.problems import BadFile
from contacts.imports.readers import Table
from contacts.models import (
    Channel,
    Contact,
    ContactImport,
    ContactPoint,
    FileWord,
    Guardianship,
    PossibleDouble,
    Student,
)
from schools.models import District
from tests.contacts.builders import NOW, family
from tests.contacts.test_import import import_


def delta(district: District, *rows: dict[str, str]) -> importing.Report:
    headers = list(dict.fromkeys(name for row in rows for name in row))

    def numbered() -> Iterator[tuple[int, list[str]]]:
        for number, row in enumerate(rows, start=2):
            yield number, [row.get(header, "") for header in headers]

    table = Table(headers, numbered(), whole=False)
    return importing.run_table(table, name="delta", district=district, now=NOW)


# By hand ------------------------------------------------------------------------------------


def test_a_corrected_name_is_not_overwritten(district: District) -> None:
    import_(district, family(1))
    Student.objects.update(first_name="Anna", by_hand=["first_name"])
    report = import_(district, family(1, student_last_name="Ruiz"))
    student = Student.objects.get()
    assert (student.first_name, student.last_name) == ("Anna", "Ruiz")
    assert report.kept_by_hand == 1


def test_a_corrected_name_is_overwritten_when_told_to(district: District) -> None:
    import_(district, family(1))
    first = Student.objects.get().first_name
    Student.objects.update(first_name="Anna", by_hand=["first_name"])
    import_(district, family(1), overwrite=True)
    assert Student.objects.get().first_name == first
    assert Student.objects.get().by_hand == []


def test_a_language_that_the_family_chose_stays(district: District) -> None:
    import_(district, family(1))
    Contact.objects.update(language="so", by_hand=["language"])
    import_(district, family(1))
    assert Contact.objects.get().language == "so"


def test_a_number_taken_away_by_hand_does_not_come_back_and_the_right_one_stays(
    district: District,
) -> None:
    import_(district, family(1, guardian_email=""))
    wrong = ContactPoint.objects.get()
    wrong.removed_on, wrong.by_hand = NOW.date(), True
    wrong.save()
    right = ContactPoint(contact=wrong.contact, channel=Channel.SMS, by_hand=True)
    right.set_address("+12065550142")
    right.save()
    report = import_(district, family(1, guardian_email=""))
    wrong.refresh_from_db()
    right.refresh_from_db()
    assert (wrong.removed_on is not None, right.removed_on) == (True, None)
    assert report.updated == 0


def test_a_guardian_renamed_by_hand_is_still_the_one_in_the_file(district: District) -> None:
    import_(district, family(1))
    Contact.objects.update(first_name="Guadalupe", by_hand=["first_name"])
    import_(district, family(1))
    assert Contact.objects.get().first_name == "Guadalupe"


def test_a_custody_decision_by_hand_stays(district: District) -> None:
    import_(district, family(1))
    Guardianship.objects.update(may_contact=False, by_hand=True)
    import_(district, family(1, may_contact="yes"))
    assert not Guardianship.objects.get().may_contact


# Deltas -------------------------------------------------------------------------------------


def test_a_delta_leaves_alone_whom_it_does_not_name(district: District) -> None:
    import_(district, family(1), family(2))
    report = delta(district, family(3))
    assert (report.created, report.left) == (1, 0)
    assert Student.objects.filter(left_on=None).count() == 3


def test_a_delta_says_who_left(district: District) -> None:
    import_(district, family(1), family(2))
    report = delta(district, {"student_id": "S0001", "enrolled": "no"})
    assert report.left == 1
    assert Student.objects.get(left_on=None).sis_id == "S0002"
    assert Contact.objects.get(left_on=None).students.get().sis_id == "S0002"


def test_a_delta_row_may_hold_only_what_changed(district: District) -> None:
    import_(district, family(1))
    delta(district, {"student_id": "S0001", "grade": "11"})
    student = Student.objects.get()
    assert (student.grade, student.first_name != "") == ("11", True)
    assert student.guardians.count() == 1


def test_a_delta_takes_away_a_guardian(district: District) -> None:
    import_(district, family(1, guardian_id="G1"))
    delta(district, {"student_id": "S0001", "guardian_id": "G1", "guardian_gone": "yes"})
    tie = Guardianship.objects.get()
    assert (tie.may_contact, tie.left_on is not None) == (False, True)


def test_a_delta_about_a_stranger_says_so(district: District) -> None:
    import_(district, family(1))
    report = delta(district, {"student_id": "S0099", "grade": "11"}, family(1))
    assert "No student here has this id" in report.problems[0].message


def test_a_delta_counts_as_unreachable_only_whom_it_names(district: District) -> None:
    import_(district, family(1, guardian_phone="", guardian_email=""), family(2))
    assert delta(district, family(3)).unreachable == 0


# Matching -----------------------------------------------------------------------------------


def test_a_student_with_a_new_number_is_known_by_the_states_id(district: District) -> None:
    import_(district, family(1, state_student_id="7000000001"))
    import_(district, family(1, student_id="N77", state_student_id="7000000001"))
    assert Student.objects.get().sis_id == "N77"


def test_one_name_and_birthday_under_two_ids_is_a_question_for_a_person(
    district: District,
) -> None:
    import_(district, family(1, birth_date="2008-05-01"), family(2))
    report = import_(
        district,
        family(1, birth_date="2008-05-01"),
        family(1, student_id="S9999", birth_date="5/1/2008"),
        family(2),
    )
    assert report.possible_doubles == 1
    assert PossibleDouble.objects.open().count() == 1
    again = import_(
        district,
        family(1, birth_date="2008-05-01"),
        family(1, student_id="S9999", birth_date="5/1/2008"),
        family(2),
        family(3),
    )
    assert again.possible_doubles == 0


def test_a_word_for_a_language_is_asked_once_and_then_known(district: District) -> None:
    import_(district, family(1, language="Klingonese"))
    word = FileWord.objects.get()
    assert (word.kind, word.word, word.decided_at) == ("language", "klingonese", None)
    FileWord.objects.update(meaning="ru", decided_at=NOW)
    report = import_(district, family(1, language="Klingonese"))
    assert report.problem_count == 0
    assert Contact.objects.get().language == "ru"


# Streams ------------------------------------------------------------------------------------


def test_families_that_span_chunks_stay_whole(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)
    rows = [family(n) for n in range(1, 8)]
    for n in (1, 4, 7):
        rows[n - 1] |= {"guardian_first_name": "Rosa", "guardian_phone": "206-555-0177"}
    first = import_(district, *rows)
    assert first.created == 7
    rosa = Contact.objects.get(first_name="Rosa", student=None)
    assert len({s.household_id for s in rosa.students.all()}) == 1
    again = import_(district, *rows)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 7)
    moved = [{**row, "guardian_phone": "206-555-0188"} if row is rows[0] else row for row in rows]
    import_(district, *moved)
    numbers = {p.address for p in rosa.points.filter(channel=Channel.SMS, removed_on=None)}
    assert numbers == {"+12065550177", "+12065550188"}


def test_the_number_of_queries_does_not_grow_with_the_file(
    district: District, django_assert_max_num_queries: object
) -> None:
    def queries(count: int) -> int:
        with connection.execute_wrapper(counting):
            counting.seen = 0
            import_(district, *(family(n) for n in range(1, count + 1)), dry_run=True)
        return counting.seen

    class Counting:
        seen = 0

        def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]
            self.seen += 1
            return execute(sql, params, many, context)

    counting = Counting()
    assert queries(60) == queries(6)


def test_every_import_is_on_record_with_its_counts(district: District) -> None:
    import_(district, family(1))
    kept = ContactImport.objects.get()
    assert (kept.state, kept.summary["created"]) == ("done", 1)


def test_a_refused_file_leaves_no_record(district: District) -> None:
    with pytest.raises(BadFile):
        import_(district, {"student_id": "", "student_name": "", "school": ""})
    assert not ContactImport.objects.exists()

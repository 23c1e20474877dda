"""What holds for any files in any order: nothing twice, nobody brought back."""

from __future__ import annotations

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts import consent
from contacts.crypto import blind_index
from contacts.imports.problems import BadFile
from contacts.imports.run import Report, run
from contacts.models import Channel, ContactPoint, Household, Student, Suppression
from schools.models import District
from tests.contacts.builders import NOW, csv_of
from tests.contacts.test_import import everything

PHONES = ["", "206-555-0101", "206-555-0102", "555"]
ROW = st.fixed_dictionaries(
    {
        "student_id": st.sampled_from(["1", "2", "3"]),
        "student_name": st.sampled_from(["Ana Lopez", "Luis Lopez", "Mai Tran"]),
        "school": st.sampled_from(["Lakeview High School", "Cedar Ridge"]),
        "guardian_id": st.sampled_from(["", "", "G1", "G2"]),
        "guardian_name": st.sampled_from(
            ["", "Maria Lopez", "María López-Ruiz", "M. Lopez", "Lopez Maria", "Jose Lopez"]
        ),
        "guardian_phone": st.sampled_from(PHONES),
        "guardian_email": st.sampled_from(["", "m@x.example", "j@x.example"]),
        "guardian_sms_opt_out": st.sampled_from(["", "", "", "yes"]),
        "guardian_may_contact": st.sampled_from(["", "", "yes", "no"]),
        "guardian_relationship": st.sampled_from(["", "Mother", "Neighbor"]),
        "guardian_home_phone": st.sampled_from(["", "", "206-555-0101", "206-555-0104"]),
        "guardian2_name": st.sampled_from(["", "Jose Lopez", "Rosa Ruiz"]),
        "guardian2_phone": st.sampled_from(PHONES),
        "guardian2_gone": st.sampled_from(["", "", "", "yes"]),
        "student_phone": st.sampled_from(["", "206-555-0103", "206-555-0101"]),
        "language": st.sampled_from(["", "Spanish", "Klingon"]),
        "status": st.sampled_from(["", "submitted", "completed"]),
        "enrolled": st.sampled_from(["", "", "", "yes", "no"]),
        "birth_date": st.sampled_from(["", "2008-05-31"]),
        "state_student_id": st.sampled_from(["", "", "7000000001", "7000000002"]),
    }
)
FILE = st.lists(ROW, min_size=1, max_size=5)
quick = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def bring(district: District, rows: list[dict[str, str]]) -> Report:
    """Imports the rows; a file in which nobody is enrolled is refused and changes nothing."""
    content = csv_of(*rows, headers=list(rows[0]))
    try:
        return run("families.csv", content, district=district, now=NOW)
    except BadFile:
        assert all(row["enrolled"] == "no" for row in rows)
        return Report()


@quick
@given(files=st.lists(FILE, min_size=1, max_size=2))
def test_any_file_twice_changes_nothing_the_second_time(
    district: District, files: list[list[dict[str, str]]]
) -> None:
    with transaction.atomic():
        for rows in files:
            bring(district, rows)
        before = everything()
        report = bring(district, files[-1])
        after = everything()
        transaction.set_rollback(True)
    assert (report.created, report.updated, report.left) == (0, 0, 0)
    assert after == before


@quick
@given(first=FILE, later=st.lists(FILE, min_size=1, max_size=3))
def test_no_files_bring_back_an_address_that_stopped(
    district: District, first: list[dict[str, str]], later: list[list[dict[str, str]]]
) -> None:
    index = blind_index(Channel.SMS, "+12065550101")
    with transaction.atomic():
        bring(district, first)
        consent.withdraw(Channel.SMS, index, reason=Suppression.Reason.STOP, basis="STOP", at=NOW)
        silenced = set()
        for rows in later:
            bring(district, rows)
            silent = set(Suppression.objects.active().values_list("address_index", flat=True))
            assert silenced <= silent
            silenced = silent
        points = ContactPoint.objects.filter(address_index=index)
        allowed = consent.allowed(points).exists()
        consents = set(points.values_list("consent", flat=True))
        transaction.set_rollback(True)
    assert not allowed
    assert consents <= {"withdrawn"}


@quick
@given(rows=FILE)
def test_students_who_share_a_guardian_share_a_household(
    district: District, rows: list[dict[str, str]]
) -> None:
    with transaction.atomic():
        report = bring(district, rows)
        students = list(Student.objects.prefetch_related("guardians"))
        homes = {
            guardian.pk: {s.household_id for s in students if guardian in s.guardians.all()}
            for student in students
            for guardian in student.guardians.all()
        }
        households = Household.objects.filter(students__isnull=False).distinct().count()
        transaction.set_rollback(True)
    assert all(len(home) == 1 for home in homes.values())
    assert households <= report.created

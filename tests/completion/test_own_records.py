"""A school's own records beside the published figures, and revisions of files."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from completion import own_records, revisions
from completion.intake import bring_in
from completion.models import Snapshot, SourceFile
from contacts import statuses
from contacts.models import AidStatus, AidStatusEntry, ApplicationPath, Student
from schools.models import Cycle, Role, School, User
from tests import builders
from tests.completion.conftest import FLORIDA, bring, person, publish, seniors

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def families() -> list[Student]:
    """Thirty seniors of one school: twenty completed by file, three of them with the WASFA."""
    school = builders.a_school()
    name = Cycle.name_on(NOW.date())
    Cycle.objects.get_or_create(name=name)
    students = [
        builders.a_family(school).guardianships.get().student for _n in range(30)
    ]  # fmt: skip
    Student.objects.update(cycle=name, grade="12")
    Student.objects.filter(pk__in=[s.pk for s in students[:3]]).update(path=ApplicationPath.WASFA)
    for student in students[:20]:
        statuses.record(
            student, AidStatus.COMPLETED, source=AidStatusEntry.Source.FILE,
            as_of=NOW - dt.timedelta(days=20),
        )  # fmt: skip
    statuses.record(
        students[25], AidStatus.COMPLETED, source=AidStatusEntry.Source.FAMILY, as_of=NOW
    )
    return students


def panel(school: School, user: User) -> own_records.OwnRecords:
    found = own_records.of(school, Cycle.name_on(NOW.date()), user, now=NOW)
    assert found
    return found


def test_own_records_count_verified_words_and_tell_the_wasfa_to_the_school_alone(
    families: list[Student],
) -> None:
    school = families[0].school
    counselor = person(Role.COUNSELOR, school=school)
    coordinator = person(Role.COORDINATOR, state=school.state)
    assert panel(school, counselor).students.text == "30"
    assert panel(school, counselor).completed.text == "20"
    assert panel(school, counselor).wasfa is not None
    assert panel(school, coordinator).wasfa is None


def test_whoever_sees_no_family_learns_of_no_few_students_by_looking_every_day(
    families: list[Student],
) -> None:
    """One more completes each day; a coordinator who looks each day reads three ranges."""
    school = families[0].school
    for _n in range(30):
        builders.a_family(school)
    Student.objects.filter(school=school).update(
        cycle=Cycle.name_on(NOW.date()), grade="12", path=ApplicationPath.FAFSA
    )
    students = list(Student.objects.filter(school=school).order_by("pk"))
    for number, student in enumerate(students[20:55]):
        statuses.record(
            student, AidStatus.COMPLETED, source=AidStatusEntry.Source.STAFF,
            as_of=NOW + dt.timedelta(days=number),
        )  # fmt: skip
    cycle = Cycle.name_on(NOW.date())
    coordinator = person(Role.COORDINATOR, state=school.state)
    seen = []
    for day in range(1, 36):
        found = own_records.of(school, cycle, coordinator, now=NOW + dt.timedelta(days=day))
        assert found and found.through and found.through.weekday() == 0
        seen.append(found.completed.text)
    assert list(dict.fromkeys(seen)) == ["20–29", "30–39", "40–57"]
    assert panel(school, person(Role.COUNSELOR, school=school)).completed.text == "21"


def test_a_few_students_are_not_told_of(families: list[Student], client: Client) -> None:
    school = families[0].school
    Student.objects.exclude(pk__in=[s.pk for s in families[:9]]).update(left_on=NOW.date())
    user = person(Role.COUNSELOR, school=school)
    assert own_records.of(school, Cycle.name_on(NOW.date()), user, now=NOW) is None


def test_the_page_names_whose_records_they_are(families: list[Student], client: Client) -> None:
    school = families[0].school
    client.force_login(person(Role.COUNSELOR, school=school))
    body = client.get(school.get_absolute_url()).content.decode()
    assert "own records" in body and "Of these with the WASFA" in body
    client.force_login(person(Role.COORDINATOR, state=school.state))
    assert "Of these with the WASFA" not in client.get(school.get_absolute_url()).content.decode()


def test_a_reissued_figure_is_shown_with_both_files(
    client: Client, school: School, admin: User
) -> None:
    first = publish(school, "2026-03-06", 120, 80)
    second = SourceFile.objects.create(
        name="again", sha256="again", as_of=first.as_of, cycle=first.cycle
    )
    first.pk, first.source, first.completed = None, second, 78
    first.save()
    count, [revision] = revisions.of(second, admin)
    assert count == 1
    assert [str(each) for each in revision.completed] == ["80", "78"]
    client.force_login(admin)
    assert "80 → 78" in client.get(second.get_absolute_url()).content.decode()


def test_small_revised_figures_are_not_told(school: School, admin: User) -> None:
    first = publish(school, "2026-03-06", 120, 8)
    seniors(school, "2025-26", 200)
    second = SourceFile.objects.create(
        name="again", sha256="again", as_of=first.as_of, cycle=first.cycle
    )
    first.pk, first.source, first.completed = None, second, 7
    first.save()
    _count, [revision] = revisions.of(second, admin)
    assert [str(each) for each in revision.completed] == ["<10", "<10"]


def test_weekly_files_that_repeat_last_years_columns_revise_nothing(admin: User) -> None:
    for path in FLORIDA[:2]:
        source = bring(path).source
    count, found = revisions.of(source, admin)
    assert count == 0 and found == []


def test_a_schools_page_names_the_file_of_each_figure_and_what_was_revised(
    client: Client, school: School, admin: User
) -> None:
    first = publish(school, "2026-03-06", 120, 80)
    second = SourceFile.objects.create(
        name="again", sha256="again", as_of=first.as_of, cycle=first.cycle
    )
    Snapshot.objects.update(superseded=True)
    first.pk, first.source, first.completed, first.rows = None, second, 78, [{"line": 7}]
    first.save()
    [origin] = revisions.of_school(school, first.cycle_id)
    assert (origin.source, origin.rows) == (second, [7])
    client.force_login(admin)
    page = client.get(school.get_absolute_url()).content.decode()
    assert "2026-03-06 said 120 submitted, 80 completed" in page and "row 7" in page


def test_of_a_revised_own_count_only_the_fact_is_told(
    client: Client, school: School, admin: User
) -> None:
    for count in (31, 33):
        line = f"school_id,date,submitted,completed\n{school.nces_id},2026-03-06,60,{count}\n"
        bring_in(f"own {count}", line.encode())
    client.force_login(admin)
    page = client.get(school.get_absolute_url()).content.decode()
    assert "own 31 said otherwise" in page and "31 completed" not in page


def test_two_own_counts_of_a_day_stand_side_by_side_only_for_whoever_has_both(
    client: Client, school: School, admin: User
) -> None:
    writer = person(Role.COORDINATOR, state=school.state)
    for count in (31, 33):
        line = f"school_id,date,submitted,completed\n{school.nces_id},2026-03-06,60,{count}\n"
        newer = bring_in(f"own {count}", line.encode(), by=writer).source
    told = "31 → 33"
    for user, sees in (
        (admin, True), (writer, True), (person(Role.COORDINATOR, state=school.state), False),
    ):  # fmt: skip
        client.force_login(user)
        page = client.get(newer.get_absolute_url()).content.decode()
        assert (told in page, "told to whoever has both files" in page) == (sees, not sees)

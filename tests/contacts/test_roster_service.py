"""A district's roster comes by itself every night, and a broken night changes nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django_q.models import OrmQ, Schedule

from campaigns import tasks
from contacts.imports import undo
from contacts.models import ContactImport, ContactPoint, Guardianship, RosterService, Student
from contacts.rosters import jobs, nightly
from contacts.rosters.fetch import TooManyLeave, client_of, fetch, table
from contacts.rosters.problems import RosterError
from schools.models import AuditEntry, District
from tests.contacts.builders import NOW, make_district
from tests.contacts.rosters import a_parent, a_roster, a_student, families
from tests.providers.oneroster import CLIENT, SECRET, OneRoster, a_user, an_org

TOMORROW = NOW + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _local(settings: Any) -> None:
    settings.ROSTERS_ON_THIS_MACHINE = True


@pytest.fixture
def running() -> Iterator[OneRoster]:
    """A service with a family of two students, ten further students, a teacher and a district."""
    with OneRoster() as service:
        roster = service.roster
        roster.orgs = [an_org(), an_org("d1", "Beacon Schools", type="district")]
        more = {"identifier": "1001", "userIds": [{"type": "StateId", "identifier": "8877"}]}
        roster.users = [
            a_user("s1", "student", agents=["g1", "g2"], metadata={"homeLanguage": "es"}, **more),
            a_user("s2", "student", "Ben Lopez", agents=["g1"], identifier="1002"),
            a_user("g1", "parent", "Maria Lopez", org="d1", sms="206-555-0101"),
            a_user("g2", "guardian", "Jo Diaz", org="d1", email="jo@lakeview.example"),
            a_user("t1", "teacher", "Kim Teach", email="kim@lakeview.example"),
            *(a_user(f"x{n}", "student", f"Kid{n} Hill", identifier=f"2{n}") for n in range(10)),
        ]
        roster.demographics = [{"sourcedId": "s1", "birthDate": "2008-02-29"}]
        yield service


@pytest.fixture
def service(district: District, running: OneRoster) -> RosterService:
    made = RosterService(
        district=district, url=running.url, token_url=running.token_url, client_id=CLIENT
    )
    made.client_secret = SECRET
    made.save()
    return made


def test_a_roster_comes_with_everything_that_concerns_families(service: RosterService) -> None:
    report = fetch(service, now=NOW)
    assert report.created == 12
    ana = Student.objects.get(sis_id="1001")
    assert (ana.first_name, ana.state_student_id, ana.grade) == ("Ana", "8877", "12")
    assert ana.birth_date == dt.date(2008, 2, 29)
    assert ana.school.name == "Lakeview High School"
    ties = Guardianship.objects.filter(student=ana).values_list("contact__sis_id", flat=True)
    assert set(ties) == {"g1", "g2"}
    assert ana.guardianships.get(contact__sis_id="g1").contact.language == "es"
    assert {p.address for p in ContactPoint.objects.all()} == {
        "+12065550101",
        "jo@lakeview.example",
    }


def test_the_service_and_a_zip_of_it_say_the_same(
    service: RosterService, district: District
) -> None:
    zipped = a_roster(
        a_student(
            "s1",
            identifier="1001",
            userIds="{StateId:8877}",
            agentSourcedIds="g1,g2",
            **{"metadata.homeLanguage": "es"},
        ),
        a_student("s2", "Ben Lopez", identifier="1002", agentSourcedIds="g1"),
        a_parent("g1", sms="206-555-0101"),
        a_parent("g2", "Jo Diaz", role="guardian", email="jo@lakeview.example"),
        version="1.2",
        birth_dates={"s1": "2008-02-29"},
    )
    with client_of(service) as client:
        fetched = table(client, district)
        rows = [
            {header: cell for header, cell in zip(fetched.headers, cells, strict=True) if cell}
            for _number, cells in fetched.rows
        ]
    assert fetched.whole
    assert rows[:3] == families(zipped, district)


def test_what_a_fetch_brought_stands_among_the_imports(service: RosterService) -> None:
    fetch(service, now=NOW)
    upload = ContactImport.objects.get()
    assert (upload.kind, upload.state) == ("roster", "done")
    assert upload.summary["created"] == 12
    entry = AuditEntry.objects.get(action="contacts.imported")
    assert (entry.district, entry.details["created"]) == (service.district, 12)


def test_a_fetch_can_be_undone(service: RosterService) -> None:
    fetch(service, now=NOW)
    undo.undo(ContactImport.objects.get())
    assert not Student.objects.exists()


def test_a_night_without_news_leaves_no_import_behind(service: RosterService) -> None:
    fetch(service, now=NOW)
    report = fetch(service, now=TOMORROW)
    assert (report.unchanged, report.updated) == (12, 0)
    assert ContactImport.objects.count() == 1
    service.refresh_from_db()
    assert (service.last_fetched_at, service.last_error) == (TOMORROW, "")


def test_a_try_counts_and_writes_nothing(service: RosterService) -> None:
    assert fetch(service, now=NOW, dry_run=True).created == 12
    assert not Student.objects.exists()
    assert not ContactImport.objects.exists()
    service.refresh_from_db()
    assert (service.last_tried_at, service.last_fetched_at) == (NOW, None)
    assert service.summary["created"] == 12


def test_a_student_who_is_no_longer_named_has_left(
    service: RosterService, running: OneRoster
) -> None:
    fetch(service, now=NOW)
    running.roster.users.pop()
    assert fetch(service, now=TOMORROW).left == 1
    assert Student.objects.present().count() == 11


def test_half_a_roster_changes_nothing_unless_a_person_says_so(
    service: RosterService, running: OneRoster
) -> None:
    fetch(service, now=NOW)
    running.roster.users[:] = running.roster.users[:8]
    with pytest.raises(TooManyLeave, match="7 of 12 students"):
        fetch(service, now=TOMORROW)
    assert Student.objects.present().count() == 12
    assert ContactImport.objects.count() == 1
    service.refresh_from_db()
    assert "7 of 12" in service.last_error
    assert fetch(service, now=TOMORROW, anyway=True).left == 7
    assert Student.objects.present().count() == 5


def test_a_service_without_dates_of_birth_still_brings_the_families(
    service: RosterService, running: OneRoster
) -> None:
    running.roster.knows_demographics = False
    assert fetch(service, now=NOW).created == 12


def test_enrolments_are_asked_only_where_a_school_is_not_told(
    service: RosterService, running: OneRoster
) -> None:
    fetch(service, now=NOW)
    assert not running.roster.asked["enrollments"]
    running.roster.users.append(a_user("s9", "student", "Zed Last", org="d1", identifier="1009"))
    running.roster.enrollments = [
        {
            "sourcedId": "e1",
            "user": {"sourcedId": "s9"},
            "school": {"sourcedId": "o1"},
            "role": "student",
        }
    ]
    fetch(service, now=TOMORROW)
    assert Student.objects.get(sis_id="1009").school.name == "Lakeview High School"


def test_a_service_that_breaks_off_changes_nothing(
    service: RosterService, running: OneRoster
) -> None:
    fetch(service, now=NOW)
    running.roster.faults.extend(["fine", "fine", "html"])
    running.roster.users.pop()
    with pytest.raises(RosterError):
        fetch(service, now=TOMORROW)
    assert Student.objects.present().count() == 12
    service.refresh_from_db()
    assert "other than JSON" in service.last_error
    assert service.last_fetched_at == NOW


def test_a_wrong_secret_is_told_without_it(service: RosterService) -> None:
    service.client_secret = "not-the-secret"
    service.save()
    with pytest.raises(RosterError):
        fetch(service, now=NOW)
    service.refresh_from_db()
    assert "client id and secret" in service.last_error
    assert "not-the-secret" not in service.last_error


def test_without_a_student_nothing_is_taken_for_a_roster(
    service: RosterService, running: OneRoster
) -> None:
    fetch(service, now=NOW)
    running.roster.users.clear()
    with pytest.raises(RosterError, match="role “student”"):
        fetch(service, now=TOMORROW)
    assert Student.objects.present().count() == 12


@pytest.mark.parametrize(
    "user",
    [
        {"givenName": "No id"},
        {"sourcedId": "u1", "roles": "student", "agents": {"sourcedId": "g1"}, "grades": 12},
        {"sourcedId": "u1", "roles": [None, {"role": 7, "org": "o1"}], "metadata": [1]},
        {"sourcedId": "u1", "givenName": "\ud800\0", "email": {"a": 1}, "metadata": {"a": {}}},
    ],
)
def test_objects_of_another_shape_never_break_it(
    service: RosterService, running: OneRoster, user: dict[str, Any]
) -> None:
    running.roster.users.append(user)
    try:
        fetch(service, now=NOW)
    except RosterError as error:
        assert "sourcedId" in str(error)
    else:
        assert Student.objects.count() == 12


# By night, and when asked


def test_every_cluster_knows_the_night_and_it_is_planned_once(db: None) -> None:
    tasks.schedule()
    tasks.schedule()
    planned = Schedule.objects.get(name="rosters")
    assert planned.func == "contacts.tasks.fetch_rosters"
    assert planned.schedule_type == Schedule.DAILY


def test_the_night_sends_for_those_who_asked_for_it(service: RosterService) -> None:
    other = RosterService.objects.create(
        district=make_district("9900020"), url="https://sis.example", nightly=False
    )
    assert nightly.fetch_all(NOW) == 1
    assert OrmQ.objects.count() == 1
    assert jobs.work(service.pk, None, now=NOW + dt.timedelta(seconds=5))
    assert Student.objects.count() == 12
    service.refresh_from_db()
    other.refresh_from_db()
    assert (service.asked, other.asked) == ("", "")


def test_one_fetch_at_a_time(service: RosterService) -> None:
    later = NOW + dt.timedelta(seconds=5)
    assert jobs.ask(service, jobs.Ask.TRY, by=None, now=NOW)
    assert not jobs.ask(service, jobs.Ask.FETCH, by=None, now=later)
    assert jobs.work(service.pk, None, now=later)
    assert not jobs.work(service.pk, None, now=later)
    assert not Student.objects.exists()


def test_a_worker_that_died_is_not_waited_for_for_ever(service: RosterService) -> None:
    jobs.ask(service, jobs.Ask.FETCH, by=None, now=NOW)
    RosterService.objects.update(last_tried_at=NOW + dt.timedelta(seconds=1))
    service.refresh_from_db()
    assert jobs.is_busy(service, NOW + dt.timedelta(minutes=5))
    assert jobs.ask(service, jobs.Ask.FETCH, by=None, now=TOMORROW)
    assert jobs.work(service.pk, None, now=TOMORROW + dt.timedelta(seconds=1))


def test_a_failed_night_frees_the_way_for_the_next(
    service: RosterService, running: OneRoster
) -> None:
    running.roster.token_faults.append("404")
    jobs.ask(service, jobs.Ask.FETCH, by=None, now=NOW)
    jobs.work(service.pk, None, now=NOW + dt.timedelta(seconds=1))
    service.refresh_from_db()
    assert (service.asked, "error 404" in service.last_error) == ("", True)


# The command


def test_the_command_fetches_and_tells_in_json(service: RosterService) -> None:
    out = StringIO()
    call_command("fetch_rosters", "--json", stdout=out)
    (told,) = json.loads(out.getvalue())["districts"]
    assert (told["district"], told["created"]) == (service.district.nces_id, 12)


def test_a_dry_run_of_the_command_writes_nothing(service: RosterService) -> None:
    out = StringIO()
    call_command("fetch_rosters", "--dry-run", "--district", "9900010", stdout=out)
    assert "would change; students: 12 new" in out.getvalue()
    assert not Student.objects.exists()


def test_the_command_fails_where_a_district_failed(
    service: RosterService, running: OneRoster
) -> None:
    running.roster.token_faults.append("404")
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("fetch_rosters", stdout=out)
    assert "nothing was changed" in out.getvalue()
    with pytest.raises(CommandError, match="No district 123"):
        call_command("fetch_rosters", "--district", "123")

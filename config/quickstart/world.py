"""The made-up world, put together in one go: all of it, or nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from completion.intake import bring_in
from config.quickstart import families, figures, moments, people, places, questions, seniors, story
from config.quickstart.moments import ZONE, Moments
from config.quickstart.places import JUNIPER
from contacts import statuses
from contacts.models import AidStatusEntry, Student

FOLDER = settings.VAR / "demo"


def is_made() -> bool:
    """True once the made-up families are there."""
    return Student.objects.filter(district__nces_id=JUNIPER.nces_id).exists()


@transaction.atomic
def make(now: dt.datetime) -> None:
    """The made-up places, people, families, campaigns and counts as seen from `now`."""
    when = moments.at(now)
    places.make(when.cycle)
    staff = people.make()
    _figures(when, FOLDER / "completion.csv")
    _families(FOLDER / "juniper-valley.csv")
    courses = _courses(when)
    _statuses(courses, when.opened, when.evening)
    story.wordings(when, staff)
    _statuses(courses, when.evening.date(), when.reminder)
    story.offered(when, staff)
    counselors_own = story.reminders(when, staff)
    _statuses(courses, when.reminder.date(), when.now)
    story.about_to_go_out(when, staff)
    questions.ask(when, counselors_own, FOLDER)


def _figures(when: Moments, path: Path) -> None:
    figures.write(path, when.cycle, when.today, when.reminder.date())
    bring_in("made-up weekly counts", path.read_bytes())


def _families(path: Path) -> None:
    """Through the same importer, and the same file, that a district would use."""
    families.write(JUNIPER, path)
    with Path("/dev/null").open("w") as quiet:
        call_command("import_contacts", str(path), district=JUNIPER.nces_id, stdout=quiet)


def _courses(when: Moments) -> dict[Student, seniors.Course]:
    """Each student's own course, in the order of the file."""
    found: dict[Student, seniors.Course] = {}
    for school in JUNIPER.schools:
        students = Student.objects.filter(school__nces_id=school.nces_id).order_by("sis_id")
        courses = seniors.courses(school, when.opened, school.seniors, when.reminder.date())
        found |= dict(zip(students, courses, strict=True))
    return found


def _statuses(courses: dict[Student, seniors.Course], first: dt.date, last: dt.datetime) -> None:
    """A status file each Friday: what had changed for whom since the Friday before."""
    for friday in figures.fridays(first, last.astimezone(ZONE).date()):
        as_of = dt.datetime.combine(friday, dt.time(7, 0), ZONE)
        if as_of > last:
            break
        findings = []
        for student, course in courses.items():
            said = [status for day, status in course.moves() if day < friday]
            before = [
                status for day, status in course.moves() if day < friday - dt.timedelta(days=7)
            ]
            if said and said != before:
                findings.append(statuses.Finding(student, said[-1], as_of))
        statuses.record_many(findings, source=AidStatusEntry.Source.FILE)

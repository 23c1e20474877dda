"""What waits for a person in the demonstration: a likely double, a row without an id, a word that
nobody knows, a family that says otherwise than the file, and a message of unknown fate.

All but the last come by the product's own doors.
"""

from __future__ import annotations

import csv
import datetime as dt
import uuid
from collections import defaultdict
from pathlib import Path

from django.core.management import call_command

from campaigns.inbox import replies
from campaigns.models import Campaign, Message, MessageState
from config.quickstart.moments import Moments
from config.quickstart.places import JUNIPER
from contacts import doubles
from contacts.models import AidStatus, Channel, Student
from schools.models import District, School

BORN = dt.date(2009, 2, 17)
WORD = "Prof. judgment"  # what a status file may say, and no reader knows


def ask(when: Moments, campaign: Campaign, folder: Path) -> None:
    """One question of each kind, about families of the counselor's school."""
    school = campaign.schools.get()
    students = list(Student.objects.filter(school=school).order_by("sis_id"))
    twice = _namesakes(students)
    Student.objects.filter(pk__in=[student.pk for student in twice]).update(birth_date=BORN)
    doubles.find(District.objects.get(nces_id=JUNIPER.nces_id), now=when.now)
    _status_file(folder / "statuses.csv", school, twice[0], students[-1])
    _contradict(when, campaign)
    _lose_track(campaign)


def _namesakes(students: list[Student]) -> list[Student]:
    """The first two of one name."""
    named: dict[str, list[Student]] = defaultdict(list)
    for student in students:
        named[str(student)].append(student)
    return next(alike for alike in named.values() if len(alike) > 1)[:2]


def _status_file(path: Path, school: School, nameless: Student, other: Student) -> None:
    """A row with a name and a date of birth only, and one with a word of its own."""
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file).writerow
        write(["Student_Number", "First_Name", "Last_Name", "DOB", "FAFSA Status"])
        write(["", nameless.first_name, nameless.last_name, BORN.isoformat(), "Submitted"])
        write([other.sis_id, other.first_name, other.last_name, "", WORD])
    with Path("/dev/null").open("w") as quiet:
        call_command("import_statuses", str(path), school=school.nces_id, stdout=quiet)


def _contradict(when: Moments, campaign: Campaign) -> None:
    """A family writes that it is done, while the file says that the form is only begun."""
    heard = campaign.messages.filter(
        channel=Channel.SMS,
        state=MessageState.DELIVERED,
        language="en",
        replies=None,
        contact_point__contact__students__aid_status=AidStatus.IN_PROGRESS,
    ).order_by("pk")
    message = heard.first()
    if message is None:
        return  # as seen from a day on which nobody is under way
    replies.receive(
        message.contact_point,
        "Done",
        to_message=message,
        provider_id=f"demo-{uuid.UUID(int=message.pk)}",
        now=when.now - dt.timedelta(hours=2),
    )


def _lose_track(campaign: Campaign) -> None:
    """As if the connection had broken before the provider answered."""
    lost = campaign.messages.filter(state=MessageState.FAILED, channel=Channel.EMAIL).order_by("pk")
    Message.objects.filter(pk__in=lost.values("pk")[:1]).update(
        state=MessageState.UNCERTAIN, reason=""
    )

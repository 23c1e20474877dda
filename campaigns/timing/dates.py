"""A cycle's next date for a family, and the file that puts it into a calendar (RFC 5545)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

from campaigns.words.forms_named import paths_fitting
from contacts.models import Student
from schools.models import Deadline, School

LINE = 75  # octets, RFC 5545 3.1


def next_date(students: Sequence[Student], today: dt.date) -> Deadline | None:
    """The next date of their cycle and state whose name fits the form of each of them."""
    if not students:
        return None
    here = Q(state=None) | Q(state=students[0].school.state_id)
    coming = Deadline.objects.filter(here, cycle=students[0].cycle_id, on__gte=today)
    paths = {student.path for student in students}
    return next((each for each in coming.order_by("on") if paths <= paths_fitting(each.name)), None)


def calendar(deadline: Deadline, *, school: School, now: dt.datetime) -> str:
    """An iCalendar file of one whole day, with a reminder a day before; it names no person."""
    address = school.district.links_url if school.district else settings.PUBLIC_URL
    host = urlsplit(address).hostname or "aidbeacon"
    day, after = deadline.on, deadline.on + dt.timedelta(days=1)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Aidbeacon//Families//EN",
        "BEGIN:VEVENT",
        f"UID:date-{deadline.pk}@{host}",
        f"DTSTAMP:{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{after:%Y%m%d}",
        f"SUMMARY:{_escaped(deadline.name)}",
        f"DESCRIPTION:{_escaped(school.name)}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(deadline.name)}",
        "TRIGGER:-P1D",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _escaped(text: str) -> str:
    """A TEXT value (RFC 5545 3.3.11)."""
    for mark in "\\;,":
        text = text.replace(mark, f"\\{mark}")
    return "\\n".join(text.splitlines())


def _folded(line: str) -> str:
    """Lines of at most 75 octets, cut between characters; the next ones begin with a space."""
    parts, part, room = [], "", LINE
    for char in line:
        size = len(char.encode())
        if size > room:
            parts.append(part)
            part, room = "", LINE - 1
        part += char
        room -= size
    return "\r\n ".join([*parts, part])

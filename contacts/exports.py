"""Lists of families for a spreadsheet: one row for each adult of each student.

A list never holds the application path. Adults who may not be contacted about a student are not
named for that student: whoever reads the list could not know. Each cell is text and no formula.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any
from uuid import UUID

import xlsxwriter
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from contacts import consent, directory, languages, phones
from contacts.imports.report import defused, is_formula
from contacts.models import Channel, Contact, ContactPoint, Guardianship, Student

CHUNK = 500
BOM = "\ufeff"  # tells Excel that the file is UTF-8
FACTS = 7  # columns about the student, without the aid status
WIDTH = 22  # of a spreadsheet's columns, in characters


def header(*, status: bool = False) -> list[str]:
    """What the columns are called, in the reader's language."""
    about_student = [
        *(_("Student id"), _("State student id"), _("Student’s first name")),
        *(_("Student’s last name"), _("School"), _("Grade"), _("Tags")),
    ]
    about_adult = [
        *(_("Relationship"), _("First name"), _("Last name"), _("Language")),
        *(_("Phone"), _("Other phones"), _("May be texted")),
        *(_("E-mail"), _("Other e-mails"), _("May be e-mailed")),
    ]
    return [*about_student, *([_("Aid status")] if status else []), *about_adult]


def rows(students: QuerySet[Student], *, status: bool = False) -> Iterator[list[str]]:
    """The cells below the header, by the students' names; a constant number of queries a chunk.

    A student's own phone and e-mail are a row like an adult's.
    """
    keys = list(directory.in_order(students))
    for start in range(0, len(keys), CHUNK):
        yield from _chunk(keys[start : start + CHUNK], status)


def csv_lines(table: Iterable[list[str]]) -> Iterator[str]:
    """The table as the lines of a CSV file that Excel and LibreOffice open as it is."""
    writer = csv.writer(_Echo())
    yield BOM
    for cells in table:
        yield writer.writerow([defused(cell) for cell in cells])


def write_xlsx(table: Iterable[list[str]], file: IO[bytes]) -> None:
    """Writes the table as a spreadsheet; row by row, so memory stays flat."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(_("Families"))
        bold = book.add_format({"bold": True})
        # The spreadsheet's own mark for "this is text", which outlives a later save as CSV.
        as_text = book.add_format({"quote_prefix": True})
        sheet.freeze_panes(1, 0)
        for number, cells in enumerate(table):
            if not number:
                sheet.set_column(0, len(cells) - 1, WIDTH)
            for column, cell in enumerate(cells):
                style = as_text if is_formula(cell) else None if number else bold
                sheet.write_string(number, column, cell, style)


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _chunk(keys: list[UUID], status: bool) -> Iterator[list[str]]:
    kept = ContactPoint.objects.filter(removed_on=None).order_by("pk")
    people = Contact.objects.prefetch_related(Prefetch("points", kept))
    ties = Guardianship.objects.filter(may_contact=True, left_on=None, contact__left_on=None)
    # Joined, not prefetched: Django 5.2 asks for a thousand adults with as many ORs, and SQLite
    # refuses those.
    ties = ties.order_by("pk").select_related("contact")
    ties = ties.prefetch_related(Prefetch("contact__points", kept))
    students: list[Any] = list(
        Student.objects.filter(pk__in=keys)
        .select_related("school")
        .prefetch_related(
            Prefetch("guardianships", ties, to_attr="told"),
            Prefetch("own_contact", people),
            "tags",
        )
        .order_by("last_name", "first_name", "pk")
    )
    found = [_adults(student) for student in students]
    contacts = {person.pk for adults in found for _relationship, person in adults}
    usable = set(
        consent.allowed(ContactPoint.objects.filter(contact__in=contacts)).values_list(
            "pk", flat=True
        )
    )
    for student, adults in zip(students, found, strict=True):
        facts = [
            *(student.sis_id, student.state_student_id, student.first_name, student.last_name),
            *(str(student.school), student.grade),
            "; ".join(tag.name for tag in student.tags.all()),
            *([str(student.get_aid_status_display())] if status else []),
        ]
        if not adults:
            yield [*facts, *[""] * (len(header()) - FACTS)]
        for relationship, person in adults:
            yield [*facts, *_cells(relationship, person, usable)]


def _adults(student: Any) -> list[tuple[str, Contact]]:
    adults = [(tie.relationship, tie.contact) for tie in student.told]
    own = getattr(student, "own_contact", None)
    return [*adults, (_("The student in person"), own)] if own and own.points.all() else adults


def _cells(relationship: str, person: Contact, usable: set[UUID]) -> list[str]:
    names = [person.first_name, person.last_name]
    said = [relationship, *names, languages.get(person.language).name]
    return [
        *said,
        *_addresses(person, Channel.SMS, phones.shown, usable),
        *_addresses(person, Channel.EMAIL, str, usable),
    ]


def _addresses(
    person: Contact, channel: str, shown: Callable[[str], str], usable: set[UUID]
) -> list[str]:
    """The address to use first, the others, and whether one of them may be written to."""
    points = [point for point in person.points.all() if point.channel == channel]
    points.sort(key=lambda point: point.pk not in usable)
    texts = [shown(point.address) for point in points]
    may = "" if not points else _("yes") if points[0].pk in usable else _("no")
    return [texts[0] if texts else "", "; ".join(texts[1:]), may]

"""What the two kinds of files that people bring differ in: families, and aid statuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any, Protocol

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.imports import fields, readers, run, status_columns, status_file, undo
from contacts.imports import mapping as mappings
from contacts.imports.problems import Problem
from contacts.models import ContactImport

Mapped = Mapping[str, str]
Groups = list[tuple[str, list[tuple[str, str]]]]


class Report(Protocol):
    """What reading or recording a file found."""

    problems: list[Problem]
    missed: Any

    def counts(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Need:
    """Something that the columns must tell, and whether they do."""

    label: str | Promise
    met: bool
    must: bool = True


@dataclass(frozen=True)
class Kind:
    """How a file of one kind is understood, brought in and taken back."""

    groups: Callable[[], Groups]
    guess: Callable[[list[str], list[list[str]]], dict[str, str]]
    check: Callable[[Mapped, readers.Table, ContactImport], dict[str, str]]
    needs: Callable[[Mapped, ContactImport], list[Need]]
    run: Callable[..., Report]
    objections: Callable[[ContactImport], list[str]]
    undo: Callable[..., None]
    imported: str  # the audit's names
    undone: str


def of(upload: ContactImport) -> Kind:
    """The kind of an upload; a roster is a file of families."""
    return STATUSES if upload.kind == ContactImport.Kind.STATUSES else FAMILIES


# Families ----------------------------------------------------------------------------------


def _family_groups() -> Groups:
    labels = fields.labels()
    groups = [(_("Student"), [(name, labels[name]) for name in fields.STUDENT_FIELDS])]
    for number in range(1, fields.GUARDIANS + 1):
        names = [fields.guardian_field(number, part) for part in fields.GUARDIAN_PARTS]
        title = _("Guardian %(number)s") % {"number": number}
        groups.append((title, [(name, labels[name]) for name in names]))
    return groups


def _check_families(mapping: Mapped, table: readers.Table, upload: ContactImport) -> dict[str, str]:
    checked = mappings.check(mapping, table.headers, whole=table.whole)
    run.only_school(upload.district, upload.school, checked, whole=table.whole)
    return checked


def _family_needs(mapping: Mapped, upload: ContactImport) -> list[Need]:
    names = {"student_name", "student_first_name", "student_last_name"}
    needs = [
        Need(gettext_lazy("The student id"), "student_id" in mapping),
        Need(gettext_lazy("The student’s name"), bool(names & mapping.keys())),
    ]
    if upload.school is None and upload.district.schools.count() > 1:
        needs.append(Need(gettext_lazy("The student’s school"), "school" in mapping))
    reached = any(
        name.startswith("guardian") and name.endswith(("phone", "email")) for name in mapping
    )
    needs.append(Need(gettext_lazy("A guardian’s phone or e-mail"), reached, must=False))
    return needs


def _run_families(upload: ContactImport, file: IO[bytes], /, **options: Any) -> run.Report:
    return run.run(
        upload.file_name,
        file,
        district=upload.district,
        school=upload.school,
        mapping=upload.mapping,
        overwrite=upload.overwrite,
        **options,
    )


FAMILIES = Kind(
    groups=_family_groups,
    guess=mappings.guess,
    check=_check_families,
    needs=_family_needs,
    run=_run_families,
    objections=undo.foreseen,
    undo=undo.undo,
    imported="contacts.imported",
    undone="contacts.import_undone",
)


# Statuses ----------------------------------------------------------------------------------


def _status_groups() -> Groups:
    return [(_("Student"), [(name, str(label)) for name, label in status_columns.FIELDS.items()])]


def _status_needs(mapping: Mapped, _upload: ContactImport) -> list[Need]:
    return [
        Need(
            gettext_lazy("The state student id or the student id; else a name and a birth date"),
            status_columns.says_who(mapping),
        ),
        Need(
            gettext_lazy("The aid status, or the day the form was received or complete"),
            status_columns.says_what(mapping),
        ),
    ]


def _run_statuses(upload: ContactImport, file: IO[bytes], /, **options: Any) -> Report:
    noon = dt.time(12, tzinfo=timezone.get_current_timezone())
    day = upload.as_of
    return status_file.run(
        upload.file_name,
        file,
        district=upload.district,
        school=upload.school,
        mapping=upload.mapping,
        as_of=min(dt.datetime.combine(day, noon), options["now"]) if day else None,
        **{"upload": upload, **options},
    )


def _undo_statuses(upload: ContactImport, *, progress: Callable[[float], None]) -> None:
    status_file.undo(upload)
    progress(1)


STATUSES = Kind(
    groups=_status_groups,
    guess=lambda headers, _samples: status_columns.guess(headers),
    check=lambda mapping, table, _upload: status_columns.check(mapping, table.headers),
    needs=_status_needs,
    run=_run_statuses,
    objections=lambda _upload: [],
    undo=_undo_statuses,
    imported="statuses.imported",
    undone="statuses.undone",
)

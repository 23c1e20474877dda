"""Which column holds what: guessed from the headers, confirmed by a person, remembered.

A mapping goes from our field to the file's header. The guesses know the exports of
PowerSchool, Skyward, Infinite Campus and Synergy, wide (several guardians in one row) and long
(one row a guardian), and the plain names of our own template.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from django.utils.translation import gettext as _

from contacts.imports import fields, values
from contacts.imports import headers as names
from contacts.imports.problems import BadFile
from contacts.models import ContactImport, ImportMapping
from schools.models import District

FAMILIES: str = ContactImport.Kind.FAMILIES.value


def guess(headers: list[str], samples: list[list[str]] | None = None) -> dict[str, str]:
    """Our field → header for every column that can be understood.

    `samples` are the values of each column in the first rows; they speak for columns whose
    header says nothing, and never over a header.
    """
    found = names.guess(headers)
    if samples is not None:
        found |= values.guess(headers, samples, found)
    return found


def signature(headers: list[str], kind: str = FAMILIES) -> str:
    """Equal for files of a kind with the same columns, in whatever order and case."""
    lines = sorted(h.lower() for h in headers)
    if kind != FAMILIES:
        lines.insert(0, f"{kind}:")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def known(district: District, headers: list[str], kind: str = FAMILIES) -> ImportMapping | None:
    """What the district confirmed for such a file before."""
    found = ImportMapping.objects.filter(district=district)
    return found.filter(headers_sha256=signature(headers, kind)).first()


def remembered(
    district: District, headers: list[str], kind: str = FAMILIES
) -> dict[str, str] | None:
    """The mapping that the district confirmed for such a file before."""
    kept = known(district, headers, kind)
    return dict(kept.mapping) if kept else None


def remember(
    district: District, headers: list[str], mapping: Mapping[str, str], kind: str = FAMILIES
) -> None:
    """Keeps a confirmed mapping for the next file with these columns."""
    ImportMapping.objects.update_or_create(
        district=district,
        headers_sha256=signature(headers, kind),
        defaults={"mapping": dict(mapping)},
    )


def check(mapping: Mapping[str, str], headers: list[str], *, whole: bool = True) -> dict[str, str]:
    """The mapping with its headers spelt as in the file.

    Raises BadFile if a field or header is unknown, or if students cannot be told apart. A
    delta (not `whole`) may speak of students that are known without naming them.
    """
    by_lower = {header.lower(): header for header in headers}
    checked = {}
    for name, header in mapping.items():
        field = fields.known(name)
        if field is None:
            raise BadFile(_("“%(name)s” is not a field that can be mapped.") % {"name": name})
        if not header:
            continue
        if str(header).lower() not in by_lower:
            raise BadFile(_("The file has no column “%(header)s”.") % {"header": header})
        checked[field] = by_lower[str(header).lower()]
    if "student_id" not in checked:
        raise BadFile(
            _("No column holds the student id. It is what tells two students apart next time.")
        )
    names = {"student_name", "student_first_name", "student_last_name"}
    if whole and not names & checked.keys():
        raise BadFile(_("No column holds the students' names."))
    return checked

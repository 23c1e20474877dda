"""What an import changes for families that are known already, in words and counted."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

LABELS = {
    "StudentRow.school_id": _("School"),
    "StudentRow.grade": _("Grade"),
    "StudentRow.first_name": _("Student's first name"),
    "StudentRow.last_name": _("Student's last name"),
    "StudentRow.birth_date": _("Date of birth"),
    "StudentRow.state_student_id": _("State student id"),
    "StudentRow.sis_id": _("Student id"),
    "StudentRow.path": _("Application path"),
    "StudentRow.left_on": _("Student left or came back"),
    "ContactRow.first_name": _("Guardian's first name"),
    "ContactRow.last_name": _("Guardian's last name"),
    "ContactRow.language": _("Language"),
    "ContactRow.sis_id": _("Contact id"),
    "ContactRow.left_on": _("Guardian left or came back"),
    "TieRow.added": _("Guardian added"),
    "TieRow.left_on": _("Guardian no longer named, or named again"),
    "TieRow.may_contact": _("May be contacted"),
    "TieRow.relationship": _("Relationship"),
    "PointRow.added": _("Phone or e-mail added"),
    "PointRow.removed_on": _("Phone or e-mail taken away, or back"),
    "PointRow.line": _("Kind of phone"),
}


def described(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Label and count of each kind of change that a person would want to know, most first."""
    known = [(str(LABELS[name]), count) for name, count in counts.items() if name in LABELS]
    return sorted(known, key=lambda pair: (-pair[1], pair[0]))

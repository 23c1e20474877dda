"""What a column can mean: the fields of a student and of up to four guardians a row."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

GUARDIANS = 4

STUDENT_FIELDS = {
    "student_id": _("Student id"),
    "state_student_id": _("State student id"),
    "student_first_name": _("Student's first name"),
    "student_last_name": _("Student's last name"),
    "student_name": _("Student's whole name"),
    "birth_date": _("Date of birth"),
    "grade": _("Grade"),
    "school": _("School"),
    "path": _("Application path (FAFSA or WASFA)"),
    "status": _("Aid status"),
    "status_as_of": _("Date of the aid status"),
    "enrolled": _("Enrolled (yes or no)"),
    "language": _("Home language"),
    "student_phone": _("Student's own phone"),
    "student_email": _("Student's own e-mail"),
}

GUARDIAN_PARTS = {
    "id": _("contact id"),
    "first_name": _("first name"),
    "last_name": _("last name"),
    "name": _("whole name"),
    "relationship": _("relationship"),
    "cell_phone": _("cell phone"),
    "phone": _("phone"),
    "phone_type": _("kind of phone"),
    "home_phone": _("home phone"),
    "work_phone": _("work phone"),
    "email": _("e-mail"),
    "language": _("language"),
    "is_guardian": _("is a guardian (yes or no)"),
    "is_active": _("still counts (yes or no)"),
    "gone": _("no longer a guardian (yes or no)"),
    "may_contact": _("may be contacted (yes or no)"),
    "do_not_contact": _("must not be contacted (yes or no)"),
    "sms_opt_out": _("no text messages (yes or no)"),
    "email_opt_out": _("no e-mail (yes or no)"),
}


def guardian_field(number: int, part: str) -> str:
    """`guardian_phone` for the first guardian of a row, `guardian2_phone` for the second."""
    return f"guardian{number if number > 1 else ''}_{part}"


def labels() -> dict[str, str]:
    """Every field with its label, in the order in which people think of them."""
    every = {name: str(label) for name, label in STUDENT_FIELDS.items()}
    for number in range(1, GUARDIANS + 1):
        for part, label in GUARDIAN_PARTS.items():
            every[guardian_field(number, part)] = str(
                _("Guardian %(number)s: %(part)s") % {"number": number, "part": label}
            )
    return every


def known(name: str) -> str | None:
    """The field called `name`, with `guardian1_phone` read as `guardian_phone`; else None."""
    name = re.sub(r"^guardian1_", "guardian_", name.strip().lower())
    if name in STUDENT_FIELDS:
        return name
    match = re.fullmatch(r"guardian([2-9]?)_(\w+)", name)
    if match and match[2] in GUARDIAN_PARTS and int(match[1] or 1) <= GUARDIANS:
        return name
    return None

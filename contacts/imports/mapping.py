"""Which column holds what: guessed from the headers, confirmed by a person, remembered.

A mapping goes from our field to the file's header. The guesses know the exports of
PowerSchool, Skyward, Infinite Campus and Synergy, wide (several guardians in one row) and long
(one row a guardian), and the plain names of our own template.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from contacts.imports import fields
from contacts.imports.problems import BadFile
from contacts.models import ImportMapping
from schools.models import District

# A bare column may belong to the student or the guardian; the rest of the header row decides.
_BARE = {
    "first name": "first_name",
    "fname": "first_name",
    "given name": "first_name",
    "last name": "last_name",
    "lname": "last_name",
    "family name": "last_name",
    "surname": "last_name",
    "name": "name",
    "full name": "name",
    "last first": "name",
    "email": "email",
    "email address": "email",
    "e mail": "email",
    "phone": "phone",
    "phone number": "phone",
    "primary phone": "phone",
    "cell": "cell_phone",
    "cell phone": "cell_phone",
    "cell phone number": "cell_phone",
    "mobile": "cell_phone",
    "mobile phone": "cell_phone",
}

_STUDENT = {
    "id": "student_id",
    "student number": "student_id",
    "number": "student_id",
    "sis id": "student_id",
    "sis number": "student_id",
    "local id": "student_id",
    "perm id": "student_id",
    "name id": "student_id",
    "other id": "student_id",
    "state student number": "state_student_id",
    "state student id": "state_student_id",
    "state id": "state_student_id",
    "ssid": "state_student_id",
    "first name": "student_first_name",
    "fname": "student_first_name",
    "last name": "student_last_name",
    "lname": "student_last_name",
    "name": "student_name",
    "full name": "student_name",
    "last first": "student_name",
    "dob": "birth_date",
    "birth date": "birth_date",
    "birthdate": "birth_date",
    "date of birth": "birth_date",
    "birthday": "birth_date",
    "grade": "grade",
    "grade level": "grade",
    "school": "school",
    "school id": "school",
    "school name": "school",
    "school code": "school",
    "building": "school",
    "entity": "school",
    "path": "path",
    "application path": "path",
    "form": "path",
    "status": "status",
    "aid status": "status",
    "fafsa status": "status",
    "application status": "status",
    "status date": "status_as_of",
    "as of": "status_as_of",
    "enroll status": "enrolled",
    "enrollment status": "enrolled",
    "enrolled": "enrolled",
    "active": "enrolled",
    "language": "language",
    "home language": "language",
    "primary language": "language",
    "pl language": "language",
    "native language": "language",
    "correspondence language": "language",
    "family language": "language",
    "language at home": "language",
    "language spoken at home": "language",
    "phone": "student_phone",
    "cell phone": "student_phone",
    "cell": "student_phone",
    "mobile": "student_phone",
    "mobile phone": "student_phone",
    "phone number": "student_phone",
    "email": "student_email",
    "email address": "student_email",
}

_GUARDIAN = {
    "": "name",
    "id": "id",
    "sis id": "id",
    "contact id": "id",
    "person id": "id",
    "guid": "id",
    "first name": "first_name",
    "first": "first_name",
    "fname": "first_name",
    "fn": "first_name",
    "last name": "last_name",
    "last": "last_name",
    "lname": "last_name",
    "ln": "last_name",
    "name": "name",
    "full name": "name",
    "relationship": "relationship",
    "relation": "relationship",
    "rel": "relationship",
    "relationship type": "relationship",
    "type": "relationship",
    "cell phone": "cell_phone",
    "cell": "cell_phone",
    "cphone": "cell_phone",
    "cell phone number": "cell_phone",
    "mobile": "cell_phone",
    "mobile phone": "cell_phone",
    "sms": "cell_phone",
    "whats app": "cell_phone",
    "whatsapp": "cell_phone",
    "phone": "phone",
    "phone number": "phone",
    "primary phone": "phone",
    "phone 1": "phone",
    "phone type": "phone_type",
    "home phone": "home_phone",
    "hphone": "home_phone",
    "work phone": "work_phone",
    "wphone": "work_phone",
    "day phone": "work_phone",
    "dayphone": "work_phone",
    "email": "email",
    "email address": "email",
    "email 1": "email",
    "language": "language",
    "communication language": "language",
    "preferred language": "language",
    "correspondence language": "language",
    "home language": "language",
    "may contact": "may_contact",
    "contact allowed": "may_contact",
    "has custody": "may_contact",
    "custody": "may_contact",
    "custodial": "may_contact",
    "iscustodial": "may_contact",
    "ed rights": "may_contact",
    "educational rights": "may_contact",
    "do not contact": "do_not_contact",
    "no contact": "do_not_contact",
    "restricted": "do_not_contact",
    "sms opt out": "sms_opt_out",
    "text opt out": "sms_opt_out",
    "no texts": "sms_opt_out",
    "no text": "sms_opt_out",
    "do not text": "sms_opt_out",
    "email opt out": "email_opt_out",
    "no email": "email_opt_out",
    "do not email": "email_opt_out",
}

# Headers that mean a guardian without saying so.
_GUARDIAN_BARE = {
    "relationship": "relationship",
    "home phone": "home_phone",
    "work phone": "work_phone",
    "phone type": "phone_type",
    "contact id": "id",
    "person id": "id",
    "source parent id": "id",
    "contact type": "relationship",
    "guardian": "is_guardian",  # a check box in Infinite Campus; see _untangle
    "ed rights": "may_contact",
    "has custody": "may_contact",
    "iscustodial": "may_contact",
    "may contact": "may_contact",
    "do not contact": "do_not_contact",
    "sms opt out": "sms_opt_out",
    "text opt out": "sms_opt_out",
    "email opt out": "email_opt_out",
    "do not text": "sms_opt_out",
    "do not email": "email_opt_out",
}

_GUARDIAN_WORD = re.compile(
    r"^(?:legal )?(?:e?ecnt ?(?P<e>\d)|(?:guardian|parent guardian|parent|contact|family contact)"
    r"(?: ?(?P<n>\d)(?=$| ))?|(?P<mother>mother)|(?P<father>father))(?P<rest>(?:$| .*))"
)


def guess(headers: list[str], samples: list[list[str]] | None = None) -> dict[str, str]:
    """Our field → header for every column that can be understood; first column wins."""
    found: dict[str, str] = {}
    bare: list[tuple[str, str]] = []
    for header in headers:
        key = _key(header)
        exact = fields.known(header.strip().lower().replace(" ", "_"))
        if exact:
            found.setdefault(exact, header)
            continue
        named = _named(key)
        if named:
            found.setdefault(named, header)
        elif key in _BARE:
            bare.append((key, header))
        elif key in _GUARDIAN_BARE:
            found.setdefault(fields.guardian_field(1, _GUARDIAN_BARE[key]), header)
        elif key in _STUDENT:
            found.setdefault(_STUDENT[key], header)
    student_named = {"student_first_name", "student_last_name", "student_name"} & found.keys()
    guardian_known = any(name.startswith("guardian_") for name in found)
    for key, header in bare:
        part = _BARE[key]
        if part in {"first_name", "last_name", "name"}:
            student = not student_named
        else:
            student = not (guardian_known or student_named)
        field = _STUDENT[key] if student and key in _STUDENT else None
        if student and field is None:
            field = {"first_name": "student_first_name", "last_name": "student_last_name"}.get(
                part, "student_name" if part == "name" else f"student_{part.split('_')[-1]}"
            )
        found.setdefault(field or fields.guardian_field(1, part), header)
    _untangle(found)
    return {field: header for field, header in found.items() if fields.known(field)}


def _named(key: str) -> str | None:
    """The field of a header that says whose it is."""
    if key.startswith(("student ", "pupil ", "learner ")):
        rest = key.partition(" ")[2]
        return _STUDENT.get(rest)
    match = _GUARDIAN_WORD.match(key)
    if not match or key in _GUARDIAN_BARE:
        return None
    number = int(match["e"] or match["n"] or (2 if match["father"] else 1)) or 1
    part = _GUARDIAN.get(match["rest"].strip())
    if part is None:
        part = next(
            (
                part
                for words, part in _GUARDIAN.items()
                if words and match["rest"].strip().startswith(words + " ")
            ),
            None,
        )
    if part is None or number > fields.GUARDIANS:
        return None
    return fields.guardian_field(number, part)


def _untangle(found: dict[str, str]) -> None:
    """A lone `Guardian` column is a name, unless names are there: then it is a check box."""
    if "guardian_is_guardian" in found and not (
        {"guardian_name", "guardian_first_name", "guardian_last_name"} & found.keys()
    ):
        found["guardian_name"] = found.pop("guardian_is_guardian")


def _key(header: str) -> str:
    """A header without case, camel case, punctuation and an ad hoc report's prefixes."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    text = re.sub(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", text)
    text = re.sub(r"^(individual|contacts?|census|person)\.", "", text, flags=re.IGNORECASE)
    text = re.sub(r"[^a-z0-9]+", " ", text.lower().replace("'s", "")).strip()
    return re.sub(r"^students ", "student ", text)


def signature(headers: list[str]) -> str:
    """Equal for files with the same columns, in whatever order and case."""
    return hashlib.sha256("\n".join(sorted(h.lower() for h in headers)).encode()).hexdigest()


def remembered(district: District, headers: list[str]) -> dict[str, str] | None:
    """The mapping that the district confirmed for such a file before."""
    kept = ImportMapping.objects.filter(
        district=district, headers_sha256=signature(headers)
    ).first()
    return dict(kept.mapping) if kept else None


def remember(district: District, headers: list[str], mapping: Mapping[str, str]) -> None:
    """Keeps a confirmed mapping for the next file with these columns."""
    ImportMapping.objects.update_or_create(
        district=district,
        headers_sha256=signature(headers),
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

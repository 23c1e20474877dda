"""Which columns of a status file say what: the state agency's export, ours, or mapped by a person.

The agency's layout has one column for the application's status (or the day it was complete) and
others that take it back: selected for verification, a signature that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.imports import headers as known_headers
from contacts.imports import words
from contacts.imports.dates import read_date
from contacts.imports.problems import BadFile
from contacts.imports.readers import Table
from contacts.models import AidStatus, ApplicationPath
from contacts.vocabulary import Kind, Vocabulary

FIELDS: dict[str, str | Promise] = {
    "state_student_id": gettext_lazy("State student id"),
    "student_id": gettext_lazy("Student id"),
    "student_first_name": gettext_lazy("Student's first name"),
    "student_last_name": gettext_lazy("Student's last name"),
    "student_name": gettext_lazy("Student's whole name"),
    "birth_date": gettext_lazy("Date of birth"),
    "school": gettext_lazy("School"),
    "status": gettext_lazy("Aid status"),
    "status_as_of": gettext_lazy("Date of the aid status"),
    "path": gettext_lazy("Application path (FAFSA or WASFA)"),
    "received_on": gettext_lazy("Day the application was received"),
    "completed_on": gettext_lazy("Day the application was complete"),
    "verification": gettext_lazy("Selected for verification (yes or no)"),
    "missing": gettext_lazy("Something is missing, such as a signature (yes or no)"),
}

# What the agency calls them, beside the words that every file may use (headers.py).
_WORDS = {
    "status": "applicationstatus fafsastatus wasfastatus fafsawasfastatus fafsacompletionstatus "
    "completionstatus fafsacompletion formstatus aidapplicationstatus fafsacomplete "
    "fafsacompleted fafsawasfacomplete wasfacomplete",
    "status_as_of": "statusdate statuschangedate asofdate lastupdated dataasof reportdate",
    "path": "applicationtype formtype aidapplicationtype fafsaorwasfa fafsawasfa",
    "received_on": "datereceived receiveddate applicationreceiveddate fafsareceiveddate "
    "submitteddate datesubmitted submissiondate",
    "completed_on": "datecomplete datecompleted completeddate completiondate fafsacompletiondate "
    "processeddate dateprocessed",
    "verification": "verification verificationflag verificationselected selectedforverification",
    "missing": "missingsignature missingsignatures signatureflag missingefc missingsai "
    "missinginformation rejectflag",
    "student_first_name": "firstname studentfirstname first",
    "student_last_name": "lastname studentlastname last",
    "birth_date": "dateofbirth dob birthdate studentdob studentdateofbirth",
    "state_student_id": "ssid statestudentid statestudentidentifier studentssid",
    "school": "highschool highschoolname schoolname school",
}
_BY_HEADER = {header: field for field, listed in _WORDS.items() for header in listed.split()}


@dataclass(frozen=True)
class Columns:
    """Where each field stands in a row."""

    places: Mapping[str, int]
    headers: Mapping[str, str]

    @classmethod
    def of(cls, table: Table, mapping: Mapping[str, str] | None) -> Columns:
        """The columns that are mapped, else guessed. Raises BadFile if they do not do."""
        chosen = check(mapping if mapping else guess(table.headers), table.headers)
        place = {header: i for i, header in enumerate(table.headers)}
        return cls({field: place[header] for field, header in chosen.items()}, chosen)

    def cells(self, row: list[str]) -> dict[str, str]:
        """The row's filled cells by field."""
        return {field: value for field, i in self.places.items() if (value := row[i].strip())}

    @property
    def tell_days(self) -> bool:
        """True where days alone say that a form was received or complete."""
        return bool({"received_on", "completed_on"} & self.places.keys())

    def header(self, field: str) -> str:
        """The file's own name of a column, "" if it has none such."""
        return self.headers.get(field, "")


def guess(headers: list[str]) -> dict[str, str]:
    """Field → header for every column that says what it is."""
    found = {}
    for header in headers:
        field = _BY_HEADER.get(re.sub(r"[^a-z0-9]+", "", header.lower()))
        if field and field not in found:
            found[field] = header
    taken = set(found.values())
    general = known_headers.guess(headers)
    return found | {
        field: header
        for field, header in general.items()
        if field in FIELDS and field not in found and header not in taken
    }


def check(mapping: Mapping[str, str], headers: list[str]) -> dict[str, str]:
    """The mapping with its headers spelt as in the file. Raises BadFile if it does not do."""
    by_lower = {header.lower(): header for header in headers}
    chosen = {}
    for field, header in mapping.items():
        if field not in FIELDS:
            raise BadFile(_("“%(name)s” is not a field that can be mapped.") % {"name": field})
        if not header:
            continue
        if str(header).lower() not in by_lower:
            raise BadFile(_("The file has no column “%(header)s”.") % {"header": header})
        chosen[field] = by_lower[str(header).lower()]
    if not says_what(chosen):
        raise BadFile(_("No column holds the aid status."))
    if not says_who(chosen):
        raise BadFile(
            _(
                "No column holds the student id or the state student id, and there is not both a "
                "name and a date of birth."
            )
        )
    return chosen


def says_what(mapping: Mapping[str, str]) -> bool:
    """True if a column tells where an application stands."""
    return bool({"status", "completed_on", "received_on"} & mapping.keys())


def says_who(mapping: Mapping[str, str]) -> bool:
    """True if the columns tell one student from another."""
    names = {"student_first_name", "student_last_name"}
    named = "student_name" in mapping or names <= mapping.keys()
    with_day = named and "birth_date" in mapping
    return with_day or bool({"student_id", "state_student_id"} & mapping.keys())


def status(
    cell: dict[str, str], *, by_days: bool = False, vocabulary: Vocabulary | None = None
) -> str | None:
    """What a row says; None for a word that is not known, or where nothing is said.

    The status column speaks first; where it is empty, the days (if the file has any: `by_days`),
    and a row without a day has not started. What is missing or selected for
    verification is action needed, unless the row itself says that the form is complete.
    """
    written = cell.get("status", "")
    said = _word(written)
    if said is None and vocabulary and (told := vocabulary.meaning(Kind.STATUS, written)):
        said = AidStatus(told)
    if said is None and (written or not by_days):
        return None
    if said is None:
        if read_date(cell.get("completed_on", "")):
            said = AidStatus.COMPLETED
        elif read_date(cell.get("received_on", "")):
            said = AidStatus.SUBMITTED
        else:
            said = AidStatus.NOT_STARTED
    flagged = any(_is_flag(cell.get(name, "")) for name in ("verification", "missing"))
    if flagged and said in (AidStatus.SUBMITTED, AidStatus.IN_PROGRESS):
        return AidStatus.ACTION_NEEDED.value
    return said.value


def _word(text: str) -> AidStatus | None:
    """Our status for a word, which may name the form it speaks of ("WASFA completed")."""
    plain = re.sub(r"\b(?:fafsa|wasfa)\b", " ", text, flags=re.IGNORECASE).strip(" -:/")
    return words.status(text) or (words.status(plain) if plain else None)


def form_named(cell: dict[str, str]) -> str:
    """The form that the status itself names; "" where it names none or both."""
    named = {
        word.lower() for word in re.findall(r"(?i)\b(?:fafsa|wasfa)\b", cell.get("status", ""))
    }
    return ApplicationPath(named.pop()).value if len(named) == 1 else ""


def name(cell: dict[str, str]) -> tuple[str, str]:
    """First and last name; a whole name is written `Last, First` or `First Last`."""
    first, last = cell.get("student_first_name", ""), cell.get("student_last_name", "")
    whole = cell.get("student_name", "")
    if whole and not (first and last):
        before, comma, after = whole.partition(",")
        if comma:
            return after.strip(), before.strip()
        first, _space, last = whole.rpartition(" ")
    return first, last


def number(text: str) -> str:
    """An id without the `.0` that spreadsheets add."""
    return text.strip().removesuffix(".0")


def _is_flag(text: str) -> bool:
    """True for a yes, or any word that is no no."""
    return bool(text) and words.yes_or_no(text) is not False

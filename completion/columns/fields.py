"""What a column may hold, and how its header or its values give that away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from completion.readers.values import Unreadable, date_of

COMPLETION: dict[str, str | Promise] = {
    "school_id": gettext_lazy("School id (NCES’s or the state’s)"),
    "school": gettext_lazy("School name"),
    "city": gettext_lazy("City"),
    "district": gettext_lazy("District name"),
    "date": gettext_lazy("Date of the figures"),
    "cycle": gettext_lazy("Cycle (award year)"),
    "school_year": gettext_lazy("School year, or class of"),
    "submitted": gettext_lazy("Submitted, a count"),
    "completed": gettext_lazy("Completed, a count"),
    "seniors": gettext_lazy("Seniors (grade 12)"),
}
ENROLMENTS: dict[str, str | Promise] = {
    "school_id": COMPLETION["school_id"],
    "school": COMPLETION["school"],
    "city": COMPLETION["city"],
    "district": COMPLETION["district"],
    "school_year": gettext_lazy("School year"),
    "seniors": COMPLETION["seniors"],
}
# Without case, spaces and punctuation.
_HEADERS = {
    "school_id": "ncesid ncesschoolid ncesschoolcode ncessch ncescode nces schoolid schoolcode "
    "schoolnumber schoolno schoolnum stateschoolid stateschoolcode stateid buildingcode "
    "buildingid buildingnumber campusid campuscode orgcode organizationid organizationcode "
    "entityid locationid locationcode sitecode siteid msid",
    "school": "schoolname school highschool highschoolname building buildingname campus "
    "campusname organizationname orgname site sitename location locationname",
    "city": "city town schoolcity mailingcity municipality",
    "district": "district districtname schooldistrict lea leaname agency agencyname",
    "date": "date asof asofdate reportdate reportingdate datadate dataasof snapshotdate snapshot "
    "through throughdate weekending weekof rundate extractdate lastupdated updated dateofdata",
    "cycle": "cycle awardyear aidyear fafsacycle fafsayear applicationcycle applicationyear",
    "school_year": "schoolyear academicyear classof class cohort cohortyear graduationyear "
    "gradyear seniorclass sy year",
    "seniors": "seniors senior seniorcount numberofseniors seniorclasssize grade12 gr12 g12 "
    "12thgrade 12thgraders grade12enrollment grade12enrolment 12thgradeenrollment "
    "seniorenrollment enrollment enrolment twelfthgrade classsize totalseniors",
}  # fmt: skip
_EXACT = {header: field for field, headers in _HEADERS.items() for header in headers.split()}
_SHARE = re.compile(r"%|percent|pct|rate|ratio|share|change|goal|target|rank|not\b|incomplete|last")


@dataclass(frozen=True)
class Need:
    """Something that the columns must tell, and whether they do."""

    label: str | Promise
    met: bool
    must: bool = True


def guess(
    headers: Iterable[str], values: Iterable[list[str]], fields: Mapping[str, str | Promise]
) -> dict[str, str]:
    """Field → header for every column that can be understood; the first column wins.

    Values speak only for columns whose header says nothing.
    """
    found: dict[str, str] = {}
    columns = list(zip(headers, values, strict=True))
    for header, _values in columns:
        field = _by_header(header)
        if field in fields:
            found.setdefault(field, header)
    for header, samples in columns:
        field = "" if header in found.values() else _by_values(samples)
        if field in fields:
            found.setdefault(field, header)
    return found


def _by_header(header: str) -> str:
    text = header.casefold()
    key = re.sub(r"[\W_]+", "", text)
    if key in _EXACT:
        return _EXACT[key]
    if _SHARE.search(text):
        return ""
    if "submit" in key or "submission" in key:
        return "submitted"
    return "completed" if "complet" in key else ""


def _by_values(samples: list[str]) -> str:
    if samples and all(re.fullmatch(r"\d{12}", each) for each in samples):
        return "school_id"
    return "date" if samples and all(_is_date(each) for each in samples) else ""


def _is_date(text: str) -> bool:
    try:
        return bool(date_of(text))
    except Unreadable:
        return False


def needs(fields: Mapping[str, str | Promise], mapping: Mapping[str, str]) -> list[Need]:
    """What a file must tell; dates and years may be said beside it."""
    named = "school_id" in mapping or "school" in mapping
    if "completed" not in fields:
        return [
            Need(gettext_lazy("The school’s id; else its name"), named),
            Need(gettext_lazy("Its seniors"), "seniors" in mapping),
            Need(gettext_lazy("The school year, or say it below"), "school_year" in mapping, False),
        ]
    return [
        Need(gettext_lazy("The school’s id; else its name"), named),
        Need(gettext_lazy("How many submitted"), "submitted" in mapping),
        Need(gettext_lazy("How many completed"), "completed" in mapping),
        Need(gettext_lazy("The date of the figures, or say it below"), "date" in mapping, False),
    ]

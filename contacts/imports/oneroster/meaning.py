"""What single cells of a roster mean."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

STUDENT, GUARDIAN = "student", "guardian"
GUARDIAN_ROLES = {"guardian", "parent", "relative"}
GONE = "tobedeleted"
MAX_ID = 64  # what Student.sis_id and Contact.sis_id hold
_NO = {"false", "no", "n", "0", "f"}

# Flags about English learners and teaching also say "language"; they name none.
_NOT_A_LANGUAGE = re.compile(
    r"learner|profici|program|instruction|level|status|second|exit|entry|service|test|date|flag"
)


def key(sourced_id: str) -> str:
    """A sourcedId as our ids can hold it: the standard allows 255 characters."""
    if len(sourced_id) <= MAX_ID:
        return sourced_id
    return hashlib.sha256(sourced_id.encode()).hexdigest()[:MAX_ID]


def listed(text: str) -> list[str]:
    """The items of a cell such as `a1,b2`, without doubles."""
    if "," not in text:
        return [text.strip()] if text.strip() else []
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def gone(row: Mapping[str, str]) -> bool:
    return row.get("status", "").lower() == GONE


def enabled(text: str) -> bool:
    """False only where the cell says so; a blank says nothing."""
    return text.lower() not in _NO


def kind_of(role: str) -> str:
    """`student`, `guardian` (also of `Parent/Guardian`), or "" for teachers and all others."""
    words = set(re.findall(r"[a-z]+", role.lower()))
    return STUDENT if STUDENT in words else GUARDIAN if words & GUARDIAN_ROLES else ""


def state_id(user_ids: str) -> str:
    """The state's student id in `{StateId:123},{SIS:9}`; "" if no pair is called so."""
    for kind, value in re.findall(r"([^{},:]+):([^{},]+)", user_ids):
        word = re.sub(r"[^a-z]", "", kind.lower())
        if "state" in word or word in {"ssid", "sasid"}:
            return value.strip()[:20]
    return ""


def grade(text: str) -> str:
    """The last of the grades named: of `11,12` the one that the student reached."""
    grades = listed(text)
    return grades[-1] if grades else ""


def extension(headers: Iterable[str], *words: str) -> str:
    """The first `metadata.*` or `ext_*` column whose name holds one of the words; else ""."""
    found = [h for h in headers if re.match(r"metadata\.|ext_", h)]
    return next((h for word in words for h in found if word in h.rpartition(".")[2]), "")


def language_column(headers: Iterable[str]) -> str:
    """The extension column that names the language spoken at home, if one does."""
    found = []
    for header in headers:
        if not re.match(r"metadata\.|ext_", header):
            continue
        name = re.split(r"[._]", header)
        last = name[-1]
        says = "language" in header or bool({"lang", "langcode", "homelang"} & set(name))
        if says and not _NOT_A_LANGUAGE.search(header):
            at_home = "home" in last or (len(name) > 1 and "home" in name[-2])
            found.append((not at_home, header))
    return min(found)[1] if found else ""

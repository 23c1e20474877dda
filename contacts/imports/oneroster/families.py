"""A settled roster told as rows of families: one a student and guardian."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from django.utils.translation import gettext as _

from contacts.imports.oneroster import meaning
from contacts.imports.oneroster.store import Store
from contacts.imports.problems import BadFile

CHUNK = 500
Cells = dict[str, str]

_STUDENTS = """
SELECT n, users.sid, id, gone, enabled, lists, state_id, first, last, sms, phone, email, grade,
    COALESCE(NULLIF(users.language, ''), births.language, '') AS language,
    COALESCE(births.date, '') AS birth_date,
    (SELECT orgs.says FROM places JOIN orgs ON orgs.sid = places.org AND orgs.level < 2
     WHERE places.user = users.sid
     ORDER BY orgs.level, places.rank, places.rowid LIMIT 1) AS school,
    (SELECT places.org FROM places WHERE places.user = users.sid
     ORDER BY places.rank, places.rowid LIMIT 1) AS org
FROM users LEFT JOIN births ON births.sid = users.sid
WHERE kind = 'student' AND n > ? ORDER BY n LIMIT ?
"""
_GUARDIANS = """
SELECT pairs.student, g.* FROM pairs JOIN users g ON g.n = pairs.guardian
WHERE pairs.student BETWEEN ? AND ? ORDER BY pairs.student, pairs.place, g.n
"""

_CHANGED_GUARDIANS = "SELECT * FROM users WHERE kind = 'guardian' AND n > ? ORDER BY n LIMIT ?"


def headers(columns: Mapping[str, Iterable[str]]) -> list[str]:
    """Our own field names for what the columns of users.csv and demographics.csv can tell."""
    has = set(columns["users.csv"])
    born = set(columns.get("demographics.csv", []))
    phone = bool({"sms", "phone"} & has)
    language = bool(meaning.language_column(has) or meaning.language_column(born))
    told = {
        "student_id": True,
        "state_student_id": "userids" in has,
        "student_first_name": True,
        "student_last_name": True,
        "birth_date": "birthdate" in born,
        "grade": "grades" in has,
        "school": True,
        "enrolled": True,
        "language": language,
        "student_phone": phone,
        "student_email": "email" in has,
        "guardian_id": True,
        "guardian_first_name": True,
        "guardian_last_name": True,
        "guardian_relationship": True,
        "guardian_cell_phone": "sms" in has,
        "guardian_phone": phone,
        "guardian_email": "email" in has,
        "guardian_language": language,
        "guardian_gone": True,
    }
    return [name for name, known in told.items() if known]


def rows(store: Store, names: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The families under `names`, by the number of the student's row.

    Raises BadFile at the end of a delta that had none.
    """
    told = _delta(store) if store.delta else _families(store)
    number = 0
    for number, cells in told:
        yield number, [cells.get(name, "") for name in names]
    if not number:
        raise BadFile(_("Nothing in this delta concerns a student or guardian who is known here."))


def _families(store: Store) -> Iterator[tuple[int, Cells]]:
    for students, guardians in _chunks(store):
        for student in students:
            yield from _family(store, student, guardians[student["n"]])


def _family(
    store: Store, student: sqlite3.Row, guardians: list[sqlite3.Row]
) -> Iterator[tuple[int, Cells]]:
    own = _student(store, student)
    for guardian in guardians:
        yield student["n"], own | _guardian(guardian)
    if not guardians:
        yield student["n"], own


def _chunks(store: Store) -> Iterator[tuple[list[sqlite3.Row], dict[int, list[sqlite3.Row]]]]:
    """Students in the order of their rows, with the guardians of each."""
    cursor = store.db.cursor()
    cursor.row_factory = sqlite3.Row
    last = -1
    while students := cursor.execute(_STUDENTS, (last, CHUNK)).fetchall():
        first, last = students[0]["n"], students[-1]["n"]
        guardians: dict[int, list[sqlite3.Row]] = defaultdict(list)
        for row in cursor.execute(_GUARDIANS, (first, last)):
            guardians[row["student"]].append(row)
        yield students, guardians


def _student(store: Store, row: sqlite3.Row) -> Cells:
    if row["gone"] or not row["enabled"]:
        left = {"student_id": row["id"], "enrolled": "no"}
        return left | {"student_first_name": row["first"], "student_last_name": row["last"]}
    return {
        "student_id": row["id"],
        "state_student_id": row["state_id"],
        "student_first_name": row["first"],
        "student_last_name": row["last"],
        "birth_date": row["birth_date"],
        "grade": row["grade"],
        "school": row["school"] or _unlisted(store, row["org"]),
        "enrolled": "yes",
        "language": row["language"],
        "student_phone": row["sms"] or row["phone"],
        "student_email": row["email"],
    }


def _unlisted(store: Store, org: str | None) -> str:
    """A school that orgs.csv does not describe: in a delta left open, else its id shows it."""
    if not org:
        return ""
    return org if store.finder.find(org) or not store.delta else ""


def _guardian(row: sqlite3.Row) -> Cells:
    if row["gone"]:
        return _gone(row["sid"])
    role = row["role"] if row["role"] in meaning.GUARDIAN_ROLES else ""
    return {
        "guardian_id": row["sid"],
        "guardian_first_name": row["first"],
        "guardian_last_name": row["last"],
        "guardian_relationship": row["relationship"] or role.capitalize(),
        "guardian_cell_phone": row["sms"],
        "guardian_phone": row["phone"],
        "guardian_email": row["email"],
        "guardian_language": row["language"],
    }


def _gone(guardian: str) -> Cells:
    return {"guardian_id": guardian, "guardian_gone": "yes"}


# What changed ---------------------------------------------------------------------------------


def _delta(store: Store) -> Iterator[tuple[int, Cells]]:
    """Rows of the students that changed, then of guardians whose students did not."""
    for students, guardians in _chunks(store):
        tied = store.known.guardians_of([student["id"] for student in students])
        for student in students:
            here = guardians[student["n"]]
            own = _student(store, student)
            yield from _family(store, student, here)
            if own["enrolled"] == "no" or not student["lists"]:
                continue
            listed = _listed(store, student["sid"])
            told = {row["sid"] for row in here}
            before = set(tied.get(student["id"], []))
            for sid in sorted(before - listed - told):
                yield student["n"], own | _gone(sid)
            # A sister's mother, who did not change herself.
            for cells in store.known.told(sorted(listed - before - told)):
                yield student["n"], own | cells
    yield from _lone_guardians(store)


def _listed(store: Store, sid: str) -> set[str]:
    found = store.db.execute("SELECT agent FROM links WHERE user = ?", (sid,))
    return {agent for (agent,) in found}


def _lone_guardians(store: Store) -> Iterator[tuple[int, Cells]]:
    """Guardians for those of their students, known here, whom the delta does not name."""
    cursor = store.db.cursor()
    cursor.row_factory = sqlite3.Row
    last = -1
    while chunk := cursor.execute(_CHANGED_GUARDIANS, (last, CHUNK)).fetchall():
        last = chunk[-1]["n"]
        tied = store.known.students_of([guardian["sid"] for guardian in chunk])
        for guardian in chunk:
            students = dict.fromkeys(tied.get(guardian["sid"], []))
            if guardian["lists"] and not guardian["gone"]:
                lists = sorted(_listed(store, guardian["sid"]))
                students |= dict.fromkeys(sorted(store.known.students(lists)))
            for student in students:
                if not _told(store, student, guardian["n"]):
                    yield guardian["n"], {"student_id": student} | _guardian(guardian)


def _told(store: Store, student: str, guardian: int) -> bool:
    """True if the student's own row in the delta settles whether the guardian is one."""
    return bool(
        store.db.execute(
            "SELECT 1 FROM users s WHERE kind = 'student' AND id = ?1 AND (gone OR NOT enabled"
            " OR lists OR EXISTS (SELECT 1 FROM pairs WHERE student = s.n AND guardian = ?2))",
            (student, guardian),
        ).fetchone()
    )

"""The files of a roster joined in a private SQLite database that spills to an unnamed file.

A million users never stand in the memory; whoever feeds it (a zip, a roster service) hands over
rows as dictionaries with the standard's column names in lower case.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from contacts.imports.oneroster import meaning
from contacts.imports.oneroster.known import Known
from contacts.imports.places import SchoolFinder
from schools.models import District, School

Row = Mapping[str, str]
Numbered = Iterable[tuple[int, Row]]

CHUNK = 1_000
SAMPLE = 5_000  # students by which the kind of id is chosen

_TABLES = """
CREATE TABLE users (
    n INTEGER PRIMARY KEY, sid TEXT UNIQUE, gone INTEGER, enabled INTEGER, role TEXT,
    kind TEXT DEFAULT '', id TEXT DEFAULT '', identifier TEXT, state_id TEXT,
    first TEXT, last TEXT, sms TEXT, phone TEXT, email TEXT, grade TEXT, language TEXT,
    relationship TEXT, lists INTEGER
);
CREATE TABLE roles (user TEXT, kind TEXT);
CREATE TABLE links (user TEXT, agent TEXT, place INTEGER);
CREATE TABLE places (user TEXT, org TEXT, rank INTEGER);
CREATE TABLE orgs (sid TEXT PRIMARY KEY, says TEXT, level INTEGER);
CREATE TABLE births (sid TEXT PRIMARY KEY, date TEXT, language TEXT);
CREATE TABLE pairs (
    student INTEGER, guardian INTEGER, place INTEGER, PRIMARY KEY (student, guardian)
) WITHOUT ROWID;
"""
_ABOVE_SCHOOLS = {"district", "local", "state", "national", "department"}


def _roles(numbered: tuple[int, Row]) -> Iterator[tuple[str, str]]:
    row = numbered[1]
    for role in meaning.listed(row.get("role", "")):
        if kind := meaning.kind_of(role):
            yield meaning.key(row["sourcedid"]), kind


def _places(numbered: tuple[int, Row]) -> Iterator[tuple[str, str, int]]:
    row = numbered[1]
    for rank, column in enumerate(("primaryorgsourcedid", "orgsourcedids")):
        for org in meaning.listed(row.get(column, "")):
            yield meaning.key(row["sourcedid"]), org, rank


def _links(numbered: tuple[int, Row]) -> Iterator[tuple[str, str, int]]:
    row = numbered[1]
    for place, agent in enumerate(meaning.listed(row.get("agentsourcedids", ""))):
        yield meaning.key(row["sourcedid"]), meaning.key(agent), place


class Store:
    """`add_…` in any order, then `settle()`, then ask.

    `delta`: the rows are only what changed since; a role that is not told is looked up.
    """

    def __init__(self, district: District | None = None, *, delta: bool = False) -> None:
        self.known = Known(district)
        self.delta = delta
        self.columns: dict[str, set[str]] = {"users.csv": set(), "demographics.csv": set()}
        self._settled = False
        self._language = self._relationship = ""
        schools = School.objects.filter(district=district) if district else []
        self.finder = SchoolFinder(schools)
        # Another thread may walk the rows than the one that fed them.
        self.db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self.db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-32000; BEGIN;"
            + _TABLES
        )

    # Feeding -------------------------------------------------------------------------------

    def add_users(self, rows: Numbered, headers: Iterable[str]) -> None:
        """Users by the number of their row; of a repeated sourcedId the first row stands."""
        rows, headers = iter(rows), list(headers)
        self.columns["users.csv"] |= set(headers)
        self._language = meaning.language_column(headers)
        self._relationship = meaning.extension(headers, "relationship")
        while chunk := list(itertools.islice(rows, CHUNK)):
            self._many(
                "INSERT OR IGNORE INTO users (n, sid, gone, enabled, role, identifier, state_id,"
                " first, last, sms, phone, email, grade, language, relationship, lists)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [self._user(number, row) for number, row in chunk],
            )
            self._many("INSERT INTO roles VALUES (?, ?)", itertools.chain(*map(_roles, chunk)))
            self._many("INSERT INTO places VALUES (?, ?, ?)", itertools.chain(*map(_places, chunk)))
            self._many("INSERT INTO links VALUES (?, ?, ?)", itertools.chain(*map(_links, chunk)))

    def _user(self, number: int, row: Row) -> tuple[object, ...]:
        roles = meaning.listed(row.get("role", ""))
        sms, phone = row.get("sms", ""), row.get("phone", "")
        return (
            number,
            meaning.key(row["sourcedid"]),
            meaning.gone(row),
            meaning.enabled(row.get("enableduser", "")),
            roles[0].lower() if roles else "",
            meaning.key(row.get("identifier", "")),
            meaning.state_id(row.get("userids", "")),
            row.get("preferredgivenname", "") or row.get("givenname", ""),
            row.get("preferredfamilyname", "") or row.get("familyname", ""),
            sms,
            phone if phone != sms else "",
            row.get("email", ""),
            meaning.grade(row.get("grades", "")),
            row.get(self._language, ""),
            row.get(self._relationship, ""),
            bool(row.get("agentsourcedids")),
        )

    def add_roles(self, rows: Numbered) -> None:
        """Who is what, and where (1.2)."""

        def each() -> Iterator[tuple[str, str]]:
            for _number, row in rows:
                kind = meaning.kind_of(row.get("role", ""))
                if meaning.gone(row) or not row.get("usersourcedid"):
                    continue
                user = meaning.key(row["usersourcedid"])
                yield user, kind
                if kind == meaning.STUDENT and row.get("orgsourcedid"):
                    rank = 2 if row.get("roletype", "").lower() != "secondary" else 3
                    place = (user, row["orgsourcedid"], rank)
                    self.db.execute("INSERT INTO places VALUES (?, ?, ?)", place)
                if kind == meaning.GUARDIAN:
                    self.db.execute(
                        "UPDATE users SET role = ? WHERE sid = ? AND role = ''",
                        (row["role"].lower(), user),
                    )

        self._many("INSERT INTO roles VALUES (?, ?)", each())

    def add_orgs(self, rows: Numbered) -> None:
        """Schools as our schools are found: by NCES id or state code, else by name."""

        def each() -> Iterator[tuple[str, str, int]]:
            for _number, row in rows:
                told = [row.get(name, "") for name in ("identifier", "name", "sourcedid")]
                ours = next((text for text in told if self.finder.find(text)), "")
                above = row.get("type", "").lower() in _ABOVE_SCHOOLS
                level = 0 if ours else 2 if above else 1
                if row.get("sourcedid") and not meaning.gone(row):
                    yield row["sourcedid"], ours or next(filter(None, told)), level

        self._many("INSERT OR IGNORE INTO orgs VALUES (?, ?, ?)", each())

    def add_enrolments(self, rows: Numbered) -> None:
        """Schools of those whom no other file places."""
        self._many(
            "INSERT INTO places SELECT ?1, ?2, 4 WHERE NOT EXISTS"
            " (SELECT 1 FROM places WHERE user = ?1 AND org = ?2)",
            (
                (meaning.key(row["usersourcedid"]), row["schoolsourcedid"])
                for _number, row in rows
                if row.get("usersourcedid")
                and row.get("schoolsourcedid")
                and not meaning.gone(row)
                and meaning.kind_of(row.get("role", "") or meaning.STUDENT) == meaning.STUDENT
            ),
        )

    def add_demographics(self, rows: Numbered, headers: Iterable[str]) -> None:
        """Dates of birth; in some exports also the language spoken at home."""
        headers = list(headers)
        language = meaning.language_column(headers)
        self.columns["demographics.csv"] |= set(headers)
        self._many(
            "INSERT OR IGNORE INTO births VALUES (?, ?, ?)",
            (
                (
                    meaning.key(row.get("sourcedid", "") or row.get("usersourcedid", "")),
                    row.get("birthdate", ""),
                    row.get(language, ""),
                )
                for _number, row in rows
                if not meaning.gone(row)
            ),
        )

    def _many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        self.db.executemany(statement, rows)

    # Joining -------------------------------------------------------------------------------

    def settle(self) -> None:
        """Says who is a student and who a guardian, and ties them; asking twice changes nothing."""
        if self._settled:
            return
        self._settled = True
        run = self.db.execute
        self._index("roles (user, kind)", "places (user, rank)", "links (agent)", "links (user)")
        for kind in (meaning.GUARDIAN, meaning.STUDENT):  # a student who is a parent: a student
            run(
                "UPDATE users SET kind = ? WHERE EXISTS"
                " (SELECT 1 FROM roles WHERE user = sid AND roles.kind = ?)",
                (kind, kind),
            )
        # Whom a student lists, and nobody calls anything else, cares for the student.
        run(
            "UPDATE users SET kind = 'guardian' WHERE kind = '' AND role = ''"
            " AND NOT EXISTS (SELECT 1 FROM roles WHERE user = sid)"
            " AND EXISTS (SELECT 1 FROM links JOIN users s ON s.sid = links.user"
            "             WHERE links.agent = users.sid AND s.kind = 'student')"
        )
        if self.delta:
            self._look_up_kinds()
        for student, guardian in (("user", "agent"), ("agent", "user")):
            run(
                "INSERT OR IGNORE INTO pairs SELECT s.n, g.n, place FROM links"
                f" JOIN users s ON s.sid = links.{student} AND s.kind = 'student'"
                f" JOIN users g ON g.sid = links.{guardian} AND g.kind = 'guardian'"
            )
        self._choose_ids()
        self._index("users (id)")

    def _look_up_kinds(self) -> None:
        """A deleted row, and one whose roles did not change, often tells no role."""
        last = -1
        while found := self.db.execute(
            "SELECT n, sid, identifier FROM users WHERE kind = '' AND role = '' AND n > ?"
            " AND NOT EXISTS (SELECT 1 FROM roles WHERE user = sid) ORDER BY n LIMIT ?",
            (last, SAMPLE),
        ).fetchall():
            last = found[-1][0]
            students = self.known.students([text for row in found for text in row[1:]])
            guardians = self.known.guardians([sid for _n, sid, _identifier in found])
            for n, sid, identifier in found:
                student = sid in students or (identifier and identifier in students)
                kind = meaning.STUDENT if student else meaning.GUARDIAN if sid in guardians else ""
                self.db.execute("UPDATE users SET kind = ? WHERE n = ?", (kind, n))

    def _choose_ids(self) -> None:
        """A student's id: the local number (`identifier`) or the roster's own `sourcedId`.

        The kind by which more of the students are known already; where none is known, the local
        number if every student has one of their own. It holds for the whole roster, but for
        students without a local number, or with one that is also another's.
        """
        run = self.db.execute
        told = run(
            "SELECT sid, identifier FROM users WHERE kind = 'student' LIMIT ?", (SAMPLE,)
        ).fetchall()
        by_sid = len(self.known.students([sid for sid, _ in told]))
        by_number = len(self.known.students([number for _, number in told]))
        if by_sid == by_number:
            every, own = run(
                "SELECT COUNT(*), COUNT(DISTINCT NULLIF(identifier, ''))"
                " FROM users WHERE kind = 'student' AND NOT (gone AND identifier = '')"
            ).fetchone()
            use_number = every == own > 0
        else:
            use_number = by_number > by_sid
        run("UPDATE users SET id = sid")
        if use_number:
            self._index("users (identifier)")
            run(
                "UPDATE users SET id = identifier WHERE kind = 'student' AND identifier != ''"
                " AND (SELECT COUNT(*) FROM users u"
                "      WHERE u.identifier = users.identifier AND u.kind = 'student') = 1"
            )

    # Asking --------------------------------------------------------------------------------

    def count(self, kind: str) -> int:
        """How many students or guardians the roster names."""
        return self.db.execute("SELECT COUNT(*) FROM users WHERE kind = ?", (kind,)).fetchone()[0]

    def all_placed(self) -> bool:
        """True if enrolments have nothing to add: every student's school is told elsewhere."""
        self._index("roles (user, kind)", "places (user, rank)")
        lost = self.db.execute(
            "SELECT 1 FROM users WHERE EXISTS (SELECT 1 FROM roles WHERE user = sid AND"
            " roles.kind = 'student') AND NOT EXISTS (SELECT 1 FROM places JOIN orgs ON"
            " orgs.sid = places.org AND orgs.level < 2 WHERE user = users.sid) LIMIT 1"
        ).fetchone()
        return lost is None

    def _index(self, *wanted: str) -> None:
        for columns in wanted:
            name = "_".join(re.findall(r"\w+", columns))
            self.db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}")

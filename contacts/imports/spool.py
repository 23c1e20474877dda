"""A file's rows put in order on disk, and what an import must remember from chunk to chunk.

A private database without a name (SQLite deletes its file as it opens it), so that a file of a
million rows needs no more memory than one of a thousand.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

SAME, CHANGED, NEW = 0, 1, 2
AT_ONCE = 5_000

_TABLES = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16000;
CREATE TABLE lines (key TEXT, row INTEGER, cells TEXT);
CREATE TABLE students (
    pk TEXT PRIMARY KEY, school INTEGER, grade TEXT, outcome INTEGER
) WITHOUT ROWID;
CREATE TABLE people (
    pk TEXT PRIMARY KEY, named INTEGER, language INTEGER, unread TEXT
) WITHOUT ROWID;
CREATE TABLE addresses (
    contact TEXT, channel TEXT, address TEXT, PRIMARY KEY (contact, channel, address)
) WITHOUT ROWID;
CREATE TABLE doubtful (contact TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE deserted (contact TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE journal (
    model TEXT, row TEXT, before TEXT, after TEXT, PRIMARY KEY (model, row)
) WITHOUT ROWID;
"""


class Spool:
    """The rows of one file on their way in; a context manager."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")  # never committed: each statement by itself would be written out
        self.rows = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_why: object) -> None:
        self._db.close()

    # Rows -------------------------------------------------------------------------------

    def fill(self, rows: Iterable[tuple[int, list[str]]], key: int) -> None:
        """Takes in all rows; the cell at `key` says which of them belong together."""
        lines = ((cells[key].removesuffix(".0"), n, json.dumps(cells)) for n, cells in rows)
        while chunk := list(itertools.islice(lines, AT_ONCE)):
            self.rows += len(chunk)
            self._db.executemany("INSERT INTO lines VALUES (?, ?, ?)", chunk)
        self._db.execute("CREATE INDEX lines_by_key ON lines (key, row)")
        self._db.execute(
            "CREATE TABLE heads AS SELECT key, min(row) AS row FROM lines GROUP BY key ORDER BY 2"
        )

    def groups(self) -> Iterator[list[tuple[int, list[str]]]]:
        """The rows of one key after another, in the order in which the file begins them."""
        found = self._db.execute(
            "SELECT heads.rowid, lines.row, lines.cells FROM heads CROSS JOIN lines"
            " ON lines.key = heads.key ORDER BY heads.rowid, lines.row"
        )
        for _head, lines in itertools.groupby(found, key=lambda line: line[0]):
            yield [(row, json.loads(cells)) for _head, row, cells in lines]

    def names(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys that some row of the file has."""
        return {key for (key,) in self._select("SELECT key FROM heads WHERE key IN", keys)}

    # Students ---------------------------------------------------------------------------

    def saw(self, students: Iterable[tuple[str, int | None, str, int]]) -> None:
        """Notes students of the file: key, school, grade, and what became of them."""
        self._db.executemany(
            "INSERT OR REPLACE INTO students VALUES (?, ?, ?, ?)",
            [(pk, school, grade, outcome) for pk, school, grade, outcome in students],
        )

    def touch(self, students: Iterable[str]) -> None:
        """Notes that something about these students of the file changed after all."""
        self._db.executemany(
            f"UPDATE students SET outcome = {CHANGED} WHERE pk = ? AND outcome = {SAME}",
            [(pk,) for pk in students],
        )

    def holds(self, students: Sequence[str]) -> set[str]:
        """Those of the students whom the file names."""
        found = self._select("SELECT pk FROM students WHERE pk IN", list(students))
        return {pk for (pk,) in found}

    def grades(self) -> list[tuple[int, str]]:
        """The pairs of school and grade of which the file tells."""
        return list(self._db.execute("SELECT DISTINCT school, grade FROM students"))

    def students(self) -> Iterator[list[str]]:
        """The students whom the file names, some at a time."""
        return self._noted("students", "pk")

    def outcomes(self) -> Counter[int]:
        """How many students are new, changed and the same."""
        return Counter(
            dict(self._db.execute("SELECT outcome, count(*) FROM students GROUP BY outcome"))
        )

    # People and their addresses ---------------------------------------------------------

    def heard(self, contacts: Sequence[str]) -> dict[str, tuple[bool, bool, str]]:
        """Of contacts that the file spoke of before: was a name said, a language, what unread."""
        found = self._select("SELECT * FROM people WHERE pk IN", list(contacts))
        return {pk: (bool(n), bool(lang), unread) for pk, n, lang, unread in found}

    def hear(self, people: Iterable[tuple[str, bool, bool, str]]) -> None:
        """Notes the same of contacts that it speaks of now."""
        self._db.executemany(
            "INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?)",
            [(pk, *rest) for pk, *rest in people],
        )

    def mention(self, addresses: Iterable[tuple[str, str, str]]) -> None:
        """Notes that the file gives these addresses to these contacts."""
        self._db.executemany(
            "INSERT OR IGNORE INTO addresses VALUES (?, ?, ?)",
            [(pk, channel, index) for pk, channel, index in addresses],
        )

    def mentioned(self, contacts: Sequence[str]) -> set[tuple[str, str, str]]:
        """The addresses that the file gives to these contacts."""
        found = self._select("SELECT * FROM addresses WHERE contact IN", list(contacts))
        return {(pk, channel, index) for pk, channel, index in found}

    def doubt(self, contacts: Iterable[str]) -> None:
        """Notes contacts with an address that no row has mentioned yet."""
        self._note("doubtful", contacts)

    def desert(self, contacts: Iterable[str]) -> None:
        """Notes contacts who may have lost their last student."""
        self._note("deserted", contacts)

    def doubtful(self) -> Iterator[list[str]]:
        return self._noted("doubtful", "contact")

    def deserted(self) -> Iterator[list[str]]:
        return self._noted("deserted", "contact")

    # The journal ------------------------------------------------------------------------

    def enter(self, changes: Iterable[tuple[str, str, dict[str, Any], dict[str, Any]]]) -> None:
        """Notes what rows were before and are now; the first `before` of a field stands."""
        for model, row, before, after in changes:
            known = self._db.execute(
                "SELECT before, after FROM journal WHERE model = ? AND row = ?", (model, row)
            ).fetchone()
            if known:
                before = {**before, **json.loads(known[0])}
                after = {**json.loads(known[1]), **after}
            self._db.execute(
                "INSERT OR REPLACE INTO journal VALUES (?, ?, ?, ?)",
                (model, row, json.dumps(before), json.dumps(after)),
            )

    def entries(self) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
        for model, row, before, after in self._db.execute("SELECT * FROM journal"):
            yield model, row, json.loads(before), json.loads(after)

    # ------------------------------------------------------------------------------------

    def _note(self, table: str, contacts: Iterable[str]) -> None:
        self._db.executemany(
            f"INSERT OR IGNORE INTO {table} VALUES (?)",
            [(pk,) for pk in contacts],
        )

    def _noted(self, table: str, column: str) -> Iterator[list[str]]:
        found = self._db.execute(f"SELECT {column} FROM {table}")
        while chunk := found.fetchmany(1_000):
            yield [pk for (pk,) in chunk]

    def _select(self, sql: str, values: Sequence[Any]) -> Iterator[Any]:
        for start in range(0, len(values), 500):
            some = values[start : start + 500]
            marks = ", ".join("?" * len(some))
            yield from self._db.execute(f"{sql} ({marks})", some)

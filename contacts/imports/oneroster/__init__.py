"""A OneRoster 1.1 or 1.2 zip of CSV files, read as one table of families."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from django.utils.translation import gettext as _

from contacts.imports.oneroster import families, meaning
from contacts.imports.oneroster.archive import ABSENT, BULK, DELTA, Archive, Row
from contacts.imports.oneroster.store import Store
from contacts.imports.problems import BadFile
from schools.models import District

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contacts.imports.readers import Table


def read(file: IO[bytes], district: District | None = None) -> Table:
    """The families in a zip, under our own field names, one row a student and guardian.

    Row numbers are those of the student's row in users.csv. A delta makes a table that is not
    `whole`; it needs the `district`, whose database knows who belongs to whom. Only headers are
    read at once; the files are joined when the first row is asked for, and stay open until then.
    Raises BadFile, then or now.
    """
    from contacts.imports.readers import Table  # it reads zips with our help

    archive = Archive(file)
    columns = _columns(archive)
    delta = DELTA in {archive.mode("users.csv"), archive.mode("roles.csv")}
    names = families.headers(columns)
    rows = _rows(archive, Store(district, delta=delta), columns, names)
    return Table(names, rows, archive.encodings["users.csv"], whole=not delta)


def table(store: Store) -> Table:
    """The families of a store that is filled with a whole roster. Raises BadFile."""
    from contacts.imports.readers import Table

    _settle(store)
    names = families.headers(store.columns)
    return Table(names, families.rows(store, names))


def _rows(
    archive: Archive, store: Store, columns: dict[str, list[str]], names: list[str]
) -> Iterator[tuple[int, list[str]]]:
    with archive:
        store.add_users(_with_id(archive.rows("users.csv")), columns["users.csv"])
        if "roles.csv" in columns:
            store.add_roles(archive.rows("roles.csv"))
        if "orgs.csv" in columns:
            store.add_orgs(archive.rows("orgs.csv"))
        if "demographics.csv" in columns:
            rows = archive.rows("demographics.csv")
            store.add_demographics(rows, columns["demographics.csv"])
        # By far the longest file; only needed where no other says who goes to which school.
        if "enrollments.csv" in columns and not store.all_placed():
            store.add_enrolments(archive.rows("enrollments.csv"))
    _settle(store)
    yield from families.rows(store, names)


def _settle(store: Store) -> None:
    store.settle()
    if not store.delta and not store.count(meaning.STUDENT):
        raise BadFile(_("Nobody in the roster has the role “student”."))


# Each file that is read, with the columns it cannot do without: one of each pair of names.
_NEEDED: dict[str, list[tuple[str, ...]]] = {
    "users.csv": [("sourcedId",), ("givenName", "familyName", "preferredGivenName")],
    "roles.csv": [("userSourcedId",), ("role",)],
    "orgs.csv": [("sourcedId",)],
    "demographics.csv": [("sourcedId", "userSourcedId")],
    "enrollments.csv": [("userSourcedId",), ("schoolSourcedId",)],
}


def _columns(archive: Archive) -> dict[str, list[str]]:
    """The columns of each file that is there. Raises BadFile where one lacks that must be."""
    if archive.mode("users.csv") == ABSENT:
        raise BadFile(_("There is no users.csv in the zip, so it names nobody."))
    found = {}
    for file, needed in _NEEDED.items():
        if archive.mode(file) == ABSENT:
            continue
        found[file] = archive.headers(file)
        for names in needed:
            _need(found[file], file, *names)
    if "roles.csv" not in found and archive.mode("users.csv") == BULK:
        _need(found["users.csv"], "users.csv", "role")
    return found


def _with_id(rows: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    for number, row in rows:
        if not row.get("sourcedid"):
            raise BadFile(_("users.csv, row %(row)s: the sourcedId is missing.") % {"row": number})
        yield number, row


def _need(headers: list[str], file: str, *names: str) -> None:
    """Raises BadFile unless the file has one of the columns."""
    if not {name.lower() for name in names} & set(headers):
        raise BadFile(_("%(file)s has no column %(column)s.") % {"file": file, "column": names[0]})

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
    `whole`; it needs the `district`, whose database knows who belongs to whom. Raises BadFile.
    """
    with Archive(file) as archive:
        users = archive.mode("users.csv")
        if users == ABSENT:
            raise BadFile(_("There is no users.csv in the zip, so it names nobody."))
        roles = archive.mode("roles.csv")
        headers = archive.headers("users.csv")
        _need(headers, "users.csv", "sourcedId")
        _need(headers, "users.csv", "givenName", "familyName", "preferredGivenName")
        if roles == ABSENT and users == BULK:
            _need(headers, "users.csv", "role")
        store = Store(district, delta=DELTA in {users, roles})
        store.add_users(_with_id(archive.rows("users.csv")), headers)
        if roles != ABSENT:
            _need(archive.headers("roles.csv"), "roles.csv", "userSourcedId")
            _need(archive.headers("roles.csv"), "roles.csv", "role")
            store.add_roles(archive.rows("roles.csv"))
        if archive.mode("orgs.csv") != ABSENT:
            _need(archive.headers("orgs.csv"), "orgs.csv", "sourcedId")
            store.add_orgs(archive.rows("orgs.csv"))
        if archive.mode("demographics.csv") != ABSENT:
            columns = archive.headers("demographics.csv")
            _need(columns, "demographics.csv", "sourcedId", "userSourcedId")
            store.add_demographics(archive.rows("demographics.csv"), columns)
        # By far the longest file; only needed where no other says who goes to which school.
        if archive.mode("enrollments.csv") != ABSENT and not store.all_placed():
            columns = archive.headers("enrollments.csv")
            _need(columns, "enrollments.csv", "userSourcedId")
            _need(columns, "enrollments.csv", "schoolSourcedId")
            store.add_enrolments(archive.rows("enrollments.csv"))
        encoding = archive.encodings["users.csv"]
    return table(store, encoding)


def table(store: Store, encoding: str = "") -> Table:
    """The families of a filled store. Raises BadFile where a whole roster has no student."""
    from contacts.imports.readers import Table  # it reads zips with our help

    store.settle()
    if not store.delta and not store.count(meaning.STUDENT):
        raise BadFile(_("Nobody in the roster has the role “student”."))
    names = families.headers(store)
    return Table(names, families.rows(store, names), encoding, whole=not store.delta)


def _with_id(rows: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    for number, row in rows:
        if not row.get("sourcedid"):
            raise BadFile(_("users.csv, row %(row)s: the sourcedId is missing.") % {"row": number})
        yield number, row


def _need(headers: list[str], file: str, *names: str) -> None:
    """Raises BadFile unless the file has one of the columns."""
    if not {name.lower() for name in names} & set(headers):
        raise BadFile(_("%(file)s has no column %(column)s.") % {"file": file, "column": names[0]})

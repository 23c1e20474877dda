"""Made-up rosters as OneRoster zips of either version; a test names only what it is about."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

from contacts.imports import oneroster
from contacts.imports.readers import Table
from schools.models import District

Row = dict[str, str]

USERS_11 = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,"
    "familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password"
)
USERS_12 = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,"
    "resourceSourcedIds,preferredGivenName,preferredMiddleName,preferredFamilyName,"
    "primaryOrgSourcedId,pronouns"
)
ROLES = (
    "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
    "userProfileSourcedId"
)
ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId"
ENROLMENTS = (
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate"
)
DEMOGRAPHICS = "sourcedId,status,dateLastModified,birthDate,sex,cityOfBirth"

SCHOOL = {"sourcedId": "o1", "name": "Lakeview High School", "type": "school"}


def a_student(sid: str = "s1", name: str = "Ana Lopez", **cells: str) -> Row:
    """A senior at the school `o1`."""
    first, _space, last = name.partition(" ")
    own = {"sourcedId": sid, "role": "student", "givenName": first, "familyName": last}
    return {**own, "enabledUser": "true", "orgSourcedIds": "o1", "grades": "12", **cells}


def a_parent(sid: str = "g1", name: str = "Maria Lopez", **cells: str) -> Row:
    """A parent without an address."""
    first, _space, last = name.partition(" ")
    own = {"sourcedId": sid, "role": "parent", "givenName": first, "familyName": last}
    return {**own, "enabledUser": "true", **cells}


def gone(sid: str, **cells: str) -> Row:
    """A deleted row as most systems write it: the id, and hardly anything else."""
    return {"sourcedId": sid, "status": "tobedeleted", **cells}


def csv_text(rows: list[Row], columns: str = "") -> str:
    """A CSV file; columns that are not the standard's come last, as the standard asks."""
    names = columns.split(",") if columns else []
    names += list(dict.fromkeys(name for row in rows for name in row if name not in names))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def zip_of(files: dict[str, str | bytes]) -> io.BytesIO:
    """A zip of the files just as they are given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    out.seek(0)
    return out


def files_of(
    *users: Row,
    version: str = "1.1",
    delta: bool = False,
    orgs: list[Row] | None = None,
    birth_dates: dict[str, str] | None = None,
    enrolments: list[Row] | None = None,
) -> dict[str, str]:
    """The files of a roster of one of the versions."""
    files = {}
    if version == "1.2":
        roles = [
            {
                "sourcedId": f"r-{user['sourcedId']}",
                "userSourcedId": user["sourcedId"],
                "roleType": "primary",
                "role": user["role"],
                "orgSourcedId": user.get("orgSourcedIds", ""),
            }
            for user in users
            if user.get("role")
        ]
        moved = {"role", "orgSourcedIds"}
        users = tuple({k: v for k, v in user.items() if k not in moved} for user in users)
        files["users.csv"] = csv_text(list(users), USERS_12)
        files["roles.csv"] = csv_text(roles, ROLES)
    else:
        files["users.csv"] = csv_text(list(users), USERS_11)
    if orgs is None and not delta:
        orgs = [SCHOOL]
    if orgs:
        files["orgs.csv"] = csv_text(orgs, ORGS)
    if birth_dates:
        told = [{"sourcedId": sid, "birthDate": date} for sid, date in birth_dates.items()]
        files["demographics.csv"] = csv_text(told, DEMOGRAPHICS)
    if enrolments:
        files["enrollments.csv"] = csv_text(enrolments, ENROLMENTS)
    mode = "delta" if delta else "bulk"
    told = {"manifest.version": "1.0", "oneroster.version": version}
    told |= {f"file.{name.removesuffix('.csv')}": mode for name in files}
    told |= {"file.results": "absent", "source.systemName": "Made-up SIS"}
    manifest = [{"propertyName": name, "value": value} for name, value in told.items()]
    return {"manifest.csv": csv_text(manifest), **files}


def a_roster(*users: Row, **how: Any) -> io.BytesIO:
    """The roster as a zip."""
    return zip_of(files_of(*users, **how))


def table_of(file: io.BytesIO, district: District | None = None) -> Table:
    return oneroster.read(file, district)


def families(file: io.BytesIO, district: District | None = None) -> list[Row]:
    """The rows of a zip as dictionaries of what is filled in."""
    table = table_of(file, district)
    return [
        {header: cell for header, cell in zip(table.headers, cells, strict=True) if cell}
        for _number, cells in table.rows
    ]

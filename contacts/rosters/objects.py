"""Objects of the REST service as rows of the CSV files, so that both are joined the same way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Json = dict[str, Any]
Row = dict[str, str]

_USER = [
    *("sourcedId", "status", "enabledUser", "role", "identifier", "email", "sms", "phone"),
    *("givenName", "familyName", "preferredGivenName", "preferredFamilyName"),
    *("preferredFirstName", "preferredLastName"),
]
_RENAMED = {"preferredfirstname": "preferredgivenname", "preferredlastname": "preferredfamilyname"}


def user(given: Json) -> tuple[Row, list[Row]]:
    """A user as a row of users.csv, and the user's roles as rows of roles.csv."""
    row: Row = {}
    for name in _USER:
        if text := _text(given.get(name)):
            row[_RENAMED.get(name.lower(), name.lower())] = text
    row["grades"] = ",".join(_text(grade) for grade in _list(given.get("grades")))
    row["agentsourcedids"] = ",".join(_ids(given.get("agents")))
    row["orgsourcedids"] = ",".join(_ids(given.get("orgs")))
    row["primaryorgsourcedid"] = _id(given.get("primaryOrg"))
    row["userids"] = ",".join(
        f"{{{_text(each.get('type'))}:{_text(each.get('identifier'))}}}"
        for each in _list(given.get("userIds"))
        if isinstance(each, dict)
    )
    row |= _metadata(given)
    roles = [
        {
            "status": row.get("status", ""),
            "usersourcedid": row.get("sourcedid", ""),
            "roletype": _text(each.get("roleType")),
            "role": _text(each.get("role")),
            "orgsourcedid": _id(each.get("org")),
        }
        for each in _list(given.get("roles"))
        if isinstance(each, dict)
    ]
    return row, roles


def org(given: Json) -> Row:
    """A school or district as a row of orgs.csv."""
    names = ("sourcedId", "status", "name", "type", "identifier")
    return {name.lower(): _text(given.get(name)) for name in names}


def enrolment(given: Json) -> Row:
    """An enrolment as a row of enrollments.csv."""
    return {
        "status": _text(given.get("status")),
        "usersourcedid": _id(given.get("user")),
        "schoolsourcedid": _id(given.get("school")),
        "role": _text(given.get("role")),
    }


def demographics(given: Json) -> Row:
    """Demographics as a row of demographics.csv: the date of birth, and what extends it."""
    names = ("sourcedId", "status", "birthDate")
    return {name.lower(): _text(given.get(name)) for name in names} | _metadata(given)


def headers(rows: Iterable[Row]) -> list[str]:
    """Every column that one of the rows fills."""
    return list(dict.fromkeys(name for row in rows for name, text in row.items() if text))


def _metadata(given: Json) -> Row:
    """Extensions as `metadata.<name>` columns, one level of names deeper too."""
    return {f"metadata.{name}".lower(): text for name, text in _flat(given.get("metadata"))}


def _flat(given: Any, deep: int = 0) -> Iterator[tuple[str, str]]:
    if not isinstance(given, dict):
        return
    for name, value in given.items():
        if isinstance(value, dict) and deep < 2:
            yield from ((f"{name}.{inner}", text) for inner, text in _flat(value, deep + 1))
        elif text := _text(value):
            yield str(name), text


def _text(value: Any) -> str:
    """A value as a cell: `true` and numbers as a CSV file writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)[:400]
    if not isinstance(value, str):
        return ""
    # A lone half of a character pair is valid JSON, and no text that can be kept.
    whole = value[:10_000].encode("utf-8", "replace").decode()
    return " ".join(whole.replace("\0", "").split())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _id(value: Any) -> str:
    """The sourcedId of a reference."""
    return _text(value.get("sourcedId")) if isinstance(value, dict) else ""


def _ids(value: Any) -> list[str]:
    return [found for each in _list(value) if (found := _id(each))]

"""Many rows, each with its own values, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

AT_ONCE = 500  # rows a statement: well under SQLite's and PostgreSQL's limits of parameters


def set_each(
    model: type[Model], columns: Sequence[str], values: Mapping[int, Sequence[Any]]
) -> int:
    """Sets `columns` of each row (by primary key) to its own `values`; returns how many rows.

    UPDATE … FROM, which both databases know, and which costs a tenth of `bulk_update`'s CASE of as
    many branches as there are rows.
    """
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    identity: Any = model._meta.pk
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(identity.column)
    sets = ", ".join(
        f"{quote(field.column)} = CAST(v.column{at} AS {field.db_type(connection)})"
        for at, field in enumerate(fields, start=2)
    )
    changed = 0
    keys = list(values)
    with connection.cursor() as cursor:
        for start in range(0, len(keys), AT_ONCE):
            rows = [
                (
                    pk,
                    *(
                        field.get_db_prep_value(value, connection)
                        for field, value in zip(fields, values[pk], strict=True)
                    ),
                )
                for pk in keys[start : start + AT_ONCE]
            ]
            source, parameters = _as_table(rows, [identity, *fields])
            cursor.execute(
                f"UPDATE {table} SET {sets} FROM {source} WHERE {table}.{key} = v.column1",
                parameters,
            )
            changed += cursor.rowcount
    return changed


def _as_table(rows: Sequence[tuple[Any, ...]], fields: Sequence[Any]) -> tuple[str, list[Any]]:
    """The rows as a table `v` of column1, column2, …, and its parameters.

    PostgreSQL takes a column as one array: a statement of thousands of parameters is slow to bind.
    """
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{field.rel_db_type(connection)}[]" for field in fields)
        names = ", ".join(f"column{at}" for at in range(1, len(fields) + 1))
        return f"unnest({arrays}) AS v({names})", [
            list(column) for column in zip(*rows, strict=True)
        ]
    row = f"({', '.join(['%s'] * len(fields))})"
    return f"(VALUES {', '.join([row] * len(rows))}) AS v", [cell for each in rows for cell in each]

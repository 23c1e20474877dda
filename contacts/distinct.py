"""The few different values of a column of a big table, found by leaps along an index.

`SELECT DISTINCT` reads every row; here each value is asked for by the one before it, so that a
million families who read ten languages cost ten looks into the index.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models


def values(
    model: type[models.Model], column: str, *, each: str, among: models.QuerySet[Any]
) -> set[str]:
    """The values of a text column of rows whose foreign key `each` is one `among` those.

    Wants an index on (`each`, `column`).
    """
    try:
        keys, params = among.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return set()
    quote = connection.ops.quote_name
    field: Any = model._meta.get_field(column)
    owner: Any = model._meta.get_field(each)
    table, places = quote(model._meta.db_table), quote(owner.related_model._meta.db_table)
    value, place = quote(field.column), quote(owner.column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE found(place, value) AS ("
            f" SELECT p.id, (SELECT min(r.{value}) FROM {table} r WHERE r.{place} = p.id)"
            f" FROM {places} p WHERE p.id IN ({keys})"
            f" UNION ALL"
            f" SELECT f.place, (SELECT min(r.{value}) FROM {table} r"
            f" WHERE r.{place} = f.place AND r.{value} > f.value)"
            f" FROM found f WHERE f.value IS NOT NULL"
            f") SELECT DISTINCT value FROM found WHERE value IS NOT NULL",
            params,
        )
        return {value for (value,) in cursor.fetchall()}

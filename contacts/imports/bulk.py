"""Many rows in one statement: COPY on PostgreSQL, a prepared INSERT or UPDATE on SQLite.

Django's bulk_create builds a model instance and a piece of SQL for every row; an import of a
district spends its time there. Here values go from tuples to the driver.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import Any

from django.db import connection, models

Prepare = Callable[[Any], Any]


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Adds rows whose values stand in the order of `names` (a foreign key as `student_id`)."""
    columns, prepares = _columns(model, names)
    table = connection.ops.quote_name(model._meta.db_table)
    values = ([prepare(v) if prepare else v for prepare, v in zip(prepares, row, strict=True)]
              for row in rows)  # fmt: skip
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
                list(values),
            )


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Sets the columns `names` of rows; each row is the values and then the primary key."""
    assert model._meta.pk is not None
    columns, prepares = _columns(model, [*names, model._meta.pk.attname])
    table = connection.ops.quote_name(model._meta.db_table)
    sets = ", ".join(f"{column} = %s" for column in columns[:-1])
    sql = f"UPDATE {table} SET {sets} WHERE {columns[-1]} = %s"
    values = [
        [prepare(v) if prepare else v for prepare, v in zip(prepares, row, strict=True)]
        for row in rows
    ]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(sql, values)


def _columns(
    model: type[models.Model], names: Sequence[str]
) -> tuple[list[str], list[Prepare | None]]:
    """Quoted column names, and for each how a value is made ready for the driver, if at all."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    chosen = [fields[name] for name in names]
    quoted = [connection.ops.quote_name(str(field.column)) for field in chosen]
    return quoted, [_prepare(field) for field in chosen]


def _prepare(field: models.Field[Any, Any]) -> Prepare | None:
    target: models.Field[Any, Any] = field
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    if isinstance(target, models.JSONField):
        return json.dumps
    plain = models.CharField | models.BooleanField | models.IntegerField | models.BinaryField
    if isinstance(target, plain):
        return None
    if isinstance(target, models.UUIDField):
        if connection.features.has_native_uuid_field:
            return None
        return lambda value: None if value is None else value.hex
    if isinstance(target, models.DateField) and connection.vendor == "postgresql":
        return None
    # Dates and moments repeat: most rows of an import bear the same one.
    return lru_cache(maxsize=1_000)(partial(target.get_db_prep_save, connection=connection))

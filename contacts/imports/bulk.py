"""Many rows in one statement: COPY on PostgreSQL, a prepared INSERT or UPDATE on SQLite.

Django's querysets and bulk_create build an object, converters and a piece of SQL for every row
and value; an import of a district would spend its time there. Here values go between tuples and
the driver, with keys, dates and JSON as the text that the database itself writes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

from django.db import connection, models

Prepare = Callable[[Any], Any]
AT_ONCE = 2_000  # values in one IN (...)


def select(
    model: type[models.Model], names: Sequence[str], by: str, values: Iterable[Any], **also: Any
) -> Iterator[tuple[Any, ...]]:
    """The columns `names` of rows with one of the `values` in `by`, in the order of their keys.

    Keys, dates and JSON come as text; `also` are further columns that must be equal.
    """
    assert model._meta.pk is not None
    fields = _fields(model)
    chosen = ", ".join(_read(fields[name]) for name in names)
    sql = f"SELECT {chosen} FROM {_quoted(model._meta.db_table)} WHERE {_column(fields[by])} IN "
    rest = "".join(f" AND {_column(fields[name])} = %s" for name in also)
    rest += f" ORDER BY {_column(model._meta.pk)}"
    every = list(dict.fromkeys(values))
    with connection.cursor() as cursor:
        for start in range(0, len(every), AT_ONCE):
            some = every[start : start + AT_ONCE]
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(f"{sql}({marks}){rest}", [*some, *also.values()])
            yield from cursor.fetchall()


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Adds rows whose values stand in the order of `names` (a foreign key as `student_id`)."""
    fields = _fields(model)
    columns = ", ".join(_column(fields[name]) for name in names)
    table = _quoted(model._meta.db_table)
    values = _prepared([fields[name] for name in names], rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(names))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(values))


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Sets the columns `names` of rows; each row is the values and then the primary key."""
    assert model._meta.pk is not None
    fields = _fields(model)
    sets = ", ".join(f"{_column(fields[name])} = %s" for name in names)
    where = f"{_column(model._meta.pk)} = %s"
    values = list(_prepared([*(fields[name] for name in names), model._meta.pk], rows))
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {_quoted(model._meta.db_table)} SET {sets} WHERE {where}", values
            )


def tell_planner(*tables: type[models.Model]) -> None:
    """Has PostgreSQL look at tables that have just grown, before it is asked something large.

    It would do so by itself, but only after the transaction: until then it takes a table of a
    hundred thousand rows for an empty one, and walks it once a row.
    """
    if connection.vendor == "postgresql":
        names = ", ".join(_quoted(model._meta.db_table) for model in tables)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {names}")


def _fields(model: type[models.Model]) -> dict[str, Any]:
    """Concrete fields by column attribute, and the primary key as `pk` as well."""
    return {"pk": model._meta.pk} | {field.attname: field for field in model._meta.concrete_fields}


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _column(field: Any) -> str:
    return _quoted(field.column)


def _target(field: Any) -> Any:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def _read(field: Any) -> str:
    """A column as it is selected: what the driver would make an object of comes as its text."""
    made: tuple[type[Any], ...] = (models.DateField,)
    if connection.vendor == "postgresql":
        made += (models.UUIDField, models.JSONField)
    return f"CAST({_column(field)} AS text)" if isinstance(_target(field), made) else _column(field)


def _prepared(fields: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    prepares = [_prepare(field) for field in fields]
    for row in rows:
        yield [prepare(v) if prepare else v for prepare, v in zip(prepares, row, strict=True)]


def _prepare(field: Any) -> Prepare | None:
    """How a value is made ready for the driver, if it has to be."""
    target = _target(field)
    if isinstance(target, models.JSONField):
        return lambda value: "[]" if value == [] else json.dumps(value)  # most are empty
    if not isinstance(target, models.DateTimeField):
        return None
    # Moments repeat: most rows of an import bear the same one.
    return lru_cache(maxsize=1_000)(partial(target.get_db_prep_save, connection=connection))

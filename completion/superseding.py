"""Which file has the newest word on a school, cycle and date."""

from __future__ import annotations

from django.db import connection

from completion.models import SourceFile

# Driven by the file's own rows, each of which finds the others by their key: however many
# snapshots there are, a file costs what it holds.
_BESIDE = """
    FROM completion_snapshot mine
    {join} JOIN completion_snapshot other
      ON other.school_id = mine.school_id AND other.cycle_id = mine.cycle_id
      AND other.as_of = mine.as_of AND other.source_id <> mine.source_id AND NOT other.superseded
    {join} JOIN completion_sourcefile its ON its.id = other.source_id
    WHERE mine.source_id = %s
"""
_ALL, _MET = _BESIDE.format(join="LEFT"), _BESIDE.format(join="INNER")
_CHANGED = f"""
    SELECT DISTINCT mine.cycle_id {_ALL}
    AND (other.id IS NULL OR (its.as_of <= %s AND (
      mine.submitted <> other.submitted OR mine.submitted_hidden <> other.submitted_hidden
      OR mine.completed <> other.completed OR mine.completed_hidden <> other.completed_hidden
      OR its.kind <> %s)))
"""
_MINE_IS_OLD = f"""
    UPDATE completion_snapshot SET superseded = TRUE
    WHERE id IN (SELECT mine.id {_MET} AND its.as_of > %s)
"""
_OTHERS_ARE_OLD = f"""
    UPDATE completion_snapshot SET superseded = TRUE
    WHERE id IN (SELECT other.id {_MET} AND its.as_of <= %s AND NOT mine.superseded)
"""


def settle(source: SourceFile) -> set[str]:
    """Marks the older word on what a file speaks of, which may be its own if it comes late;
    returns the cycles in which a figure is another now."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [source.pk, source.as_of, source.kind])
        changed = {cycle for (cycle,) in cursor.fetchall()}
        cursor.execute(_MINE_IS_OLD, [source.pk, source.as_of])
        cursor.execute(_OTHERS_ARE_OLD, [source.pk, source.as_of])
    return changed

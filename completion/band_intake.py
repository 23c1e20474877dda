"""District bands of a federal file, kept with it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from completion.models import DistrictBand, SourceFile
from completion.readers import Band, read
from schools.models import Cycle


def store(source: SourceFile, bands: Iterable[Band]) -> None:
    """Keeps a file's bands; their cycles are there."""
    DistrictBand.objects.bulk_create((_band(source, b) for b in bands), batch_size=1000)


def districts(bands: Iterable[Band]) -> int:
    """How many districts have a band in the file."""
    return len({band.leaid for band in bands if band.low is not None})


@transaction.atomic
def catch_up(source: SourceFile, content: bytes, *, state: str, cycle: str) -> None:
    """Stores the bands of a file of which so far only the schools were kept."""
    reading = read(content, cycle=cycle)
    bands = (reading.only_state(state) if state else reading).bands
    for name in {band.cycle for band in bands}:
        Cycle.objects.get_or_create(name=name)
    store(source, bands)
    source.summary["bands"] = districts(bands)
    source.save(update_fields=["summary"])


def _band(source: SourceFile, band: Band) -> DistrictBand:
    return DistrictBand(
        source=source,
        leaid=band.leaid,
        name=band.name[:160],
        cycle_id=band.cycle,
        as_of=band.as_of,
        low=band.low,
        high=band.high,
        row=band.line,
    )

"""Reference data of a state, from plain files: one folder a state under `schools/data/`."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from django.db import models, transaction

from schools.models import County, Cycle, District, Enrolment, Region, School, State
from schools.names import readable_name
from schools.signals import reference_loaded

DATA = Path(__file__).parent / "data"


class NoReferenceData(Exception):
    """There is no folder for this state."""


@cache
def known_states() -> dict[str, tuple[str, str]]:
    """Name and time zone of each state and territory, by postal code."""
    return {row["code"]: (row["name"], row["time_zone"]) for row in _rows(DATA / "states.csv")}


def shipped_states() -> list[str]:
    """The states with a folder of reference data."""
    return sorted(path.name.upper() for path in DATA.iterdir() if path.is_dir())


def load(code: str) -> Counter[str]:
    """Loads or refreshes one state, in one transaction; again changes nothing.

    Returns counts of created, updated and unchanged rows. What a person set stays: a district's
    region, an enrolment typed in, a school left out of rates. Raises NoReferenceData.
    """
    folder = DATA / code.lower()
    if code not in known_states() or not folder.is_dir():
        raise NoReferenceData(f"There is no reference data for “{code}” in {DATA.name}/.")
    counts: Counter[str] = Counter()
    with transaction.atomic():
        counts += load_cycles()
        name, zone = known_states()[code]
        counts += _upsert(State, "code", {code: {"name": name, "time_zone": zone}})
        counts += _load_regions(code, folder)
        counties = {
            row["fips"]: {"name": row["name"], "state_id": code}
            for row in _rows(folder / "counties.csv")
        }
        counts += _upsert(County, "fips", counties)
        counts += _load_districts(code, folder)
        counts += _load_schools(code, folder)
        counts += _load_enrolments(folder)
        reference_loaded.send(load, state=code)
    return counts


def load_cycles() -> Counter[str]:
    """Award years and when they opened."""
    entries = tomllib.loads((DATA / "cycles.toml").read_text(encoding="utf-8"))["cycle"]
    wanted = {
        entry["name"]: {
            "opened_on": entry.get("opened_on"),
            "note": entry.get("note", ""),
            "source": entry["source"],
        }
        for entry in entries
    }
    return _upsert(Cycle, "name", wanted)


def _load_regions(code: str, folder: Path) -> Counter[str]:
    wanted = {
        row["code"]: {
            "name": row["name"],
            "state_id": code,
            "inferred": bool(row["inferred"]),
            "note": row["note"],
            "source": row["source"],
        }
        for row in _rows(folder / "regions.csv")
    }
    return _upsert(Region, "code", wanted)


def _load_districts(code: str, folder: Path) -> Counter[str]:
    regions = dict(Region.objects.filter(state=code).values_list("code", "pk"))
    edited = set(District.objects.filter(region_edited=True).values_list("nces_id", flat=True))
    wanted: dict[str, dict[str, Any]] = {}
    for row in _rows(folder / "districts.csv"):
        wanted[row["nces_id"]] = {
            "state_code": row["state_code"],
            "name": readable_name(row["name"]),
            "state_id": code,
            "county_id": row["county"] or None,
        }
        if row["nces_id"] not in edited:
            wanted[row["nces_id"]] |= {
                "region_id": regions.get(row["region"]),
                "region_inferred": bool(row["region_inferred"]),
            }
    return _upsert(District, "nces_id", wanted)


def _load_schools(code: str, folder: Path) -> Counter[str]:
    districts = dict(District.objects.filter(state=code).values_list("nces_id", "pk"))
    wanted: dict[str, dict[str, Any]] = {}
    for row in _rows(folder / "schools.csv"):
        wanted[row["nces_id"]] = {
            "state_code": row["state_code"],
            "name": readable_name(row["name"]),
            "state_id": code,
            "district_id": districts.get(row["district"]),
            "county_id": row["county"] or None,
            "kind": row["kind"],
            "low_grade": row["low_grade"],
            "high_grade": row["high_grade"],
            "charter": bool(row["charter"]),
            "low_income_percent": int(row["low_income_percent"])
            if row.get("low_income_percent")
            else None,
        }
        if row["city"]:  # a completion file may know the city where these files do not
            wanted[row["nces_id"]]["city"] = row["city"]
    return _upsert(School, "nces_id", wanted)


def _load_enrolments(folder: Path) -> Counter[str]:
    rows = list(_rows(folder / "enrolments.csv"))
    schools = dict(School.objects.values_list("nces_id", "pk"))
    source = f"{folder.name.upper()} reference data"
    there = {
        (enrolment.school_id, enrolment.school_year): enrolment
        for enrolment in Enrolment.objects.filter(
            school__nces_id__in={row["nces_id"] for row in rows}
        )
    }
    fresh, changed = [], []
    for row in rows:
        seniors = int(float(row["grade12"])) if row["grade12"] else None
        suppressed = bool(row["suppressed"])
        key = (schools[row["nces_id"]], row["school_year"])
        found = there.get(key)
        if found is None:
            fresh.append(
                Enrolment(
                    school_id=key[0],
                    school_year=key[1],
                    grade12=seniors,
                    suppressed=suppressed,
                    source=source,
                )
            )
        elif found.source == source and (found.grade12, found.suppressed) != (seniors, suppressed):
            found.grade12, found.suppressed = seniors, suppressed
            changed.append(found)
    Enrolment.objects.bulk_create(fresh, batch_size=500)
    Enrolment.objects.bulk_update(changed, ["grade12", "suppressed"], batch_size=500)
    return Counter(
        created=len(fresh), updated=len(changed), unchanged=len(rows) - len(fresh) - len(changed)
    )


def _upsert(model: type[models.Model], key: str, wanted: dict[str, dict[str, Any]]) -> Counter[str]:
    """Creates what is missing and updates what differs, in a fixed number of statements."""
    manager = model._default_manager
    there = {
        getattr(row, key): row
        for start in range(0, len(wanted), 500)
        for row in manager.filter(**{f"{key}__in": list(wanted)[start : start + 500]})
    }
    fresh, changed, columns = [], [], set()
    for name, values in wanted.items():
        row = there.get(name)
        if row is None:
            fresh.append(model(**{key: name}, **values))
            continue
        differing = {column for column, value in values.items() if getattr(row, column) != value}
        if differing:
            for column in differing:
                setattr(row, column, values[column])
            columns |= differing
            changed.append(row)
    manager.bulk_create(fresh, batch_size=500)
    if changed:
        manager.bulk_update(
            changed, [column.removesuffix("_id") for column in sorted(columns)], batch_size=500
        )
    return Counter(
        created=len(fresh), updated=len(changed), unchanged=len(wanted) - len(fresh) - len(changed)
    )


def _rows(path: Path) -> Iterable[dict[str, str]]:
    """A file's rows; a state without such a file has none."""
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)

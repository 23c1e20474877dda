"""Every real file, against totals computed straight from its cells by other means."""

import json
from collections import Counter, defaultdict
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Sum
from python_calamine import CalamineWorkbook

from completion import standing
from completion.models import DistrictBand, Snapshot, SourceFile
from completion.standing import GroupStanding
from schools.models import District, School, State
from tests.completion.conftest import FLORIDA, WYOMING, bring

pytestmark = pytest.mark.django_db

NEWEST_SHEET = {WYOMING: "WY 2025-26 Cycle"}


def raw_rows(path: Path, sheet: str = "") -> list[list[str]]:
    """The sheet's data rows, stripped: no code of ours."""
    book = CalamineWorkbook.from_path(str(path))
    name = sheet or NEWEST_SHEET.get(path, "FL School Level Data")
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)[4:]
    return [[str(cell).strip() for cell in row] for row in rows]


def run(path: Path, *options: str) -> dict[str, object]:
    out = StringIO()
    call_command("import_completion", str(path), "--json", *options, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("path", [*FLORIDA, WYOMING], ids=lambda path: path.stem)
def test_the_report_and_the_snapshots_agree_with_the_raw_cells(path: Path) -> None:
    raw = raw_rows(path)
    pair = [(row[4], row[5]) for row in raw]
    report = run(path)
    assert report["rows"] == len(raw)
    assert report["schools"] == report["created_schools"] == len({row[0] for row in raw})
    assert report["unmatched"] == 0
    assert report["suppressed_cells"] == sum(cell == "<5" for cells in pair for cell in cells)
    assert report["sum_submitted"] == sum(int(s) for s, _c in pair if s != "<5")
    assert report["sum_completed"] == sum(int(c) for _s, c in pair if c != "<5")
    assert (report["cycle"], report["as_of"]) == (
        ("2025-26", "2024-12-13") if path == WYOMING else ("2024-25", path.stem[3:])
    )
    # Every pair of columns is stored whole.
    sheet = "WY School Level Data" if path == WYOMING else ""
    raw = raw_rows(path, sheet)
    day = (
        ["2024-12-13", "2023-12-13"] if path == WYOMING else [path.stem[3:], "2023" + path.stem[7:]]
    )
    pairs = [("2024-25", day[0]), ("2023-24", day[1])]
    pairs += [("2023-24", "2023-06-30"), ("2023-24", "2023-12-31")]
    for index, (cycle, as_of) in enumerate(pairs):
        stored = Snapshot.objects.filter(cycle=cycle, as_of=as_of).aggregate(
            submitted=Sum("submitted"),
            completed=Sum("completed"),
            hidden=Sum("submitted_hidden") + Sum("completed_hidden"),
        )
        cells = [row[4 + 2 * index] for row in raw], [row[5 + 2 * index] for row in raw]
        assert stored["submitted"] == sum(int(cell) for cell in cells[0] if cell != "<5")
        assert stored["completed"] == sum(int(cell) for cell in cells[1] if cell != "<5")
        assert stored["hidden"] == sum(cell == "<5" for cell in cells[0] + cells[1])


@pytest.mark.parametrize("path", [*FLORIDA, WYOMING], ids=lambda path: path.stem)
def test_each_districts_and_the_states_totals_are_those_of_the_raw_cells(path: Path) -> None:
    """A public school's code begins with its district's, also where only Federal Student Aid knows
    it (1201590F0011); the others have no district here."""
    code = path.stem[:2]
    state = State.objects.create(code=code, name=code, time_zone="America/Denver")
    leaids = {row[0]: row[1] for row in raw_rows(path, f"{code} District Level Data")}
    for leaid, name in leaids.items():
        District.objects.create(nces_id=leaid, name=name[:120], state=state)
    run(path)
    cycle, day = ("2025-26", "2024-12-13") if path == WYOMING else ("2024-25", path.stem[3:])
    raw: dict[str, Counter[str]] = defaultdict(Counter)
    for row in raw_rows(path):
        for place in {"", row[0][:7] if row[0][:7] in leaids else "private"}:
            for name, cell in zip(("submitted", "completed"), row[4:6], strict=True):
                raw[place][name] += 0 if cell == "<5" else int(cell)
                raw[place][f"{name}_hidden"] += cell == "<5"
    names = ("submitted", "completed", "submitted_hidden", "completed_hidden")
    stored = Snapshot.objects.filter(cycle=cycle, as_of=day).order_by()
    by_district = {
        leaid or "private": dict(zip(names, sums, strict=True))
        for leaid, *sums in stored.values_list("school__district__nces_id").annotate(
            *(Sum(name) for name in names)
        )
    }
    by_district[""] = stored.aggregate(**{name: Sum(name, default=0) for name in names})
    assert by_district == {place: dict(sums) for place, sums in raw.items()}
    # And what the pages tell of each place holds what its cells allow.
    standings = standing.of_schools(School.objects.filter(state=state), cycle)
    places = {"": GroupStanding(standings, 0)} | {
        leaid: GroupStanding([s for s in standings if s.school.district_id == pk])
        for pk, leaid in District.objects.filter(state=state).values_list("pk", "nces_id")
        if leaid in raw
    }
    for place, group in places.items():
        assert group.latest and group.latest.as_of.isoformat() == day
        for name in ("submitted", "completed"):
            told, cells = getattr(group.latest, name), raw[place]
            assert told.low <= cells[name]
            assert told.high >= cells[name] + 4 * cells[f"{name}_hidden"]
    assert len(places) == len(raw) - ("private" in raw)


def test_schools_with_a_repeated_code_are_added_up_and_their_rows_kept() -> None:
    bring(FLORIDA[0])
    raw = raw_rows(FLORIDA[0])
    repeated = [code for code, times in Counter(row[0] for row in raw).items() if times > 1]
    assert repeated
    for code in repeated:
        rows = [row for row in raw if row[0] == code]
        snapshot = Snapshot.objects.get(school__nces_id=code, as_of="2024-03-08")
        assert snapshot.submitted == sum(int(r[4]) for r in rows if r[4] != "<5")
        assert snapshot.submitted_hidden == sum(r[4] == "<5" for r in rows)
        assert [row["city"] for row in snapshot.rows] == [row[2] for row in rows]


def test_counts_that_fall_stay_as_published() -> None:
    for path in FLORIDA[:2]:
        bring(path)
    first, second = (
        dict(
            Snapshot.objects.filter(as_of=path.stem[3:], submitted_hidden=0).values_list(
                "school", "submitted"
            )
        )
        for path in FLORIDA[:2]
    )
    fallen = [school for school, count in second.items() if count < first.get(school, 0)]
    assert len(fallen) == 26


def test_the_same_file_twice_changes_nothing() -> None:
    run(WYOMING)
    before = (Snapshot.objects.count(), SourceFile.objects.count(), School.objects.count())
    again = run(WYOMING)
    assert (Snapshot.objects.count(), SourceFile.objects.count(), School.objects.count()) == before
    assert again["created_schools"] == 0
    assert "imported before" in again["problems"][-1]["message"]  # type: ignore[index]


def test_the_newest_file_speaks_for_a_date_whichever_was_imported_last() -> None:
    for path in (FLORIDA[4], FLORIDA[0]):
        bring(path)
    newest = Snapshot.objects.newest().filter(as_of="2023-06-30")
    assert set(newest.values_list("source__name", flat=True)) == {FLORIDA[4].name, FLORIDA[0].name}
    spoken_for = newest.filter(source__name=FLORIDA[0].name)
    assert spoken_for.count() == 1  # the one school that the later file no longer lists
    assert Snapshot.objects.newest().values("school", "cycle", "as_of").distinct().count() == (
        Snapshot.objects.newest().count()
    )


def test_three_cycles_on_two_sheets_are_told_apart_by_their_words() -> None:
    report = run(WYOMING)
    cycles = set(Snapshot.objects.values_list("cycle", flat=True))
    assert cycles == {"2025-26", "2024-25", "2023-24"}
    [problem] = report["problems"]  # type: ignore[misc]
    assert problem["value"] == "Week 429"
    broken = Snapshot.objects.filter(cycle="2024-25", as_of="2023-12-13")
    assert broken.count() == 87
    assert not broken.exclude(submitted_hidden=1).exists()


def test_a_new_school_finds_its_district_and_gets_a_readable_name() -> None:
    state = State.objects.create(code="FL", name="Florida", time_zone="America/New_York")
    bay, polk = (
        District.objects.create(nces_id=leaid, name=leaid, state=state)
        for leaid in ("1200090", "1201590")
    )
    bring(FLORIDA[0])
    school = School.objects.get(nces_id="120009000067")
    assert (school.name, school.city) == ("A. Crawford Mosley High School", "Lynn Haven")
    assert school.district == bay
    assert School.objects.get(nces_id="1201590F0011").district == polk
    assert School.objects.get(nces_id="A0700418").district is None


def test_only_one_state_of_a_file_can_be_asked_for() -> None:
    with pytest.raises(Exception, match="refused"):
        run(WYOMING, "--state", "FL")
    assert not SourceFile.objects.exists()
    assert run(WYOMING, "--state", "wy")["rows"] == 87


@pytest.mark.parametrize("path", [FLORIDA[3], WYOMING], ids=lambda path: path.stem)
def test_every_districts_band_is_stored_as_the_sheet_prints_it(path: Path) -> None:
    run(path)
    raw = raw_rows(path, f"{path.stem[:2]} District Level Data")
    newest = max(DistrictBand.objects.values_list("as_of", flat=True))
    stored = {b.leaid: b for b in DistrictBand.objects.filter(as_of=newest)}
    assert len(stored) == len(raw) > 40
    assert DistrictBand.objects.count() == 4 * len(raw)
    for line, (leaid, _name, _state, printed, *_rest) in enumerate(raw, start=5):
        band = stored[leaid]
        said = {0: f"<{(band.high or 0) + 1}", None: "Missing/Insufficient Data"}.get(
            band.low, f">={band.low}" if band.high == 100 else f"{band.low}-{band.high}"
        )
        assert (said, band.row) == (printed, line)


def test_a_file_read_before_bands_were_kept_gives_them_when_it_is_read_again() -> None:
    run(WYOMING)
    stored = list(DistrictBand.objects.order_by("pk").values_list("leaid", "as_of", "low", "high"))
    source = SourceFile.objects.get()
    counted = source.summary.pop("bands")
    source.save()
    DistrictBand.objects.all().delete()
    snapshots = Snapshot.objects.count()
    for _time in range(2):
        assert "changed" in str(run(WYOMING)["problems"])
        bands = DistrictBand.objects.order_by("pk")
        assert list(bands.values_list("leaid", "as_of", "low", "high")) == stored
    assert SourceFile.objects.get().summary["bands"] == counted > 0
    assert Snapshot.objects.count() == snapshots

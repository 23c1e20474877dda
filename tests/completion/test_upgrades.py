"""What an upgrade mends of what an older version stored."""

from importlib import import_module
from types import ModuleType

import pytest
from django.apps import apps
from django.utils import timezone

from completion.models import Reckoning, SourceFile, Watched
from schools.models import Cycle, District, School, State

pytestmark = pytest.mark.django_db


def migration(name: str) -> ModuleType:
    return import_module(f"completion.migrations.{name}")


@pytest.mark.parametrize("summary", [{"rows": 3}, {"rows": 3, "bands": 2}])
def test_fetched_files_without_their_bands_are_looked_at_once_more(
    summary: dict[str, int],
) -> None:
    cycle = Cycle.objects.create(name="2024-25")
    SourceFile.objects.create(
        name="FL.xls", sha256="a", as_of="2024-03-08", cycle=cycle, summary=summary
    )
    Watched.objects.create(
        address="https://a.example/FL.xls", mark="etag 1", looked_at=timezone.now()
    )
    migration("0014_look_again_for_bands").look_again(apps, None)
    assert Watched.objects.get().mark == ("etag 1" if "bands" in summary else "")


def test_a_school_that_only_the_federal_file_knows_is_given_its_district(washington: State) -> None:
    district = District.objects.create(nces_id="5300010", name="Cedar", state=washington)
    for code in ("5300010F0011", "5399999F0001", "53FN00632"):
        School.objects.create(nces_id=code, name=code, state=washington)
    cycle = Cycle.objects.create(name="2024-25")
    Reckoning.objects.create(state=washington, cycle=cycle, asked=3, made=3)
    migration("0016_districts_of_federal_codes").find_districts(apps, None)
    placed = School.objects.filter(district__isnull=False)
    assert [(s.nces_id, s.district) for s in placed] == [("5300010F0011", district)]
    assert Reckoning.objects.get().asked == 4

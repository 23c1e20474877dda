"""What runs by itself, and when."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils.module_loading import import_string
from django_q.models import Schedule

from campaigns import tasks
from schools import nights

NOON = dt.datetime(2025, 11, 20, 20, tzinfo=dt.UTC)  # a Thursday, by Seattle's clock


def test_a_nights_job_runs_at_the_next_such_hour() -> None:
    job = nights.Job("a", "b", dt.time(2, 30))
    assert job.next_after(NOON) == dt.datetime(2025, 11, 21, 10, 30, tzinfo=dt.UTC)
    early = dt.datetime(2025, 11, 20, 9, tzinfo=dt.UTC)
    assert job.next_after(early) == dt.datetime(2025, 11, 20, 10, 30, tzinfo=dt.UTC)


def test_a_weeks_job_waits_for_its_day() -> None:
    job = nights.Job("a", "b", dt.time(7), weekday=0)
    assert job.next_after(NOON) == dt.datetime(2025, 11, 24, 15, tzinfo=dt.UTC)


def test_the_night_when_the_clocks_change_has_its_run_too() -> None:
    job = nights.Job("a", "b", dt.time(2, 30))  # an hour that 8 March 2026 does not have
    eve = dt.datetime(2026, 3, 8, 8, tzinfo=dt.UTC)
    first = job.next_after(eve)
    assert dt.timedelta(0) < first - eve < dt.timedelta(hours=4)
    assert job.next_after(first) - first < dt.timedelta(hours=25)


@pytest.mark.django_db
def test_each_room_enters_work_that_exists_and_all_of_it_is_planned_once() -> None:
    tasks.schedule()
    tasks.schedule()
    planned = dict(Schedule.objects.values_list("name", "func"))
    assert {"tick", "rosters", "retention", "completion files"} <= planned.keys()
    assert all(callable(import_string(task)) for task in planned.values())
    assert Schedule.objects.count() == len(planned)

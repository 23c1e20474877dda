"""Workers that are killed all the time, in small; `python -m tests.sending.chaos` is the whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as django_settings
from psycopg import sql

from tests.sending import chaos


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A database of its own, on the server that the tests run on."""
    if "postgresql" not in django_settings.DATABASES["default"]["ENGINE"]:
        yield f"sqlite:///{tmp_path / 'chaos.sqlite3'}"
        return
    server, _slash, name = os.environ["DATABASE_URL"].rpartition("/")
    own = f"{name}_chaos"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(own))
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(own)))
        yield f"{server}/{own}"
        connection.execute(drop)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds processes in /proc")
@pytest.mark.xdist_group("workers")
def test_each_family_hears_exactly_once_whatever_is_killed(url: str) -> None:
    report = chaos.run(url, recipients=600, kills=4, seed=1)
    assert (report.heard, report.twice) == (600, 0)
    assert report.states == {"sent": 600}  # none lost, none left uncertain
    assert len(report.kills) == 4
    assert report.campaign == "finished"
    assert report.requests > 600  # the faults were there

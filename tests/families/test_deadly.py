"""What a family sent can end the process that takes it in: no worker dies of it for ever."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from campaigns.inbox import inbound
from campaigns.models import Inbound, Reply
from contacts.crypto import blind_index
from contacts.models import Channel
from tests.families import deadly


@contextmanager
def shared_with_others(file: Path) -> Iterator[str]:
    """The address of the test's database for other processes; SQLite's lives in this one alone, so
    they get a copy in a file, and it is taken back."""
    if connection.vendor == "postgresql":
        name = connection.settings_dict["NAME"]
        yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        return
    connection.ensure_connection()
    with sqlite3.connect(file) as copy:
        connection.connection.backup(copy)
        yield f"sqlite:///{file}"
        copy.backup(connection.connection)


@pytest.mark.django_db(transaction=True)
def test_a_text_that_kills_every_worker_is_left_to_a_person_after_some_tries(
    tmp_path: Path,
) -> None:
    with shared_with_others(tmp_path / "shared.sqlite3") as url:
        told = subprocess.run(
            [sys.executable, deadly.__file__],
            env={**os.environ, "DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=True,
        )
    kept, *ended = map(int, told.stdout.split())
    assert (kept, ended) == (0, [signal.SIGKILL] * inbound.TRIES + [0, 0])
    [left] = Inbound.objects.all()
    assert left.address_index == blind_index(Channel.SMS, deadly.DEADLY)
    assert left.set_aside_at
    [taken] = Reply.objects.all()
    assert taken.sender == deadly.HARMLESS

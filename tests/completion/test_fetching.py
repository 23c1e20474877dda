"""Completion files that come by themselves: from a local web server, and from a folder."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from completion import fetching
from completion.models import Snapshot, SourceFile, Watched
from schools.models import User
from tests.completion.conftest import FLORIDA, WYOMING

pytestmark = pytest.mark.django_db
NOW = timezone.now() + dt.timedelta(hours=1)  # every file here has settled by then


class Site:
    """A web server that publishes one file at a time and knows ETags."""

    def __init__(self) -> None:
        self.content, self.etag, self.status = WYOMING.read_bytes(), '"week-1"', 200
        self.asked: list[str | None] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.headers["If-None-Match"])
                known = self.headers["If-None-Match"] == site.etag
                self.send_response(304 if known else site.status)
                if not known:
                    self.send_header("ETag", site.etag)
                    self.send_header("Content-Length", str(len(site.content)))
                self.end_headers()
                if not known:
                    self.wfile.write(site.content)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/files/WY%20Class.xls"


@pytest.fixture
def site(settings: Any) -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, daemon=True)
    thread.start()
    settings.COMPLETION_URLS = [site.url]
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.COMPLETION_FOLDER = str(tmp_path)
    return tmp_path


def test_the_default_install_fetches_nothing() -> None:
    assert fetching.addresses() == []
    assert fetching.look(now=NOW) == {}


def test_an_address_is_read_once_and_again_when_it_changes(site: Site) -> None:
    assert fetching.look(now=NOW) == {"new": 1}
    assert SourceFile.objects.get().name == "WY Class.xls"
    assert Snapshot.objects.filter(as_of="2024-12-13").exists()
    assert fetching.look(now=NOW) == {"unchanged": 1}
    site.content, site.etag = FLORIDA[0].read_bytes(), '"week-2"'
    assert fetching.look(now=NOW) == {"new": 1}
    assert site.asked == [None, '"week-1"', '"week-1"']


def test_an_error_changes_nothing_and_is_told_until_it_ends(site: Site, admin: User) -> None:
    site.status, site.content = 503, b"busy"
    assert fetching.look(now=NOW) == {"refused": 1}
    assert Watched.objects.get().problem == "The address answers with error 503."
    client = Client()
    client.force_login(admin)
    assert "error 503" in client.get(reverse("completion-import")).content.decode()
    site.status, site.content = 200, WYOMING.read_bytes()
    assert fetching.look(now=NOW) == {"new": 1}
    assert Watched.objects.get().problem == ""


def test_a_file_that_is_none_is_refused_and_asked_for_again(site: Site) -> None:
    site.content = b"<html>We have moved.</html>"
    assert fetching.look(now=NOW) == {"refused": 1}
    assert not SourceFile.objects.exists()
    assert "not a completion file" in Watched.objects.get().problem
    with pytest.raises(CommandError, match="Not every file"):
        call_command("fetch_completion")
    assert site.asked == [None, None]


def test_an_address_that_sends_without_end_is_cut_off(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 100_000)
    assert fetching.look(now=NOW) == {"refused": 1}
    assert "far more" in Watched.objects.get().problem


def test_nobody_at_the_address_is_told_in_words(site: Site) -> None:
    site.server.server_close()
    site.server.socket.close()
    assert fetching.look(now=NOW) == {"refused": 1}
    assert "does not answer" in Watched.objects.get().problem


def test_new_files_in_the_folder_are_read_and_others_left_alone(folder: Path) -> None:
    shutil.copy(WYOMING, folder)
    (folder / "notes.txt").write_text("not ours")
    (folder / ".hidden.csv").write_text("being synchronised")
    assert fetching.look(now=NOW) == {"new": 1}
    assert fetching.look(now=NOW) == {"unchanged": 1}
    shutil.copy(WYOMING, folder / "again.xls")  # the same bytes by another name
    assert fetching.look(now=NOW) == {"unchanged": 1, "known": 1}
    assert SourceFile.objects.count() == 1


def test_a_file_that_is_still_being_written_waits(folder: Path) -> None:
    path = folder / WYOMING.name
    shutil.copy(WYOMING, path)
    os.utime(path)
    assert fetching.look(now=timezone.now()) == {}
    assert fetching.look(now=NOW) == {"new": 1}


def test_a_bad_file_in_the_folder_does_not_hold_up_the_others(folder: Path) -> None:
    (folder / "a-broken.xls").write_bytes(b"\xd0\xcf\x11\xe0 cut short")
    shutil.copy(WYOMING, folder / "b-good.xls")
    assert fetching.look(now=NOW) == {"refused": 1, "new": 1}

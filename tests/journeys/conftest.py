"""A real Chromium against a live server. Skipped where there is none; required in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

# Playwright's own loop makes Django believe that it is called from asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The installed browser, if any."""
    return next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        _cannot_go("The journeys need a Chromium: apt-get install chromium")
    try:
        playwright = sync_playwright().start()
    except Exception:
        _cannot_go("Playwright's driver does not run; on Debian: apt-get install libatomic1")
    running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
    yield running
    running.close()
    playwright.stop()


def _cannot_go(why: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    fresh = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    fresh.set_default_timeout(15_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page whose own errors (scripts, refused content) fail the test that meets them."""
    return context.new_page()


@pytest.fixture
def families_file(tmp_path: Path) -> Path:
    """A small class: two schools' worth of quirks is the importer's test, not the journey's."""
    path = tmp_path / "seniors.csv"
    path.write_text(
        "Student_Number,First_Name,Last_Name,Grade_Level,SchoolID,PL_Language,"
        "Guardian 1 First Name,Guardian 1 Last Name,Guardian 1 Cell Phone,Guardian 1 Email\n"
        "7001,Ana,Flores,12,990001000001,Spanish,Marisol,Flores,206-555-0141,m.flores@example.org\n"
        "7002,Owen,Reed,12,990001000001,English,Grace,Reed,253-555-0142,\n"
        "7003,Linh,Trần,12,990001000001,Vietnamese,Minh,Trần,,minh.tran@example.org\n",
        encoding="utf-8",
    )
    return path

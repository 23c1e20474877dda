#!/usr/bin/env python
"""Takes the README's pictures from a running demonstration (`make run`) with an own Chromium.

.venv/bin/python docs/make_pictures.py [http://localhost:8000]
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).with_name("pictures")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def sign_in(page: Page, url: str, key: str) -> None:
    """One click on the sign-in page of the demonstration."""
    page.context.clear_cookies()
    page.goto(f"{url}/account/login/")
    page.locator(f"form[action*='{key}'] button").click()
    page.wait_for_load_state()


def take(page: Page, name: str, height: int = 900) -> None:
    page.set_viewport_size({"width": 1280, "height": height})
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")


def main(url: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    path = next(filter(None, map(shutil.which, CHROMIUMS)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        sign_in(page, url, "counselor")
        page.goto(f"{url}/campaigns/")
        page.get_by_role("link", name="The forms are open").first.click()
        take(page, "campaign")
        page.goto(f"{url}/campaigns/")
        page.get_by_role("link", name="Accounts and consent").first.click()
        take(page, "review", 1000)
        page.goto(f"{url}/inbox/")
        take(page, "inbox")
        sign_in(page, url, "coordinator")
        page.goto(f"{url}/completion/regions/made-up-network/")
        take(page, "region", 1100)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://localhost:8000")

"""What a person does with a browser: sign in, look closely, read."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from schools.models import User

GRAVE = {"serious", "critical"}
# A colour half-way to another is nobody's.
SETTLED = """() => Promise.all(
    document.getAnimations().filter(a => a instanceof CSSTransition).map(a => a.finished)
)"""


def sign_in(context: BrowserContext, live_server: LiveServer, user: User) -> None:
    """Carries a signed-in session into the browser; the sign-in page has a test of its own."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.clear_cookies()
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )


def grave_faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical on this page, one line each."""
    return _grave(page, None)


def faint_in_the_dark(page: Page) -> list[str]:
    """Words that are hard to read where the reader's system is dark, one line each."""
    page.emulate_media(color_scheme="dark")
    page.evaluate(SETTLED)
    found = _grave(page, {"runOnly": ["color-contrast"]})
    page.emulate_media(color_scheme="light")
    return found


def _grave(page: Page, options: dict[str, list[str]] | None) -> list[str]:
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:160]}"
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]


def scrolls_sideways(page: Page) -> bool:
    """True if the page is wider than its window."""
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
        )
    )

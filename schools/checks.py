"""Every setting that can be wrong, with the mend: for `manage.py doctor` and the settings page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

KEPT = settings.VAR  # secrets that were made up for development


@dataclass(frozen=True)
class Finding:
    """One thing looked at: fine, or what is wrong and how to mend it."""

    name: str
    ok: bool
    mend: str = ""
    serious: bool = True


Check = Callable[[], Iterator[Finding]]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    """Adds a check; rooms above add their own when they are loaded."""
    CHECKS.append(function)
    return function


def run() -> list[Finding]:
    """Looks at everything; what is wrong and serious comes first."""
    found = [finding for each in CHECKS for finding in each()]
    return sorted(found, key=lambda finding: (finding.ok, not finding.serious))


def _live() -> bool:
    return settings.TRANSPORT == "live"


@check
def secrets() -> Iterator[Finding]:
    from_var = [
        name
        for name, file in (("SECRET_KEY", "secret_key"), ("FIELD_KEYS", "field_key"))
        if (KEPT / file).exists() and (KEPT / file).read_text() in str(getattr(settings, name))
    ]
    for name in ("SECRET_KEY", "FIELD_KEYS"):
        yield Finding(
            name,
            not _live() or name not in from_var,
            _("Comes from var/: set it in the environment and keep a copy somewhere safe."),
        )


@check
def addresses() -> Iterator[Finding]:
    yield Finding("DEBUG", not (settings.DEBUG and _live()), _("Turn it off on a live install."))
    yield Finding(
        "PUBLIC_URL",
        not _live() or settings.PUBLIC_URL.startswith("https://"),
        _("Families’ links and webhooks need the public https:// address."),
    )
    host = settings.PUBLIC_URL.split("://")[-1].split("/")[0].split(":")[0]
    yield Finding(
        "ALLOWED_HOSTS",
        host in settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS,
        _("Add the host name of PUBLIC_URL: %(host)s.") % {"host": host},
    )
    yield Finding(
        "DEMO",
        not (settings.DEMO and _live()),
        _("One-click sign-ins on a live install: unset it."),
    )


@check
def transports() -> Iterator[Finding]:
    yield Finding(
        "TRANSPORT",
        settings.TRANSPORT in ("sandbox", "live"),
        _("Either “sandbox” or “live”."),
    )
    if not _live():
        return
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        yield Finding(name, bool(getattr(settings, name)), _("Copy it from Twilio’s console."))
    yield Finding(
        "TWILIO_MESSAGING_SERVICE_SID",
        bool(settings.TWILIO_MESSAGING_SERVICE_SID or settings.TWILIO_FROM),
        _("Set the messaging service, or a number in TWILIO_FROM."),
    )
    if not settings.EMAIL_URL:
        yield Finding(
            "SENDGRID_API_KEY",
            bool(settings.SENDGRID_API_KEY),
            _("Set SendGrid’s key, or a mail server in EMAIL_URL."),
        )
        yield Finding(
            "SENDGRID_WEBHOOK_PUBLIC_KEY",
            bool(settings.SENDGRID_WEBHOOK_PUBLIC_KEY),
            _("Without it bounces and complaints are not heard."),
        )
    yield Finding(
        "FROM_EMAIL",
        not settings.FROM_EMAIL.endswith("@localhost"),
        _("Families must see a true sender on your own domain."),
    )


@check
def database() -> Iterator[Finding]:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        yield Finding("DATABASE_URL", False, _("The database does not answer."))
        return
    yield Finding("DATABASE_URL", not pending, _("Run `manage.py migrate`."))
    yield Finding(
        _("Database for several workers"),
        connection.vendor == "postgresql" or not _live(),
        _("SQLite is fine for one school; use PostgreSQL for a district."),
        serious=False,
    )
    try:
        cache.set("doctor", 1, 5)
        works = cache.get("doctor") == 1
    except DatabaseError:
        works = False
    yield Finding(_("Shared cache"), works, _("Run `manage.py createcachetable`."))

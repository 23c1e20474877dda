"""What every test starts from: cheap password hashing, plain static files, no cache table."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck, settings

from campaigns.sending import silence

# A busy machine is no fault of the code: what an example may take is no promise of ours.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """No test reads the language that the one before it left on the thread."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _quick_and_alone(settings: pytest.FixtureRequest) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _every_provider_answers() -> None:
    """No test remembers who was silent in the one before it."""
    silence.forget()


@pytest.fixture
def no_preference_for_small_tables(db: None) -> Iterator[None]:
    """PostgreSQL reads a table of thirty rows through even where it has an index."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    yield

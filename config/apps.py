from typing import Any

from django.apps import AppConfig, apps
from django.core.management import call_command
from django.db.models.signals import post_migrate


def make_cache_table(using: str, **kwargs: Any) -> None:
    """The shared cache is a table; it comes with the others."""
    call_command("createcachetable", database=using, verbosity=0)


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401  (adds its checks to the list)

        # Django sends this signal only for apps with models, which this one has not.
        post_migrate.connect(make_cache_table, sender=apps.get_app_config("schools"))

"""Records that are added and never changed."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class NeverChanged(Exception):
    """Someone tried to change or delete a record that is only ever added."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise NeverChanged(f"{self.model.__name__} is append-only")

    def delete(self) -> NoReturn:
        raise NeverChanged(f"{self.model.__name__} is append-only")


class AppendOnly(models.Model):
    """Base of ledgers: a saved row can be neither saved again nor deleted through the model."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NeverChanged(f"{type(self).__name__} is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NeverChanged(f"{type(self).__name__} is append-only")

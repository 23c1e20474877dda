"""Errors as the log may hold them."""

from __future__ import annotations

import traceback


def without_words(error: BaseException) -> str:
    """An error's kind and place; its message may quote a family's data (a database's does)."""
    place = "".join(traceback.format_tb(error.__traceback__))
    return f"{type(error).__name__}\n{place}"

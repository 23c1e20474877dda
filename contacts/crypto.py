"""Phones and e-mail addresses at rest: sealed with AES-GCM, found by a keyed blind index.

Each value is bound to its table, column and row, so a sealed value copied elsewhere does not
open. `FIELD_KEYS` lists master keys, newest first; the first seals, any opens. The index comes
from the last one, so that adding a key at the front keeps addresses findable.
"""

from __future__ import annotations

import base64
import hmac
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE_BYTES = 12


class CannotOpen(Exception):
    """A sealed value does not belong to this row, or its key is missing from FIELD_KEYS."""


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length=32, salt=None, info=b"aidbeacon " + purpose).derive(master)


@lru_cache(maxsize=4)
def _keys(field_keys: str) -> tuple[str, dict[str, AESGCM], bytes]:
    """The sealing key's id, each key by id, and the index key."""
    masters: dict[str, bytes] = {}
    for entry in field_keys.split(","):
        key_id, _, encoded = entry.strip().partition(":")
        try:
            master = base64.urlsafe_b64decode(encoded)
        except ValueError:
            master = b""
        if not key_id or len(key_id) > 8 or len(master) != 32:
            raise ImproperlyConfigured(
                "FIELD_KEYS must list `id:key` pairs, each key 32 bytes in URL-safe base64; "
                "`manage.py make_field_key` prints one."
            )
        masters[key_id] = master
    first, last = next(iter(masters)), list(masters)[-1]
    ciphers = {key_id: AESGCM(_derive(master, b"seal")) for key_id, master in masters.items()}
    return first, ciphers, _derive(masters[last], b"index")


def new_key(key_id: str) -> str:
    """A fresh `id:key` pair for FIELD_KEYS."""
    return f"{key_id}:{base64.urlsafe_b64encode(os.urandom(32)).decode()}"


def seal(text: str, place: str) -> bytes:
    """`text` sealed for one place (table, column, row); opens only there."""
    return seal_bytes(text.encode(), place)


def seal_bytes(content: bytes, place: str) -> bytes:
    """`content` sealed for one place; for whole files."""
    key_id, ciphers, _ = _keys(settings.FIELD_KEYS)
    nonce = os.urandom(NONCE_BYTES)
    sealed = ciphers[key_id].encrypt(nonce, content, place.encode())
    return key_id.encode() + b":" + nonce + sealed


def open_sealed(sealed: bytes, place: str) -> str:
    """The text sealed for `place`. Raises CannotOpen."""
    return open_bytes(sealed, place).decode()


def open_bytes(sealed: bytes, place: str) -> bytes:
    """The bytes sealed for `place`. Raises CannotOpen."""
    key_id, _, rest = bytes(sealed).partition(b":")
    _, ciphers, _ = _keys(settings.FIELD_KEYS)
    try:
        cipher = ciphers[key_id.decode()]
        return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], place.encode())
    except (KeyError, UnicodeDecodeError, InvalidTag) as error:
        raise CannotOpen(place) from error


def blind_index(channel: str, address: str) -> str:
    """Equal for equal normalised addresses of a channel, and meaningless without the key."""
    _, _, index_key = _keys(settings.FIELD_KEYS)
    return hmac.digest(index_key, f"{channel}:{address}".encode(), "sha256").hex()


class sealed(property):
    """A text attribute kept sealed in the binary field `column` of the same row.

    The row's primary key must be known before the value is set.
    """

    def __init__(self, column: str) -> None:
        def place(row: Any) -> str:
            if row.pk is None:
                raise ValueError("A sealed value needs the row's primary key first.")
            return f"{row._meta.db_table}.{column}.{row.pk}"

        def read(row: Any) -> str:
            value = getattr(row, column)
            return open_sealed(value, place(row)) if value else ""

        def write(row: Any, text: str) -> None:
            setattr(row, column, seal(text, place(row)) if text else b"")

        super().__init__(read, write)

"""An uploaded file at rest: sealed piece by piece, so that no size of it fills the memory."""

from __future__ import annotations

import hashlib
import tempfile
from typing import IO

from contacts import crypto
from contacts.models import ContactImport, ImportPiece

PIECE_BYTES = 1024 * 1024
IN_MEMORY_BYTES = 4 * 1024 * 1024


def keep(upload: ContactImport, file: IO[bytes]) -> None:
    """Seals a file's bytes with a saved upload, and notes their SHA-256 on it (unsaved)."""
    digest = hashlib.sha256()
    file.seek(0)
    number = 0
    while content := file.read(PIECE_BYTES):
        digest.update(content)
        sealed = crypto.seal_bytes(content, _place(upload, number))
        ImportPiece.objects.create(upload=upload, number=number, sealed=sealed)
        number += 1
    upload.file_sha256 = digest.hexdigest()


def opened(upload: ContactImport) -> IO[bytes]:
    """The file's bytes again, in a file without a name; empty once they are forgotten."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - the caller's
    for piece in upload.pieces.order_by("number").iterator(chunk_size=1):
        file.write(crypto.open_bytes(bytes(piece.sealed), _place(upload, piece.number)))
    file.seek(0)
    return file


def forget(upload: ContactImport) -> None:
    """Deletes the file's bytes; what it changed is told by the upload's counts."""
    upload.pieces.all().delete()


def _place(upload: ContactImport, number: int) -> str:
    return f"{ImportPiece._meta.db_table}.sealed.{upload.pk}.{number}"

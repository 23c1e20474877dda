"""Completion files fetched by themselves: from addresses on the web, and from a folder.

`COMPLETION_URLS` and `COMPLETION_FOLDER` name them; nothing is fetched where they are empty. What
has not changed since the last look is not read again, and a file that is refused changes nothing:
the reason stands on the import's page until a better file comes.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _

from completion.intake import bring_in
from completion.models import Watched
from completion.readers import BadFile
from completion.readers.grids import MOST_BYTES

logger = logging.getLogger(__name__)

TIMEOUT = (10, 60)  # seconds to connect, and between two bytes
LONGEST = dt.timedelta(minutes=5)  # for one file, however slowly it drips
SUFFIXES = frozenset({".xls", ".xlsx", ".csv"})
SETTLED = dt.timedelta(seconds=30)  # a younger file may still be being written
AGENT = "Aidbeacon (completion figures of high schools)"


class NotFetched(Exception):
    """A file could not be had; says why in words."""


@dataclass(frozen=True)
class Fetched:
    """A file that is new since the last look, and the mark to know it by."""

    name: str
    content: bytes
    mark: str


def look(*, now: dt.datetime) -> Counter[str]:
    """Looks everywhere once; counts `new`, `known`, `unchanged` and `refused` files."""
    found: Counter[str] = Counter()
    for url in settings.COMPLETION_URLS:
        found[_one(url, now)] += 1
    for path in files_in(settings.COMPLETION_FOLDER, now):
        found[_one(str(path), now)] += 1
    return +found


def addresses() -> list[str]:
    """What is watched, as a person reads it."""
    folder = settings.COMPLETION_FOLDER
    return [*settings.COMPLETION_URLS, *([folder] if folder else [])]


def files_in(folder: str, now: dt.datetime) -> Iterator[Path]:
    """Completion files of a folder that nobody is still writing, by name."""
    if not folder:
        return
    place = Path(folder)
    if not place.is_dir():
        logger.warning("COMPLETION_FOLDER is no folder")
        return
    for path in sorted(place.iterdir()):
        if path.suffix.lower() not in SUFFIXES or not path.is_file() or path.name.startswith("."):
            continue
        written = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
        if now - written >= SETTLED:
            yield path


def _one(address: str, now: dt.datetime) -> str:
    before = Watched.objects.filter(address=address).first()
    seen = before or Watched(address=address)
    seen.looked_at = now
    try:
        found = _fetch(address, seen.mark)
        if found is None:
            outcome = "unchanged"
        else:
            outcome = "new" if bring_in(found.name, found.content).new else "known"
            # Only now: a file that was refused is asked for again, by a version that may read it.
            seen.mark, seen.read_at, seen.problem = found.mark, now, ""
    except (NotFetched, BadFile) as error:
        seen.problem, outcome = str(error), "refused"
    seen.save()
    return outcome


def _fetch(address: str, mark: str) -> Fetched | None:
    """The file, or None if it is the one we know. Raises NotFetched."""
    if urlsplit(address).scheme in {"http", "https"}:
        return _download(address, mark)
    path = Path(address)
    try:
        stat = path.stat()
        here = f"{stat.st_mtime_ns} {stat.st_size}"
        return None if here == mark else Fetched(path.name, path.read_bytes(), here)
    except OSError as error:
        raise NotFetched(_("The file cannot be read: %(why)s") % {"why": error.strerror}) from error


def _download(url: str, mark: str) -> Fetched | None:
    """Asks for the file if it has another mark (its ETag, else Last-Modified) than ours."""
    kind, _space, value = mark.partition(" ")
    headers = {"User-Agent": AGENT}
    if value:
        headers["If-None-Match" if kind == "etag" else "If-Modified-Since"] = value
    try:
        with requests.get(url, headers=headers, timeout=TIMEOUT, stream=True) as answer:
            if answer.status_code == requests.codes.not_modified:
                return None
            if answer.status_code != requests.codes.ok:
                raise NotFetched(
                    _("The address answers with error %(status)s.") % {"status": answer.status_code}
                )
            content = _body(answer)
            etag, modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
    except requests.RequestException as error:
        raise NotFetched(_("The address does not answer. Check it, and the network.")) from error
    mark = f"etag {etag}" if etag else f"modified {modified}" if modified else ""
    name = PurePosixPath(unquote(urlsplit(url).path)).name or urlsplit(url).netloc
    return Fetched(name, content, mark[:300])


def _body(answer: requests.Response) -> bytes:
    """The whole answer, unless it grows beyond what a completion file is or never ends."""
    until = dt.datetime.now(dt.UTC) + LONGEST
    content = bytearray()
    for chunk in answer.iter_content(64 * 1024):
        content += chunk
        if len(content) > MOST_BYTES:
            raise NotFetched(_("The address sends far more than a completion file holds."))
        if dt.datetime.now(dt.UTC) > until:
            raise NotFetched(_("The address takes too long to send its file."))
    return bytes(content)

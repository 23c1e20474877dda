"""A mapping kept in a file, for imports that run by themselves: JSON or TOML, field → header."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from django.utils.translation import gettext as _

from contacts.imports.problems import BadFile


def read(path: Path) -> dict[str, str]:
    """The mapping in a file. Raises BadFile if there is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except OSError:
        raise BadFile(_("The mapping file cannot be opened.")) from None
    except ValueError as error:
        raise BadFile(_("The mapping file cannot be read: %(why)s.") % {"why": error}) from None
    if isinstance(found, dict) and isinstance(found.get("mapping"), dict):
        found = found["mapping"]
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise BadFile(_('The mapping file must be pairs such as student_id = "Student Number".'))
    return found

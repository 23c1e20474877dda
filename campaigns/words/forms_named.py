"""Which application forms a text speaks of, and so which families it may reach.

The rule (RULES, privacy): a family on the WASFA path never receives words that push only the
FAFSA, and the other way round; a family whose path nobody specified reads of both side by side or
of neither. It is enforced on the words themselves, wherever they come from, in two places:
`audience.students` keeps out students whom the campaign's words do not fit, and
`wording.render_batch` never chooses a text that does not fit the students it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from contacts.models import ApplicationPath

_FAFSA = re.compile(r"fafsa|studentaid\.gov|federal student aid", re.IGNORECASE)
_WASFA = re.compile(r"wasfa", re.IGNORECASE)

ALL_PATHS = frozenset(ApplicationPath.values)


def forms_named(text: str) -> frozenset[str]:
    """The application paths whose form `text` names: none, one or both."""
    named = set()
    if _FAFSA.search(text):
        named.add(ApplicationPath.FAFSA.value)
    if _WASFA.search(text):
        named.add(ApplicationPath.WASFA.value)
    return frozenset(named)


def paths_fitting(text: str) -> frozenset[str]:
    """Application paths of the families that `text` may reach."""
    named = forms_named(text)
    return named if len(named) == 1 else ALL_PATHS


def paths_fitting_all(texts: Iterable[str]) -> frozenset[str]:
    """Application paths that every one of `texts` may reach."""
    fitting = ALL_PATHS
    for text in texts:
        fitting &= paths_fitting(text)
    return fitting

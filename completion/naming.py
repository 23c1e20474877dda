"""Which school a file's line means: by code, by a person's word, by its exact name and city.

Never by name alone: sixteen names of Washington's high schools occur more than once in the state.
Whatever is left waits for a person, with the likeliest schools beside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from completion.models import SchoolName
from completion.readers import Row
from schools.models import School

_WHOLE = {
    "acad": "academy", "ctr": "center", "ft": "fort", "hs": "high school", "intl": "international",
    "jr": "junior", "mt": "mount", "sch": "school", "sr": "senior", "st": "saint",
    "tech": "technical", "voc": "vocational",
}  # fmt: skip
_COMMON = frozenset({"high", "school", "senior", "the", "of", "and"})
LIKELY = 62  # of 100: below it, two names only share common words
_SAME_CITY = 12
_MOST = 5


@dataclass(frozen=True, slots=True)
class Called:
    """What tells one school of a file from another: its code, else state, name and city."""

    state: str = ""
    code: str = ""
    name: str = ""
    city: str = ""

    @classmethod
    def of(cls, row: Row) -> Called:
        if row.code:
            return cls(code=row.code)
        return cls(row.state, "", folded(row.name)[:200], folded(row.city)[:120])

    def fields(self) -> dict[str, str]:
        return {"state": self.state, "code": self.code, "name": self.name, "city": self.city}


def printed(row: Row) -> str:
    """The line's school as the file says it."""
    text = ", ".join(part for part in (row.name, row.city) if part)
    return (f"{text} ({row.code})" if text and row.code else text or row.code)[:330]


@lru_cache(maxsize=100_000)
def folded(text: str) -> str:
    """Words in one case, without accents or punctuation, abbreviations in full."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = re.sub(r"(?<=\w)['.’](?=\w)|['’]", "", plain)
    words = re.findall(r"\w+", plain)
    return " ".join(_WHOLE.get(word, word) for word in words)


def words_on(names: Collection[Called]) -> dict[Called, School | None]:
    """What people have decided of these names; None for none of the schools here."""
    found: dict[Called, School | None] = {}
    asked = set(names)
    by_code = SchoolName.objects.filter(code__in={n.code for n in asked if n.code})
    by_name = SchoolName.objects.filter(code="", state__in={n.state for n in asked if not n.code})
    for word in (
        *by_code.select_related("school__state"),
        *by_name.select_related("school__state"),
    ):
        name = Called(word.state, word.code, word.name, word.city)
        if name in asked:
            found[name] = word.school
    return found


def exact(names: Iterable[Called]) -> dict[Called, School]:
    """Schools of the very name in the very city, where there is just one."""
    wanted = {name for name in names if name.name and name.city and not name.code}
    schools = School.objects.filter(state__in={name.state for name in wanted})
    same: dict[Called, list[School]] = defaultdict(list)
    for school in schools.select_related("state"):
        name = Called(school.state_id, "", folded(school.name), folded(school.city))
        if name in wanted:
            same[name].append(school)
    return {name: found[0] for name, found in same.items() if len(found) == 1}


def likely(text: str, city: str, schools: Iterable[School]) -> list[School]:
    """The schools whose names come closest, best first, at most five.

    Numbers in a name must agree: token scorers weigh them weakly, and “School 42” is not “43”.
    """
    wanted, digits = telling(folded(text)), _digits(text)
    town = folded(city)
    scored = []
    for school in schools:
        if _digits(school.name) != digits:
            continue
        score = fuzz.token_sort_ratio(wanted, telling(folded(school.name)))
        if town and folded(school.city) == town:
            score += _SAME_CITY
        if score >= LIKELY:
            scored.append((-score, school.name, school.pk, school))
    return [entry[-1] for entry in sorted(scored)[:_MOST]]


def telling(name: str) -> str:
    """A folded name without the words that most schools share, unless nothing else is left."""
    return " ".join(word for word in name.split() if word not in _COMMON) or name


def _digits(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", text))

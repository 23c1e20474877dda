"""Made-up families, written as the CSV that a school's records system would export."""

from __future__ import annotations

import csv
import random
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from config.quickstart.places import HighSchool, Place

NAMES = Path(__file__).with_name("names.toml")
# 555-0100 to 555-0199 is kept free for fiction in every area code; all these keep Pacific time.
AREA_CODES = (206, 253, 360, 425, 509, 564, 503, 541, 971, 458, 213, 310, 415, 510, 619, 408)
HEADERS = (
    "Student_Number",
    "First_Name",
    "Last_Name",
    "Grade_Level",
    "SchoolID",
    "PL_Language",
    "Student_Email",
    "Guardian 1 First Name",
    "Guardian 1 Last Name",
    "Guardian 1 Relationship",
    "Guardian 1 Cell Phone",
    "Guardian 1 Email",
    "Guardian 2 First Name",
    "Guardian 2 Last Name",
    "Guardian 2 Relationship",
    "Guardian 2 Cell Phone",
    "Guardian 2 Email",
)
SECOND_GUARDIAN = 0.38
HAS_PHONE = 0.93
HAS_EMAIL = 0.71
STUDENT_EMAIL = 0.6
NEITHER = 0.05  # a guardian whom nobody can write to
TWINS = 0.03


@dataclass(frozen=True)
class Language:
    code: str
    called: str
    share: int
    given: list[str]
    family: list[str]


@lru_cache(maxsize=1)
def languages() -> list[Language]:
    """The languages of the made-up families, with names that fit them."""
    with NAMES.open("rb") as file:
        return [Language(code, **entry) for code, entry in tomllib.load(file).items()]


class _Numbers:
    """Hands out each fictional phone number once, in an order that the seed decides."""

    def __init__(self, chance: random.Random) -> None:
        taken = {"206-555-0100", "360-555-0100"}  # the districts' own lines
        all_of_them = [f"{area}-555-{last:04d}" for area in AREA_CODES for last in range(100, 200)]
        self._free = [number for number in all_of_them if number not in taken]
        chance.shuffle(self._free)

    def next(self) -> str:
        return self._free.pop()


def _plain(text: str) -> str:
    """Letters fit for a mailbox name."""
    decomposed = unicodedata.normalize("NFKD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalpha()).lower()


def _guardian(
    chance: random.Random, numbers: _Numbers, language: Language, surname: str, sis_id: int, n: int
) -> dict[str, str]:
    given = chance.choice(language.given)
    prefix = f"Guardian {n}"
    phone = numbers.next() if chance.random() < HAS_PHONE else ""
    email = ""
    if not phone or chance.random() < HAS_EMAIL:
        email = f"{_plain(given)}.{_plain(surname)}{sis_id}{n}@example.org"
    if chance.random() < NEITHER:
        phone = email = ""
    return {
        f"{prefix} First Name": given,
        f"{prefix} Last Name": surname,
        f"{prefix} Relationship": "Parent" if chance.random() < 0.94 else "Guardian",
        f"{prefix} Cell Phone": phone,
        f"{prefix} Email": email,
    }


def rows(place: Place) -> Iterator[dict[str, str]]:
    """One row a student, with up to two guardians; twins repeat their guardians."""
    chance = random.Random(place.nces_id)
    numbers = _Numbers(chance)
    spoken = languages()
    sis_id = 40_000
    for school in place.schools:
        home: dict[str, str] = {}
        for _student in range(school.seniors):
            sis_id += 1
            if not home or chance.random() >= TWINS:
                home = _home(chance, numbers, spoken, sis_id)
            language = next(each for each in spoken if each.called == home["PL_Language"])
            yield {**home, **_student_cells(chance, language, home, school, sis_id)}


def _home(
    chance: random.Random, numbers: _Numbers, spoken: list[Language], sis_id: int
) -> dict[str, str]:
    """What all students of one household share."""
    (language,) = chance.choices(spoken, [each.share for each in spoken])
    surname = chance.choice(language.family)
    home = {"PL_Language": language.called, "Last_Name": surname}
    home |= _guardian(chance, numbers, language, surname, sis_id, 1)
    if chance.random() < SECOND_GUARDIAN:
        home |= _guardian(chance, numbers, language, surname, sis_id, 2)
    return home


def _student_cells(
    chance: random.Random, language: Language, home: dict[str, str], school: HighSchool, sis_id: int
) -> dict[str, str]:
    first = chance.choice(language.given)
    mailbox = f"{_plain(first)}.{_plain(home['Last_Name'])}{sis_id}"
    return {
        "Student_Number": str(sis_id),
        "First_Name": first,
        "Last_Name": home["Last_Name"],
        "Grade_Level": "12",
        "SchoolID": school.nces_id,
        "Student_Email": f"{mailbox}@students.example.org"
        if chance.random() < STUDENT_EMAIL
        else "",
    }


def write(place: Place, path: Path) -> None:
    """Writes the district's export; the same bytes each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADERS, restval="")
        writer.writeheader()
        writer.writerows(rows(place))

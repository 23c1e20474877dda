"""What the values of a column say it holds, where its header says nothing (`Col7`).

Only what can be told for sure: never consent, custody or an aid form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from contacts import emails, languages, phones
from contacts.imports import fields, headers, words
from contacts.imports.dates import read_date

ENOUGH = 0.9  # of the filled cells must fit
FEWEST = 3
STUDENTS_AGES = (1995, 2020)  # years of birth
_GRADE = re.compile(r"(?:grade )?0?(?:9|1[0-2])(?:th)?(?: grade)?(?:\.0)?", re.IGNORECASE)
_NCES_SCHOOL = re.compile(r"\d{12}", re.ASCII)


def guess(names: list[str], samples: list[list[str]], found: Mapping[str, str]) -> dict[str, str]:
    """Field → header of columns that no header explained, for fields that none has taken."""
    added: dict[str, str] = {}
    explained = set(found.values())
    for name, column in zip(names, samples, strict=False):
        if name in explained or not headers.says_nothing(name):
            continue
        filled = [value.strip() for value in column if value.strip()]
        if len(filled) < FEWEST:
            continue
        for fits, choices in _KINDS:
            if sum(map(fits, filled)) >= ENOUGH * len(filled) and _varied(fits, filled):
                taken = found.keys() | added.keys()
                free = [field for field in choices if field not in taken]
                if free:
                    added[free[0]] = name
                break
    return added


def _is_email(value: str) -> bool:
    try:
        return bool(emails.read(re.split(r"[,;]", value)[0]))
    except emails.BadEmail:
        return False


def _is_phone(value: str) -> bool:
    first = re.split(r"[,;/]", value)[0]
    try:
        return sum(map(str.isdigit, first)) >= 10 and bool(phones.read(first))
    except phones.BadPhone:
        return False


def _is_birth_date(value: str) -> bool:
    day = read_date(value)
    return day is not None and STUDENTS_AGES[0] <= day.year <= STUDENTS_AGES[1]


def _is_language(value: str) -> bool:
    return languages.understand(value) is not None


def _is_grade(value: str) -> bool:
    return bool(_GRADE.fullmatch(value))


def _is_school(value: str) -> bool:
    return bool(_NCES_SCHOOL.fullmatch(value))


def _varied(fits: Callable[[str], bool], filled: list[str]) -> bool:
    """Days of birth differ (days of enrolment do not); names of languages are words."""
    if fits is _is_birth_date:
        return len(set(filled)) * 2 > len(filled)
    if fits is _is_language:
        return any(len(value) > 3 for value in filled)
    return True


def _guardians(part: str) -> list[str]:
    return [fields.guardian_field(number, part) for number in range(1, fields.GUARDIANS + 1)]


_KINDS: list[tuple[Callable[[str], bool], list[str]]] = [
    (_is_email, _guardians("email")),
    (_is_school, ["school"]),
    (_is_grade, ["grade"]),
    (_is_birth_date, ["birth_date"]),
    (_is_phone, _guardians("phone")),
    (words.is_relationship, _guardians("relationship")),
    (_is_language, ["language", "guardian_language"]),
]

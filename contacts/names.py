"""Names as they are compared and searched for: without case, accents and doubled spaces."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from functools import lru_cache
from uuid import UUID

from django.db.models import Q

from contacts.models import Contact, NameWord, Student

WORD_LENGTH = 40


@lru_cache(maxsize=50_000)
def folded(name: str) -> str:
    """A name without case, accents and doubled spaces: equal for equal people's names."""
    if name.isascii():
        return " ".join(name.lower().split())
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


@lru_cache(maxsize=50_000)
def plain(name: str) -> str:
    """A folded name as if written without hyphens, apostrophes and full stops.

    "García-López, M." and "garcia lopez m" are one name, "O'Brien" and "OBrien" as well.
    """
    return " ".join(folded(name).translate(_MARKS).split())


_MARKS = str.maketrans({**dict.fromkeys("-‐‑–—,._", " "), **dict.fromkeys("'’‘ʻʼ`´", None)})


def words_of(name: str) -> list[str]:
    """The words of a name, plain, each once: what the search for its beginning finds."""
    return list(dict.fromkeys(word[:WORD_LENGTH] for word in plain(name).split()))


def reindex(*, students: Collection[UUID] = (), contacts: Collection[UUID] = ()) -> None:
    """Writes the words anew by which the search finds these students and guardians."""
    NameWord.objects.filter(Q(student__in=students) | Q(contact__in=contacts)).delete()
    columns = ("pk", "first_name", "last_name")
    pupils = Student.objects.filter(pk__in=students).values_list(*columns)
    guardians = Contact.objects.filter(pk__in=contacts, student=None).values_list(*columns)
    NameWord.objects.bulk_create(
        [
            *(
                NameWord(word=w, student_id=pk)
                for pk, *name in pupils
                for w in words_of(" ".join(name))
            ),
            *(
                NameWord(word=w, contact_id=pk)
                for pk, *name in guardians
                for w in words_of(" ".join(name))
            ),
        ],
        batch_size=500,
    )

"""What a district already knows: a delta names only what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from contacts.models import Channel, Contact, Guardianship, Student
from schools.models import District

CHUNK = 500


class Known:
    """Asks the database in chunks; knows nothing without a district."""

    def __init__(self, district: District | None) -> None:
        self.district = district

    def students(self, ids: list[str]) -> set[str]:
        """Those of the ids that are students' here."""
        found: set[str] = set()
        for chunk in self._chunks(ids):
            here = Student.objects.filter(district=self.district, sis_id__in=chunk)
            found.update(here.values_list("sis_id", flat=True))
        return found

    def guardians(self, ids: list[str]) -> set[str]:
        """Those of the ids that are guardians' here."""
        found: set[str] = set()
        for chunk in self._chunks(ids):
            found.update(self._contacts(chunk).values_list("sis_id", flat=True))
        return found

    def told(self, ids: list[str]) -> Iterator[dict[str, str]]:
        """What is known of those guardians, as cells of a row: a sister's mother, say."""
        for chunk in self._chunks(ids):
            contacts = self._contacts(chunk).order_by("sis_id")
            for contact in contacts.prefetch_related("points"):
                kept = [p for p in contact.points.all() if p.removed_on is None]
                cells = {
                    "guardian_id": contact.sis_id,
                    "guardian_first_name": contact.first_name,
                    "guardian_last_name": contact.last_name,
                }
                for field, channel in (("phone", Channel.SMS), ("email", Channel.EMAIL)):
                    texts = [point.address for point in kept if point.channel == channel]
                    cells[f"guardian_{field}"] = ", ".join(sorted(texts))
                yield cells

    def _contacts(self, ids: list[str]) -> QuerySet[Contact]:
        return Contact.objects.filter(district=self.district, sis_id__in=ids, student=None)

    def guardians_of(self, student_ids: list[str]) -> dict[str, list[str]]:
        """Student id → ids of the guardians who are tied to the student now."""
        return self._ties("student__sis_id", "contact__sis_id", student_ids)

    def students_of(self, guardian_ids: list[str]) -> dict[str, list[str]]:
        """Guardian id → ids of the present students whom the guardian is tied to now."""
        return self._ties("contact__sis_id", "student__sis_id", guardian_ids)

    def _ties(self, one: str, other: str, ids: list[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for chunk in self._chunks(ids):
            ties = (
                Guardianship.objects.filter(
                    contact__district=self.district,
                    student__district=self.district,
                    student__left_on=None,
                    left_on=None,
                    **{f"{one}__in": chunk},
                )
                .exclude(contact__sis_id="")
                .order_by("pk")
            )
            for own, theirs in ties.values_list(one, other):
                found[own].append(theirs)
        return found

    def _chunks(self, ids: Iterable[str]) -> Iterable[list[str]]:
        if self.district is None:
            return
        every = [each for each in ids if each]
        for start in range(0, len(every), CHUNK):
            yield every[start : start + CHUNK]

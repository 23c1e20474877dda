"""Where students' applications stand: every word is kept, and one rule says which one counts.

A status file and the school's staff are verified words; what the family says and what stands in
the school's records are not. The newest word counts, a verified one before another of the same
moment: so a family's word counts until the next verified one, and the latest verified one wins.
What only repeats itself is no news: the school's records do not overrule what anybody said in
between, and a status file does not overrule what staff said in between.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from contacts.models import AidStatus, AidStatusEntry, ContactImport, Student
from schools.models import User

Source = AidStatusEntry.Source

VERIFIED = frozenset({Source.FILE.value, Source.STAFF.value})
SNAPSHOTS = frozenset({Source.FILE.value, Source.ROSTER.value})  # say everything anew each time
FILED = frozenset({AidStatus.SUBMITTED.value, AidStatus.COMPLETED.value})
CHUNK = 500


@dataclass(frozen=True)
class Finding:
    """What one source says of one student at one moment."""

    student: Student
    status: str
    as_of: dt.datetime


@dataclass(frozen=True, slots=True)
class Word:
    """One kept entry, or one about to be kept (then without a number)."""

    as_of: dt.datetime
    source: str
    status: str
    number: int | None = None
    brought_by: UUID | None = None

    @property
    def order(self) -> tuple[dt.datetime, bool, float]:
        """Later is newer; of one moment the verified word, then the one recorded last."""
        number = float("inf") if self.number is None else self.number
        return self.as_of, self.source in VERIFIED, number


def current(words: Iterable[Word]) -> Word | None:
    """The word that counts, first said: its `as_of` is since when. None where nothing was said."""
    stands: Word | None = None
    backed = False  # a verified source said what stands
    told: dict[str, str] = {}
    for word in sorted(words, key=lambda w: w.order):
        verified = word.source in VERIFIED
        repeats = word.source in SNAPSHOTS and told.get(word.source) == word.status
        if repeats and (backed or not verified):
            continue
        told[word.source] = word.status
        if stands is None or stands.status != word.status:
            stands, backed = word, verified
        backed = backed or verified
    return stands


def record(
    student: Student,
    status: AidStatus | str,
    *,
    source: AidStatusEntry.Source | str,
    as_of: dt.datetime,
    by: User | None = None,
) -> AidStatusEntry:
    """Adds to the student's history and sets what now counts.

    Saying the same thing of the same moment twice adds nothing and returns the first entry.
    """
    with transaction.atomic():
        kept = Student.objects.select_for_update().get(pk=student.pk)
        same = {"student": kept, "status": status, "source": source, "as_of": as_of}
        entry = standing(AidStatusEntry.objects.filter(**same)).first()
        if entry is None:
            entry = AidStatusEntry.objects.create(**same, recorded_by=by)
        _settle(_words([kept.pk]))
    student.refresh_from_db(fields=["aid_status", "aid_status_since"])
    return entry


def record_many(
    findings: Iterable[Finding],
    *,
    source: AidStatusEntry.Source | str = Source.FILE,
    by: User | None = None,
    upload: ContactImport | None = None,
) -> int:
    """Records a file's findings in a few statements; returns for how many students it was news.

    With an `upload` its entries are that import's, and no longer count when it is undone. So a
    status file's repeat of what an earlier file said is kept as well, though it is no news: it
    stands when the earlier file is undone. A repeat in the school's records is not kept.
    """
    return len(record_news(findings, source=source, by=by, upload=upload))


def record_news(
    findings: Iterable[Finding],
    *,
    source: AidStatusEntry.Source | str = Source.FILE,
    by: User | None = None,
    upload: ContactImport | None = None,
) -> set[UUID]:
    """As `record_many`; returns the students for whom it was news."""
    by_student: dict[UUID, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_student[finding.student.pk].append(finding)
    news: set[UUID] = set()
    with transaction.atomic():
        for chunk in _chunks(list(by_student), CHUNK):
            words, entries = _words(chunk), []
            for pk in chunk:
                for finding in sorted(by_student[pk], key=lambda f: f.as_of):
                    word = Word(finding.as_of, str(source), str(finding.status))
                    new, keep = _weigh(word, words[pk], upload)
                    if new:
                        news.add(pk)
                    if keep:
                        words[pk].append(word)
                        entries.append(_entry(finding, source, by, upload))
            AidStatusEntry.objects.bulk_create(entries, batch_size=1000)
            _settle(words)
    return news


def standing(entries: QuerySet[AidStatusEntry]) -> QuerySet[AidStatusEntry]:
    """The entries that count: those of an import that was undone do not."""
    undone = ContactImport.State.UNDONE
    return entries.exclude(brought_by__isnull=False, brought_by__state=undone)


def histories(students: QuerySet[Student]) -> dict[UUID, list[Word]]:
    """What stands of each of these students, oldest word first; one query for all of them."""
    words: dict[UUID, list[Word]] = defaultdict(list)
    entries = standing(AidStatusEntry.objects.filter(student__in=students.order_by().values("pk")))
    columns = ("student", "as_of", "source", "status", "pk", "brought_by")
    for student, *word in entries.order_by("as_of", "pk").values_list(*columns).iterator(5000):
        words[student].append(Word(*word))
    return words


def recompute(students: QuerySet[Student]) -> None:
    """Sets the current status anew from what still stands, after an import was undone."""
    for chunk in _chunks(list(students.order_by().values_list("pk", flat=True).distinct()), CHUNK):
        _settle(_words(chunk))


# Conflicts ---------------------------------------------------------------------------------


def conflicts(students: QuerySet[Student]) -> QuerySet[Student]:
    """The students of whom the newest verified word and the newest of the family disagree.

    They do where one says that the form is filed and the other that it is not, or needs
    something done. Whatever staff say after the family settles it. Adds `verified_status`,
    `verified_as_of`, `verified_source`, `family_status`, `family_as_of`.
    """
    filed = list(FILED)
    spoke = AidStatusEntry.objects.filter(source=Source.FAMILY).order_by().values("student")
    said = students.filter(pk__in=spoke).annotate(
        verified_status=_newest("status", source__in=VERIFIED),
        verified_as_of=_newest("as_of", source__in=VERIFIED),
        verified_source=_newest("source", source__in=VERIFIED),
        family_status=_newest("status", source=Source.FAMILY),
        family_as_of=_newest("as_of", source=Source.FAMILY),
        staff_as_of=_newest("as_of", source=Source.STAFF),
    )
    differ = Q(verified_status__in=filed, family_status__isnull=False) & ~Q(family_status__in=filed)
    differ |= Q(family_status__in=filed, verified_status__isnull=False) & ~Q(
        verified_status__in=filed
    )
    unsettled = Q(staff_as_of=None) | Q(staff_as_of__lt=F("family_as_of"))
    return said.filter(differ).filter(unsettled)


def _newest(column: str, **said_by: object) -> Subquery:
    of_student = AidStatusEntry.objects.filter(student=OuterRef("pk"), **said_by)
    return Subquery(standing(of_student).order_by("-as_of", "-pk").values(column)[:1])


# Inside ------------------------------------------------------------------------------------


def _words(students: Collection[UUID]) -> dict[UUID, list[Word]]:
    """What stands of each of these students."""
    words: dict[UUID, list[Word]] = {pk: [] for pk in students}
    entries = standing(AidStatusEntry.objects.filter(student__in=students)).order_by()
    columns = ("student", "as_of", "source", "status", "pk", "brought_by")
    for student, as_of, source, status, number, upload in entries.values_list(*columns):
        words[student].append(Word(as_of, source, status, number, upload))
    return words


def _weigh(word: Word, known: Iterable[Word], upload: ContactImport | None) -> tuple[bool, bool]:
    """Whether a word is news, and whether it is to be kept."""
    before = [w for w in known if w.source == word.source and w.as_of <= word.as_of]
    last = max(before, key=lambda w: w.order, default=None)
    if last is None or last.status != word.status:
        return True, True
    if word.source not in SNAPSHOTS:
        return last.as_of != word.as_of, last.as_of != word.as_of
    if word.source in VERIFIED and _counts_anew(word, known):
        return True, True
    may_be_undone = last.brought_by is not None and upload and last.brought_by != upload.pk
    return False, bool(may_be_undone and word.source == Source.FILE)


def _counts_anew(word: Word, known: Iterable[Word]) -> bool:
    """True if a repeated word overrules what somebody unverified said since it was first said."""
    before = current(known)
    return before is not None and current([*known, word]) != before


def _entry(
    finding: Finding,
    source: AidStatusEntry.Source | str,
    by: User | None,
    upload: ContactImport | None,
) -> AidStatusEntry:
    return AidStatusEntry(
        student=finding.student,
        status=finding.status,
        source=source,
        as_of=finding.as_of,
        recorded_by=by,
        brought_by=upload,
    )


def _settle(words: dict[UUID, list[Word]]) -> None:
    """Writes the word that counts to each student of whom it is another than before.

    One statement a status and date: far fewer of those than students.
    """
    students = Student.objects.filter(pk__in=words)
    before = students.order_by().values_list("pk", "aid_status", "aid_status_since")
    moved: dict[tuple[str, dt.datetime | None], list[UUID]] = {}
    for pk, status, since in before:
        counts = current(words[pk])
        now = (counts.status, counts.as_of) if counts else (AidStatus.NOT_STARTED.value, None)
        if now != (status, since):
            moved.setdefault(now, []).append(pk)
    for (status, since), pks in moved.items():
        Student.objects.filter(pk__in=pks).update(aid_status=status, aid_status_since=since)


def _chunks(values: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]

"""Everyone whom a campaign's draw assigned, and what became of their applications by a day.

Intention to treat: all students count in the arm that their household drew, whether a message
reached them, whether they stayed. What families say themselves does not count as an outcome, for
only those who were written to were asked; files and staff speak of both arms.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from campaigns.models import Arm, Assignment, Campaign
from completion.evidence.clusters import Cluster
from contacts import statuses
from contacts.models import AidStatus, AidStatusEntry, Student
from contacts.statuses import Word


class Outcome(StrEnum):
    COMPLETED = "completed"
    SUBMITTED = "submitted"


REACHED = {
    Outcome.COMPLETED: frozenset({AidStatus.COMPLETED.value}),
    # A form that needs something done was handed in: Federal Student Aid counts it as submitted.
    Outcome.SUBMITTED: frozenset(
        {AidStatus.SUBMITTED.value, AidStatus.ACTION_NEEDED.value, AidStatus.COMPLETED.value}
    ),
}
FAMILY = AidStatusEntry.Source.FAMILY.value
FILE = AidStatusEntry.Source.FILE.value
STAFF = AidStatusEntry.Source.STAFF.value


@dataclass(frozen=True, slots=True)
class Member:
    """A student in the arm that the household drew."""

    household: UUID
    school: int
    stratum: str
    treated: bool
    wording: str
    words: tuple[Word, ...]

    def stands_at(self, moment: dt.datetime, *, with_family: bool = False) -> Word | None:
        """What counted at `moment`, by what is known of it today."""
        return statuses.current(
            word
            for word in self.words
            if word.as_of <= moment and (with_family or word.source != FAMILY)
        )

    def reached(self, outcome: Outcome, moment: dt.datetime, *, with_family: bool = False) -> bool:
        word = self.stands_at(moment, with_family=with_family)
        return word is not None and word.status in REACHED[outcome]


@dataclass(frozen=True)
class Cohort:
    """The assigned students of a launched campaign."""

    campaign: Campaign
    began: dt.datetime
    members: Sequence[Member]

    @property
    def last_word(self) -> dt.datetime | None:
        """The newest verified word of any of them since the launch."""
        days = (w.as_of for m in self.members for w in m.words if w.source != FAMILY)
        return max((day for day in days if day > self.began), default=None)

    def is_known(self, moment: dt.datetime) -> bool:
        """True once somebody who speaks of all has spoken of that time: a file, or where none has
        come since the launch, staff."""
        since = [w for m in self.members for w in m.words if w.as_of > self.began]
        files = [w.as_of for w in since if w.source == FILE]
        days = files or [w.as_of for w in since if w.source != FAMILY]
        return max(days, default=self.began) >= moment

    def of_schools(self, school: int) -> Cohort:
        """The part of one school."""
        return replace(self, members=[m for m in self.members if m.school == school])

    def between(self, wording: str, other: str) -> Cohort:
        """The families of two wordings, the first as treated, the other to compare with."""
        return replace(
            self,
            members=[
                replace(member, treated=member.wording == wording)
                for member in self.members
                if member.wording in (wording, other)
            ],
        )

    @property
    def wordings(self) -> list[str]:
        """The wordings that were compared, in order; empty where all read the same."""
        return sorted({member.wording for member in self.members} - {""})

    @property
    def held_out(self) -> bool:
        """True where somebody was held out, and somebody was not."""
        return len({member.treated for member in self.members}) == 2

    @property
    def by_school(self) -> bool:
        """True where whole schools were drawn: several, and none of them in both arms."""
        arms: dict[int, set[bool]] = defaultdict(set)
        for member in self.members:
            arms[member.school].add(member.treated)
        alone = [next(iter(drawn)) for drawn in arms.values() if len(drawn) == 1]
        return len(alone) == len(arms) and min(alone.count(True), alone.count(False)) > 1

    def clusters(
        self, outcome: Outcome, moment: dt.datetime, *, with_family: bool = False
    ) -> list[Cluster]:
        """Outcomes at `moment` by what was drawn as one: households, or schools without strata."""
        by_school = self.by_school
        sums: dict[tuple[str, object, bool], list[int]] = defaultdict(lambda: [0, 0])
        for member in self.members:
            unit: tuple[str, object] = (
                ("", member.school) if by_school else (member.stratum, member.household)
            )
            pair = sums[*unit, member.treated]
            pair[0] += 1
            pair[1] += member.reached(outcome, moment, with_family=with_family)
        return [
            Cluster(stratum, treated, of, done)
            for (stratum, _unit, treated), (of, done) in sums.items()
        ]

    def marked_by_staff(self, moment: dt.datetime) -> tuple[int, int]:
        """Completions by `moment` that rest on a click of staff, and all of them."""
        words = [m.stands_at(moment) for m in self.members]
        done = [w for w in words if w and w.status in REACHED[Outcome.COMPLETED]]
        return sum(w.source == STAFF for w in done), len(done)


def of(campaign: Campaign) -> Cohort | None:
    """The campaign's cohort; None if it was not launched, or nothing was drawn.

    Of a household it takes the students whom the campaign was for: of its schools, cycle and
    grades, present at launch, in one of the statuses that it chose. Households that joined later
    drew an arm of their own then, in no stratum and with less time to act: they are left out of
    both arms alike.
    """
    drawn = {
        household: drawn
        for household, *drawn in Assignment.objects.filter(campaign=campaign, joined_at=None)
        .order_by()
        .values_list("household", "arm", "variant", "stratum")
    }
    began = campaign.launched_at
    if not began or len({(arm, variant) for arm, variant, _stratum in drawn.values()}) < 2:
        return None
    chosen = campaign.audience.get("statuses") or AidStatus.values
    students = (
        Student.objects.filter(
            household__assignments__campaign=campaign,
            household__assignments__joined_at=None,
            school__in=campaign.schools.all(),
            cycle=campaign.cycle_id,
        )
        .filter(Q(left_on=None) | Q(left_on__gte=began.date()))
        .order_by()
    )
    if grades := campaign.audience.get("grades"):
        students = students.filter(grade__in=grades)
    words = statuses.histories(students)
    members = []
    for pk, household, school in students.values_list("pk", "household", "school"):
        arm, variant, stratum = drawn[household]
        said = tuple(words.get(pk, ()))
        if _status_at(said, began) in chosen:
            members.append(Member(household, school, stratum, arm == Arm.TREATED, variant, said))
    return Cohort(campaign, began, members)


def _status_at(words: Iterable[Word], moment: dt.datetime) -> str:
    word = statuses.current(w for w in words if w.as_of <= moment)
    return word.status if word else AidStatus.NOT_STARTED.value

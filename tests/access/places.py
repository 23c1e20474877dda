"""Places with a family, a campaign, a conversation and files each, all with words of their own."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from campaigns import control, packs
from campaigns.models import (
    Campaign,
    Message,
    MessageState,
    PackVersion,
    PublishedPack,
    Reply,
    Sender,
    StepText,
)
from completion.models import (
    ApiToken,
    HeldFile,
    LayoutKind,
    SchoolName,
    Snapshot,
    SourceFile,
    UnplacedRow,
)
from contacts import status_reviews
from contacts.imports import uploads
from contacts.models import (
    Contact,
    ContactImport,
    ContactPoint,
    Guardianship,
    PossibleDouble,
    StatusReview,
    Student,
)
from schools.models import (
    Blackout,
    County,
    Cycle,
    Deadline,
    District,
    Membership,
    Role,
    School,
    User,
)
from tests import builders

# A name that occurs nowhere else, for the family, its texts and its file.
WORDS = {"ours": "Quillfeather", "next_door": "Marrowby", "theirs": "Zumbrunnen"}


@dataclass
class Place:
    """A school and one of everything that a URL may name there."""

    word: str
    school: School
    guardian: Contact
    phone: ContactPoint
    draft: Campaign
    running: Campaign
    message: Message
    upload: ContactImport
    source: SourceFile
    counselor: User

    @property
    def district(self) -> District:
        assert self.school.district is not None
        return self.school.district

    @property
    def pack(self) -> PackVersion:
        """A pack that its region offers."""
        offered = PublishedPack.objects.get_or_create(
            region=self.district.region, name="shared", defaults={"title": "Shared"}
        )[0]
        content = packs.dumps(packs.ready()["form-opens"])
        return offered.versions.get_or_create(
            number=1, defaults={"content": content, "published_at": timezone.now()}
        )[0]

    @property
    def blackout(self) -> Blackout:
        """A day on which its district is silent."""
        day = dt.date(2026, 12, 25)
        return Blackout.objects.get_or_create(
            district=self.district, first_on=day, defaults={"last_on": day, "name": "Holiday"}
        )[0]

    @property
    def sender(self) -> Sender:
        """A number of its district's own."""
        return Sender.objects.get_or_create(
            address=f"+1206{2_000_000 + self.school.pk:07d}",
            defaults={"district": self.district, "kind": Sender.Kind.TOLL_FREE},
        )[0]

    @property
    def deadline(self) -> Deadline:
        """A date of its district's own."""
        return Deadline.objects.get_or_create(
            district=self.district,
            cycle=self.student.cycle,
            defaults={"name": "Aid night", "on": dt.date(2027, 2, 1)},
        )[0]

    @property
    def token(self) -> ApiToken:
        """A key of its counselor's to the API."""
        return ApiToken.issue(self.counselor, self.word, now=timezone.now())[0]

    @property
    def held(self) -> HeldFile:
        """A file of its counselor's whose columns are being named."""
        held = HeldFile(
            kind=LayoutKind.COMPLETION,
            name=f"{self.word}.csv",
            state=self.school.state,
            uploaded_by=self.counselor,
            uploaded_at=timezone.now(),
        )
        held.content = f"School,Done\n{self.word},12\n".encode()
        held.save()
        return held

    @property
    def county(self) -> County:
        """Where the school stands."""
        assert self.school.county is not None
        return self.school.county

    @property
    def tie(self) -> Guardianship:
        return self.guardian.guardianships.get()

    @property
    def student(self) -> Student:
        return self.tie.student

    @property
    def double(self) -> PossibleDouble:
        """A question about the student; made here, for nothing else asks it."""
        twin = Student.objects.exclude(pk=self.student.pk).filter(school=self.school).first()
        return PossibleDouble.objects.get_or_create(
            student=self.student,
            other=twin or self.student,
            defaults={"district": self.district, "found_at": timezone.now()},
        )[0]

    @property
    def question(self) -> StatusReview:
        """A row of a status file that may mean the student."""
        found = StatusReview.objects.filter(upload=self.upload).first()
        return found or status_reviews.ask(
            self.upload,
            [self.student],
            row=2,
            who=f"{self.word}child {self.word}",
            who_index=self.word,
            status="submitted",
            as_of=timezone.now(),
        )

    @property
    def unplaced(self) -> UnplacedRow:
        """A line of a file that names no school known here."""
        return UnplacedRow.objects.get_or_create(
            source=self.source,
            state=self.school.state_id,
            name="somewhere",
            cycle=self.source.cycle,
            as_of=self.source.as_of,
            row={"line": 1, "name": "Somewhere", "city": "", "submitted": "9", "completed": "9"},
        )[0]

    @property
    def school_name(self) -> SchoolName:
        return SchoolName.objects.get_or_create(
            state=self.school.state_id, name="elsewhere", defaults={"decided_at": timezone.now()}
        )[0]

    @property
    def text(self) -> StepText:
        return StepText.objects.filter(step__campaign=self.draft, language="es")[0]

    @property
    def membership(self) -> Membership:
        return self.counselor.memberships.get()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What only those who look after this family may read, in lower case."""
        return (f"{self.word}child", f"{self.word}adult", f"{self.word}mail", f"{self.word}said")

    def shown_in(self, page: bytes) -> list[str]:
        """The family's names, addresses and words that stand in a page."""
        text = page.decode(errors="replace").lower()
        found = [secret for secret in self.secrets if secret.lower() in text]
        if self.phone.address[2:] in re.sub(r"[^0-9a-z<>\"=/]", "", text):
            found.append("phone")
        return found

    def state_of_things(self) -> dict[str, list[str]]:
        """All that a stranger could change here; equal twice if nothing changed."""
        here: dict[str, QuerySet[Any]] = {
            "district": District.objects.filter(pk=self.school.district_id),
            "school": School.objects.filter(pk=self.school.pk),
            "enrolments": self.school.enrolments.all(),
            "roles": Membership.objects.filter(school=self.school),
            "staff": User.objects.filter(pk=self.counselor.pk),
            "students": Student.objects.filter(school=self.school),
            "contacts": Contact.objects.filter(pk=self.guardian.pk),
            "ties": Guardianship.objects.filter(student__school=self.school),
            "addresses": ContactPoint.objects.filter(contact=self.guardian),
            "replies": Reply.objects.filter(contact=self.guardian),
            "imports": ContactImport.objects.filter(school=self.school),
            "campaigns": Campaign.objects.filter(schools=self.school),
            "texts": StepText.objects.filter(step__campaign__schools=self.school),
            "messages": Message.objects.filter(school=self.school),
        }
        return {what: sorted(map(str, rows.values_list())) for what, rows in here.items()}


def settle(word: str, school: School, phone: str) -> Place:
    """A family of this name at a school, and all that came of it."""
    school.county = County.objects.create(
        fips=f"99{school.pk % 1000:03d}", name=f"County {school.pk}", state=school.state
    )
    school.save()
    now = timezone.now()
    cycle = Cycle.objects.get_or_create(name=Cycle.name_on(timezone.localdate()))[0]
    counselor = builders.a_user(Role.COUNSELOR, school, email=f"{word.lower()}@staff.example")
    guardian = builders.a_family(
        school,
        last_name=word,
        student=f"{word}child",
        guardian=f"{word}adult",
        email=f"{word.lower()}mail@home.example",
        phone=phone,
        language="es",
    )
    point = guardian.points.get(channel="sms")
    draft, running = (_campaign(school, cycle, counselor, now) for _ in range(2))
    for text in StepText.objects.filter(step__campaign=running, language="en"):
        text.review = StepText.Review.APPROVED
        text.save()
    control.launch(running, by=counselor, now=now)
    child = guardian.students.get()
    message = Message.objects.create(
        campaign=running,
        step=running.steps.first(),
        contact_point=point,
        school=school,
        household=child.household,
        channel="sms",
        address_index=point.address_index,
        language="es",
        state=MessageState.SENT,
        not_before=now,
        expires_at=now + dt.timedelta(days=3),
        sent_at=now,
    )
    message.body = f"{word}said in the message"
    message.save()
    reply = Reply(
        contact=guardian,
        contact_point=point,
        to_message=message,
        channel="sms",
        meaning=Reply.Meaning.QUESTION,
        received_at=now,
    )
    reply.body = f"{word}said in the reply"
    reply.save()
    file = (
        "student_id,student_first_name,student_last_name,guardian_first_name,guardian_phone\n"
        f"77,{word}child,{word},{word}adult,{word}said\n"
    )
    upload = uploads.begin(
        f"{word}said.csv", file.encode(), district=school.district, school=school, by=counselor
    )
    source = SourceFile.objects.create(
        name=f"{word} counts.csv", sha256=word, as_of=now.date(), cycle=cycle
    )
    Snapshot.objects.create(
        source=source, school=school, cycle=cycle, as_of=now.date(), submitted=90, completed=60
    )
    return Place(word, school, guardian, point, draft, running, message, upload, source, counselor)


def _campaign(school: School, cycle: Cycle, by: User, now: dt.datetime) -> Campaign:
    assert school.district is not None
    pack = packs.find("form-opens")
    return packs.adopt(
        pack, district=school.district, schools=[school], cycle=cycle, by=by, now=now
    )

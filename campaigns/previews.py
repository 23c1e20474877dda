"""What a family would read, shown to staff before anything is sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import segments, wording
from campaigns.audience import Audience
from campaigns.models import Campaign
from contacts import languages
from contacts.models import Channel, Contact, Student
from schools.models import School, User

# As long as a family's real link, so that the count of segments is the real one.
SAMPLE_LINK = "/f/" + "x" * 20 + "/"


@dataclass(frozen=True)
class Preview:
    """One text as one family would read it, and what it costs."""

    channel: str
    language: languages.Language
    sender: str
    subject: str
    body: str
    cost: segments.Segments | None = None
    hints: tuple[str, ...] = ()

    @property
    def direction(self) -> str:
        return "rtl" if self.language.rtl else "ltr"

    @property
    def address(self) -> str:
        """Whom an e-mail comes from."""
        return settings.FROM_EMAIL

    @property
    def characters(self) -> int:
        return len(self.body)


def sample_family(
    campaign: Campaign, language: str, *, user: User, today: dt.date
) -> wording.Family:
    """A real family of the audience that reads `language` if there is one, else any, else nobody.

    Its link leads nowhere: a preview must not open a family's page.
    """
    students = (
        Student.objects.visible_to(user)
        .filter(pk__in=Audience.of(campaign).students().values("pk"))
        .select_related("school__district")
    )
    guardians = Contact.objects.filter(student=None, guardianships__student__in=students)
    adult = (
        guardians.filter(language=language).order_by("last_name", "pk").first()
        or guardians.order_by("last_name", "pk").first()
    )
    theirs = (
        list(
            students.filter(guardianships__contact=adult).order_by("birth_date", "first_name", "pk")
        )
        if adult
        else []
    )
    if theirs:
        school = theirs[0].school
    else:
        school = campaign.schools.select_related("district").first() or School(name="")
    return wording.family_of(
        school,
        students=[student.first_name for student in theirs],
        guardian=adult.first_name if adult else "",
        link=settings.PUBLIC_URL + SAMPLE_LINK,
        unsubscribe=settings.PUBLIC_URL + "/u/" + "x" * 20 + "/",
        today=today,
        deadline=wording.next_deadline(campaign.cycle_id, campaign.district, today),
    )


def preview(
    channel: str, language: str, subject: str, body: str, family: wording.Family
) -> Preview:
    """The text as `family` would read it."""
    known = languages.get(language)
    worded = wording.word(channel, language, subject, body, family)
    if channel == Channel.SMS:
        cost = segments.count(worded.body)
        return Preview(
            channel, known, family.school, "", worded.body, cost, tuple(hints(worded.body, cost))
        )
    return Preview(channel, known, family.school, worded.subject, worded.body)


def hints(body: str, cost: segments.Segments) -> list[str]:
    """What the counselor may want to know about the cost, in plain words."""
    told = []
    if cost.encoding == segments.UCS2:
        shown = " ".join(cost.forcing[:8])
        plain = segments.count(segments.straighten(body))
        told.append(
            _("Longer because of %(characters)s: a part holds 67 of such characters, not 153.")
            % {"characters": shown}
        )
        if cost.replacements:
            saved = cost.segments - plain.segments
            pairs = ", ".join(
                f"{mark} → {straight}"
                for mark, straight in cost.replacements.items()
                if straight.strip()
            )
            told.append(_("Plain marks would do as well: %(pairs)s.") % {"pairs": pairs or "␣"})
            if saved > 0:
                told.append(
                    ngettext(
                        "That saves %(count)s part of each text.",
                        "That saves %(count)s parts of each text.",
                        saved,
                    )
                    % {"count": saved}
                )
        else:
            told.append(_("Keep the accents: they are right, and families notice."))
    if cost.segments > 3:
        told.append(_("More than three parts: shorter texts are read more."))
    if len(body) > segments.LONGEST:
        told.append(_("Too long to be sent: at most 1,600 characters."))
    if body.count("http") > 1:
        told.append(_("More than one link: phone companies filter such texts."))
    return told

"""What a family would read, shown to staff before anything is sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from campaigns.family_pages import links
from campaigns.models import Campaign
from campaigns.targeting.audience import Audience
from campaigns.words import segments, wording
from campaigns.words.family_values import money
from contacts import languages
from contacts.models import Channel, Contact, Student
from schools.models import School, User

SAMPLE_SCHOOL = "Lincoln High School"


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
    link, unsubscribe = links.samples(school)
    return wording.family_of(
        school,
        students=[student.first_name for student in theirs],
        guardian=adult.first_name if adult else "",
        link=link,
        unsubscribe=unsubscribe,
        today=today,
        deadline=wording.next_deadline(campaign.cycle_id, campaign.district, today),
    )


def made_up_family(campaign: Campaign | None, *, today: dt.date) -> wording.Family:
    """A family that does not exist, for translators, who see none that does."""
    found = campaign.schools.select_related("district").first() if campaign else None
    school = found or School(name=SAMPLE_SCHOOL)
    link, unsubscribe = links.samples(school)
    return wording.family_of(
        school,
        students=["Ana", "Luis"],
        guardian="Rosa",
        link=link,
        unsubscribe=unsubscribe,
        today=today,
        deadline=today + dt.timedelta(days=12),
    )


def preview(
    channel: str,
    language: str,
    subject: str,
    body: str,
    family: wording.Family,
    *,
    part_price: Decimal | None = None,
) -> Preview:
    """The text as `family` would read it, with what it costs if the price of a part is given."""
    known = languages.get(language)
    worded = wording.word(channel, language, subject, body, family)
    if channel == Channel.SMS:
        cost = segments.count(worded.body)
        return Preview(
            channel,
            known,
            family.school,
            "",
            worded.body,
            cost,
            (*_price(cost, part_price), *hints(worded.body, cost)),
        )
    return Preview(channel, known, family.school, worded.subject, worded.body)


def plain_text(language: str, body: str) -> Preview:
    """Words that the product texts by itself; they say who speaks and how to stop themselves."""
    cost = segments.count(body)
    known = languages.get(language)
    return Preview(Channel.SMS, known, SAMPLE_SCHOOL, "", body, cost, tuple(hints(body, cost)))


def _price(cost: segments.Segments, part_price: Decimal | None) -> list[str]:
    if part_price is None:
        return []
    thousand = money(round(1000 * cost.segments * part_price), get_language() or "en")
    return [_("About %(price)s for a thousand families.") % {"price": thousand}]


def hints(body: str, cost: segments.Segments) -> list[str]:
    """What whoever writes a text may want to know about its cost, in plain words."""
    told = _about_letters(body, cost) if cost.encoding == segments.UCS2 else []
    if cost.over_budget:
        told.append(
            _("More than %(count)s parts: shorter texts are read more.")
            % {"count": segments.BUDGET[cost.encoding]}
        )
    if len(body) > segments.LONGEST:
        told.append(_("Too long to be sent: at most 1,600 characters."))
    if body.count("http") > 1:
        told.append(_("More than one link: phone companies filter such texts."))
    return told


def _about_letters(body: str, cost: segments.Segments) -> list[str]:
    """Why a part holds fewer characters, and what would change that."""
    straight = segments.straighten(body)
    bare = segments.count(segments.without_accents(straight))
    if bare.encoding == segments.UCS2:
        return [_("Its letters take more room: a part holds 67 of them, not 153.")]
    shown = " ".join(char for char in cost.forcing[:8] if char.strip()) or "␣"
    told = [
        _("Longer because of %(characters)s: a part holds 67 of such characters, not 153.")
        % {"characters": shown}
    ]
    if cost.replacements:
        pairs = ", ".join(
            f"{mark} → {straight}"
            for mark, straight in cost.replacements.items()
            if straight.strip()
        )
        told.append(_("Plain marks would do as well: %(pairs)s.") % {"pairs": pairs or "␣"})
        if (saved := cost.segments - segments.count(straight).segments) > 0:
            told.append(
                ngettext(
                    "That saves %(count)s part of each text.",
                    "That saves %(count)s parts of each text.",
                    saved,
                )
                % {"count": saved}
            )
    if segments.count(straight).encoding == segments.UCS2:
        told.append(
            ngettext(
                "Without accents it would take %(count)s part. Keep them: they are right, and "
                "families notice.",
                "Without accents it would take %(count)s parts. Keep them: they are right, and "
                "families notice.",
                bare.segments,
            )
            % {"count": bare.segments}
        )
    return told

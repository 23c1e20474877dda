"""The words that one family reads: the right language, its own names, both forms of an e-mail."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from campaigns.family_pages import links
from campaigns.models import Assignment, Message, MessageState, Step, StepText
from campaigns.targeting.audience import Audience
from campaigns.words import segments
from campaigns.words.email_page import email_page, email_text
from campaigns.words.family_values import Family, in_order, leading, locale_for, money, values
from campaigns.words.forms_named import paths_fitting
from campaigns.words.phrases import PhraseBook
from campaigns.words.placeholders import fill, is_sound
from contacts import languages
from contacts.models import Channel, Contact, ContactPoint, Guardianship, Student
from schools.models import Deadline, District, School

__all__ = ["Family", "Wording", "locale_for", "render_batch", "word"]

STOP_AGAIN_AFTER = dt.timedelta(days=30)  # RULES: in the first text and at least monthly


@dataclass(frozen=True)
class Wording:
    """What goes out to one address."""

    subject: str
    body: str
    html: str
    segments: int  # of a text message; 0 for an e-mail
    language: str = ""  # that the words are in


def word(
    channel: str,
    language: str,
    subject: str,
    body: str,
    family: Family,
    book: PhraseBook | None = None,
) -> Wording:
    """A text in `language` worded for one family; `book` spares a query where many are."""
    book = book or PhraseBook.load()
    known = values(family, language, book)
    dollars = partial(money, language=language)
    words = fill(body, known, dollars).strip()
    if channel == Channel.SMS:
        stop = in_order(book.say("stop", language), language) if family.names_stop else ""
        words = leading(text_message(words, family.school, stop), language)
        return Wording("", words, "", segments.count(words).segments, language)
    subject = " ".join(fill(subject, known, dollars).split())  # a header is one line
    subject = leading(subject, language)
    why, spoken = book.spoken("why", language)
    about = fill(why, values(family, spoken, book))
    foot: Any = {
        "why": about,
        "postal_address": family.postal_address,
        "page": (book.say("page", language), family.link),
        "unsubscribe": (book.say("unsubscribe", language), family.unsubscribe),
    }
    return Wording(
        subject,
        email_text(words, **foot),
        email_page(words, subject=subject, school=family.school, language=language, **foot),
        0,
        language,
    )


def text_message(words: str, school: str, stop: str) -> str:
    """`words` with the school speaking first and, if given, the way to stop at the end."""
    if school and not words.casefold().startswith(school.casefold()):
        words = f"{school}: {words}"
    return words if not stop or "STOP" in words else f"{words} {stop}"


# Whole batches ------------------------------------------------------------------------------


def render_batch(
    messages: Sequence[Message], *, now: dt.datetime | None = None
) -> dict[int, Wording]:
    """The wording of each message by its primary key, in few queries however many there are.

    A message that is missing cannot be worded: its family's language and all its fallbacks have no
    approved text that fits the forms of the students it would name, or all of them have left.
    """
    moment = now or timezone.now()
    batch = [message for message in messages if message.step_id]
    texts = approved_texts({message.step_id for message in batch})
    people = _people(batch)
    variants = _variants(batch)
    spoken_to = _texted_lately(batch, moment)
    deadlines = _Deadlines(batch)
    book = PhraseBook.load()
    worded = {}
    for message in batch:
        students, guardian = people.get(message.pk, ([], ""))
        if not students or message.campaign is None:
            continue
        text = _choose(texts, message, students, variants.get(message.pk, ""))
        if text is None:
            continue
        school = message.school or students[0].school
        today = timezone.localtime(moment).date()
        family = family_of(
            school,
            students=[student.first_name for student in students],
            guardian=guardian,
            link=links.short_url(message),
            unsubscribe=links.unsubscribe_url(message),
            today=today,
            deadline=deadlines.next(message.campaign.cycle_id, school, today),
            names_stop=message.address_index not in spoken_to,
        )
        worded[message.pk] = word(
            message.channel, text.language, text.subject, text.body, family, book
        )
    return worded


def family_of(
    school: School,
    *,
    students: Iterable[str],
    guardian: str,
    link: str,
    unsubscribe: str,
    today: dt.date,
    deadline: dt.date | None,
    names_stop: bool = True,
) -> Family:
    """A family of `school`, with what the school and its district add."""
    district = school.district
    return Family(
        students=tuple(students),
        guardian=guardian,
        school=school.name,
        help_phone=district.help_phone if district else "",
        link=link,
        unsubscribe=unsubscribe,
        postal_address=postal_address(school, district),
        today=today,
        deadline=deadline,
        names_stop=names_stop,
    )


def postal_address(school: School, district: District | None) -> str:
    """Where the sender can be written to (CAN-SPAM): the district's address, else the install's."""
    address = (district.postal_address if district else "") or settings.POSTAL_ADDRESS
    return ", ".join(part for part in (school.name, address) if part)


def next_deadline(cycle: str, district: District, today: dt.date) -> dt.date | None:
    """The cycle's next date that a district's families go by, today included."""
    dates = Deadline.objects.of_district(district).filter(cycle=cycle, on__gte=today)
    return dates.values_list("on", flat=True).first()


Texts = Mapping[tuple[int, str, str, str], StepText]


def approved_texts(steps: Iterable[int | None]) -> Texts:
    """Texts that a reader approved and that still say what the English ones say."""
    approved = StepText.objects.filter(step__in=set(steps), review=StepText.Review.APPROVED)
    found = {(text.step_id, text.channel, text.language, text.variant): text for text in approved}

    def may_be_sent(text: StepText) -> bool:
        english = found.get((text.step_id, text.channel, "en", text.variant))
        source = english.words if english else ""
        return is_sound(text.words, source) and not text.is_stale(source)

    return {key: text for key, text in found.items() if may_be_sent(text)}


def _choose(
    texts: Texts, message: Message, students: Sequence[Student], variant: str
) -> StepText | None:
    """The approved text nearest to the family's language that fits its students' forms.

    Its own wording comes first where wordings are compared, in each language before the next.
    """
    for language in dict.fromkeys([message.language, *languages.fallbacks(message.language)]):
        for wording in dict.fromkeys([variant, ""]):
            text = texts.get((message.step_id or 0, message.channel, language, wording))
            if text is None:
                continue
            fitting = paths_fitting(f"{text.subject}\n{text.body}")
            if all(student.path in fitting for student in students):
                return text
    return None


def _variants(batch: Sequence[Message]) -> dict[int, str]:
    """The wording that each message's household drew, of campaigns that compare wordings."""
    comparing = {m.campaign_id for m in batch if m.campaign and m.campaign.variants > 1}
    if not comparing:
        return {}
    drawn: dict[tuple[int | None, UUID | None], str] = {
        (campaign, household): variant
        for campaign, household, variant in Assignment.objects.filter(
            campaign__in=comparing, household__in={message.household_id for message in batch}
        ).values_list("campaign", "household", "variant")
    }
    return {m.pk: drawn.get((m.campaign_id, m.household_id), "") for m in batch}


def _people(batch: Sequence[Message]) -> dict[int, tuple[list[Student], str]]:
    """For each message: the students it names (oldest record first) and its guardian's name.

    An address shared by several people of a district speaks for all their students in the
    campaign's audience; if none is left in it (a form was finished since), for all present.
    """
    steps = {message.step_id for message in batch if message.step_id}
    audiences = {
        step.pk: (step.campaign.district_id, Audience.of_step(step))
        for step in Step.objects.filter(pk__in=steps).select_related("campaign")
    }
    indexes = {message.address_index for message in batch}
    holders: dict[tuple[str, int], list[Contact]] = defaultdict(list)
    points = ContactPoint.objects.filter(
        address_index__in=indexes, removed_on=None, contact__left_on=None
    ).select_related("contact")
    for point in points.order_by("contact__student_id", "created_at"):
        holders[point.address_index, point.contact.district_id].append(point.contact)
    contacts = {contact.pk: contact for found in holders.values() for contact in found}
    charges: dict[UUID, set[UUID]] = defaultdict(set)
    ties = Guardianship.objects.filter(contact__in=contacts, may_contact=True)
    for adult_pk, student_pk in ties.values_list("contact", "student"):
        charges[adult_pk].add(student_pk)
    for contact in contacts.values():
        if contact.student_id:
            charges[contact.pk].add(contact.student_id)
    ids = {student for found in charges.values() for student in found}
    students = {
        student.pk: student
        for student in Student.objects.present()
        .filter(pk__in=ids)
        .prefetch_related("school__district", "school__state")  # each school once, not each row
        .order_by("birth_date", "first_name", "pk")
    }
    place = {pk: at for at, pk in enumerate(students)}
    named: dict[int | None, set[UUID]] = {
        pk: set(audience.students().filter(pk__in=ids).values_list("pk", flat=True))
        for pk, (_district, audience) in audiences.items()
    }
    people = {}
    for message in batch:
        if message.step_id not in audiences:
            continue
        district, audience = audiences[message.step_id]
        adults = holders.get((message.address_index, district), [])
        theirs = {student for adult in adults for student in charges[adult.pk] if student in place}
        in_order = (students[pk] for pk in sorted(theirs, key=place.__getitem__))
        present = [student for student in in_order if student.cycle_id == audience.cycle]
        chosen = [s for s in present if s.pk in named[message.step_id]] or present
        guardian = next((adult.first_name for adult in adults if not adult.student_id), "")
        people[message.pk] = (chosen, guardian or (adults[0].first_name if adults else ""))
    return people


def _texted_lately(batch: Sequence[Message], moment: dt.datetime) -> set[str]:
    """Blind indexes of numbers that have had a text, and so the way to stop, within the month."""
    indexes = {m.address_index for m in batch if m.channel == Channel.SMS}
    return set(
        Message.objects.filter(
            address_index__in=indexes,
            channel=Channel.SMS,
            sent_at__gt=moment - STOP_AGAIN_AFTER,
            state__in=[MessageState.SENT, MessageState.DELIVERED],
        ).values_list("address_index", flat=True)
    )


class _Deadlines:
    """The deadlines of a batch's cycles, asked for once."""

    def __init__(self, batch: Sequence[Message]) -> None:
        cycles = {message.campaign.cycle_id for message in batch if message.campaign}
        self.rows = list(
            Deadline.objects.filter(cycle__in=cycles).values_list(
                "cycle", "state", "district", "on"
            )
        )

    def next(self, cycle: str, school: School, today: dt.date) -> dt.date | None:
        fitting = [
            on
            for of_cycle, state, district, on in self.rows
            if of_cycle == cycle
            and state in (None, school.state_id)
            and district in (None, school.district_id)
            and on >= today
        ]
        return min(fitting, default=None)

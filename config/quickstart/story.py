"""What has happened so far: two wordings compared, two reminders, what families answered, what the
region offers, and one campaign about to go out.

Everything goes through the product's own doors: the packs, the launch, the tick with the sandbox
transport, and the replies; only the clock is told what time it was.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from pathlib import Path

from django.db.models import Q

from campaigns import control, packs, published
from campaigns.inbox import replies
from campaigns.models import Campaign, Click, Event, Message, MessageState, Step, StepText
from campaigns.sending import tick
from campaigns.timing import sequences
from completion.models import Plan
from config.quickstart.moments import Moments
from config.quickstart.places import JUNIPER, REGION
from contacts.models import Channel
from schools.models import District, Region, School, User

PACK = Path(__file__).with_name("aid_night.toml")
HOLD_OUT_PERCENT = 20
HORIZON_DAYS = 30
SECOND_WORDING = {
    "en": "Free help tonight at our school: bring {student} and start the FAFSA or the WASFA with "
    "us. What to bring: {link}",
    "es": "Ayuda gratuita esta noche en la escuela: venga con {student} y empiecen con nosotros la "
    "FAFSA o la WASFA. Qué traer: {link}",
}
FOLLOW_UP = dt.timedelta(days=7)
OPENED = 0.3  # of the families, within two days
# By language: what is asked, and that it is done. Nothing here is a real family's.
QUESTIONS = {
    "en": [
        "We both signed but it still says in progress. What did we miss?",
        "Is there someone who can sit with us and fill it in?",
        "When is the next aid night at the school?",
    ],
    "es": [
        "¿Cuándo es la próxima noche de ayuda en la escuela?",
        "¿Quién nos puede ayudar a llenarla en español?",
    ],
    "vi": ["Nhà trường có ai giúp điền đơn bằng tiếng Việt không?"],
    "ru": ["Где посмотреть, что анкета принята?"],
    "so": ["Ma jirtaa cid naga caawin karta buuxinta foomka?"],
}
DONE = {"en": ["Done", "done!"], "es": ["Listo"], "uk": ["Готово"]}
STOP = {"en": ["STOP", "please stop texting me"], "es": ["no más"], "ru": ["стоп"]}


def wordings(when: Moments, staff: dict[str, User]) -> None:
    """An evening at the school soon after the form opened, announced in two wordings."""
    tamarack = School.objects.get(nces_id=JUNIPER.schools[0].nces_id)
    campaign = _adopt("event-tonight", [tamarack], when.evening, when, staff["counselor"])
    campaign.name, campaign.variants = f"{campaign.name} (A/B)", 2
    campaign.created_at = when.evening - dt.timedelta(hours=2)
    campaign.save()
    campaign.steps.update(channels=Step.Channels.SMS)
    shipped = StepText.objects.filter(step__campaign=campaign, channel=Channel.SMS)
    for language, body in SECOND_WORDING.items():
        text = shipped.get(language=language)
        text.pk, text.variant, text.body = None, "B", body
        text.source = "" if language == "en" else SECOND_WORDING["en"]
        text.save()
    Plan.objects.create(
        campaign=campaign, outcome=Plan.Outcome.SUBMITTED, horizon_days=HORIZON_DAYS
    )
    control.launch(campaign, by=staff["counselor"], now=when.evening)
    for hours in (0, 17, 25):
        at = when.evening + dt.timedelta(hours=hours)
        tick.run(at + dt.timedelta(minutes=1), until_idle=True)
        _deliver(campaign, at + dt.timedelta(minutes=2))
    _open(campaign, when.evening)


def offered(when: Moments, staff: dict[str, User]) -> None:
    """A pack that the network's coordinator has published for its schools."""
    published.publish(
        PACK.read_text(),
        place=Region.objects.get(code=REGION),
        by=staff["coordinator"],
        now=when.reminder - dt.timedelta(days=4),
        note="First version",
    )


def reminders(when: Moments, staff: dict[str, User]) -> Campaign:
    """Two reminders some weeks ago, one with a hold-out; returns the counselor's own."""
    tamarack, *others = (School.objects.get(nces_id=each.nces_id) for each in JUNIPER.schools)
    first = _adopt("form-opens", [tamarack], when.reminder, when, staff["counselor"])
    second = _adopt("form-opens", others, when.reminder, when, staff["administrator"])
    second.hold_out_percent = HOLD_OUT_PERCENT
    second.save()
    for campaign, by, later in (
        (first, staff["counselor"], dt.timedelta()),
        (second, staff["administrator"], dt.timedelta(minutes=20)),
    ):
        moment = when.reminder + later
        control.launch(campaign, by=by, now=moment)
        Campaign.objects.filter(pk=campaign.pk).update(created_at=moment - dt.timedelta(hours=2))
        tick.run(moment + dt.timedelta(minutes=1), until_idle=True)
        _deliver(campaign, moment + dt.timedelta(minutes=2))
    # What waited for a later hour somewhere goes out the next morning; the rest is over.
    for hours in (17, 20, 24 * 4, 24 * 6):
        tick.run(when.reminder + dt.timedelta(hours=hours), until_idle=True)
        for campaign in (first, second):
            _deliver(campaign, when.reminder + dt.timedelta(hours=hours, minutes=1))
    _answer(first, when)
    for campaign in (first, second):
        _open(campaign, when.reminder)
    return first


def about_to_go_out(when: Moments, staff: dict[str, User]) -> None:
    """A draft, reviewed and ready: due tomorrow afternoon, and once more for who is still out."""
    tamarack = School.objects.get(nces_id=JUNIPER.schools[0].nces_id)
    campaign = _adopt("accounts-first", [tamarack], when.reminder, when, staff["counselor"])
    campaign.steps.update(due_at=when.tomorrow)
    first = campaign.steps.get()
    again = Step.objects.create(
        campaign=campaign,
        position=2,
        channels=first.channels,
        when=Step.When.DATE,
        due_at=when.tomorrow + FOLLOW_UP,
    )
    sequences.copy_texts(list(first.texts.all()), again)


def _adopt(pack: str, schools: list[School], at: dt.datetime, when: Moments, by: User) -> Campaign:
    campaign = packs.adopt(
        packs.find(pack),
        district=District.objects.get(nces_id=JUNIPER.nces_id),
        schools=schools,
        cycle=when.cycle,
        by=by,
        now=at,
    )
    if len(schools) > 1:
        campaign.name = f"{campaign.name} ({', '.join(school.city for school in schools)})"
    campaign.seed = 20_261  # the same families are held out each time
    campaign.save()
    return campaign


def _deliver(campaign: Campaign, at: dt.datetime) -> None:
    """What the providers would have told us: most arrive, a few do not."""
    chance = random.Random(f"{campaign.pack} {campaign.messages.count()}")
    events, arrived, lost = [], [], []
    for message in campaign.messages.filter(state=MessageState.SENT).order_by("pk"):
        moment = at + dt.timedelta(seconds=chance.randint(2, 900))
        fails = chance.random() < 0.025
        message.state = MessageState.FAILED if fails else MessageState.DELIVERED
        if fails:
            message.reason = "30003" if message.channel == Channel.SMS else "blocked"
            lost.append(message)
        else:
            message.delivered_at = moment
            arrived.append(message)
        events.append(
            Event(
                provider="sandbox",
                provider_event_id=f"demo-{message.pk}",
                message=message,
                kind="failed" if fails else "delivered",
                code=message.reason if fails else "",
                at=moment,
            )
        )
    Event.objects.bulk_create(events)
    Message.objects.bulk_update(arrived, ["state", "delivered_at"], batch_size=500)
    Message.objects.bulk_update(lost, ["state", "reason"], batch_size=500)


def _open(campaign: Campaign, since: dt.datetime) -> None:
    """Some families open the link; so do link previews, which count for nobody."""
    chance = random.Random(f"opened {campaign.name}")
    clicks = []
    for message in campaign.messages.filter(state=MessageState.DELIVERED).order_by("pk"):
        at = since + dt.timedelta(minutes=chance.randint(5, 2880))
        if chance.random() < OPENED:
            clicks.append(Click(message=message, at=at))
        if message.channel == Channel.SMS and chance.random() < OPENED:
            clicks.append(Click(message=message, at=at, robot=Click.Robot.AGENT))
    Click.objects.bulk_create(clicks)


def _answer(campaign: Campaign, when: Moments) -> None:
    """Some families write back within a day: they ask, say that it is done, or stop."""
    chance = random.Random("answers")
    used: set[int] = set()
    for words in (STOP, DONE, QUESTIONS):
        for language, bodies in words.items():
            heard = campaign.messages.filter(
                Q(channel=Channel.SMS), state=MessageState.DELIVERED, language=language
            ).exclude(pk__in=used)
            for message, body in zip(heard.order_by("pk")[3:], bodies, strict=False):
                used.add(message.pk)
                replies.receive(
                    message.contact_point,
                    body,
                    to_message=message,
                    provider_id=f"demo-{uuid.UUID(int=message.pk)}",
                    now=when.reminder + dt.timedelta(minutes=chance.randint(8, 1200)),
                )

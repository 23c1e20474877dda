"""How far a campaign has come: aggregated in the database, in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from campaigns.models import Campaign, Click, Message, MessageState
from campaigns.sending.errors import Kind, meaning_of
from contacts import languages
from contacts.models import Channel

WINDOW = dt.timedelta(minutes=5)
WENT_OUT = (MessageState.SENT, MessageState.DELIVERED)
NOT_DONE = (MessageState.PENDING, MessageState.CLAIMED)

REASONS = {
    "held_out": _("Held out, so that the effect can be measured"),
    "suppressed": _("Asked not to be written to"),
    "no_consent": _("No consent"),
    "not_in_audience": _("No longer in the audience, such as a form finished since"),
    "no_text": _("No approved words that fit"),
    "weekly_cap": _("Heard enough from the district this week"),
}
BY_KIND = {
    Kind.PERMANENT: _("The number or address does not work (%(code)s)"),
    Kind.OPTED_OUT: _("Opted out at the provider (%(code)s)"),
    Kind.TEMPORARY: _("Out of reach after several tries (%(code)s)"),
    Kind.OURS: _("Our own account must be mended (%(code)s)"),
    Kind.MESSAGE: _("The provider did not take it (%(code)s)"),
}


@dataclass(frozen=True)
class Bar:
    """One channel's progress."""

    channel: str
    label: str
    total: int
    done: int
    sent: int


@dataclass(frozen=True)
class Row:
    """One line of a small table of counts."""

    key: str
    label: str
    count: int


@dataclass(frozen=True)
class Progress:
    total: int = 0
    bars: list[Bar] = field(default_factory=list)
    states: list[Row] = field(default_factory=list)
    reasons: list[Row] = field(default_factory=list)
    by_language: list[Row] = field(default_factory=list)
    fallbacks: list[str] = field(default_factory=list)  # who read another language than their own
    per_minute: float = 0.0  # messages sent, over the last five minutes
    next_at: dt.datetime | None = None
    opened: int = 0  # messages of which a person opened a link
    clicks: int = 0  # of people; robots and link previews are left out

    @property
    def done(self) -> int:
        return sum(bar.done for bar in self.bars)

    @property
    def sent(self) -> int:
        return sum(bar.sent for bar in self.bars)


def of(campaign: Campaign, *, now: dt.datetime) -> Progress:
    """The campaign's progress, in six queries whatever its size."""
    messages = Message.objects.filter(campaign=campaign)
    counts: Counter[tuple[str, str]] = Counter()
    for channel, state, count in (
        messages.order_by().values_list("channel", "state").annotate(n=Count("pk"))
    ):
        counts[channel, state] += count
    bars = []
    for channel in Channel:
        mine = {state: n for (of_channel, state), n in counts.items() if of_channel == channel}
        if not mine:
            continue
        bars.append(
            Bar(
                channel=channel.value,
                label=str(channel.label),
                total=sum(mine.values()),
                done=sum(n for state, n in mine.items() if state not in NOT_DONE),
                sent=sum(mine.get(state, 0) for state in WENT_OUT),
            )
        )
    states = [
        Row(state.value, str(state.label), n)
        for state in MessageState
        if (n := sum(count for (_c, of_state), count in counts.items() if of_state == state))
    ]
    recent = messages.filter(sent_at__gt=now - WINDOW, sent_at__lte=now).count()
    opened = Click.objects.filter(message__campaign=campaign, link=Click.Link.PAGE).by_people()
    by_people = opened.aggregate(clicks=Count("pk"), opened=Count("message", distinct=True))
    read: Counter[str] = Counter()
    worded: Counter[tuple[str, str]] = Counter()
    for own, worded_in, n, went_out in (
        messages.order_by()
        .values_list("language", "worded_in")
        .annotate(n=Count("pk"), went_out=Count("pk", filter=Q(state__in=WENT_OUT)))
    ):
        read[own] += n
        worded[own, worded_in] = went_out
    return Progress(
        **by_people,
        total=sum(counts.values()),
        bars=bars,
        states=states,
        reasons=_reasons(messages),
        by_language=[
            Row(code, languages.get(code).name, n)
            for code, n in sorted(read.items(), key=lambda each: (-each[1], each[0]))
        ],
        fallbacks=_fallbacks(worded),
        per_minute=recent / (WINDOW.total_seconds() / 60),
        next_at=messages.filter(state=MessageState.PENDING)
        .order_by("not_before")
        .values_list("not_before", flat=True)
        .first(),
    )


def _fallbacks(worded: Counter[tuple[str, str]]) -> list[str]:
    """Who read another language than their own, in words, most messages first."""
    return [
        ngettext(
            "%(count)s message to a family that reads %(own)s went out in %(instead)s: no approved "
            "words in %(own)s fit.",
            "%(count)s messages to families that read %(own)s went out in %(instead)s: no approved "
            "words in %(own)s fit.",
            n,
        )
        % {
            "count": n,
            "own": languages.get(own).in_a_sentence,
            "instead": languages.get(instead).in_a_sentence,
        }
        for (own, instead), n in worded.most_common()
        if n and instead not in ("", own)
    ]


def _reasons(messages: QuerySet[Message]) -> list[Row]:
    """Why messages were left out or failed, most frequent first."""
    rows = (
        messages.filter(state__in=[MessageState.SKIPPED, MessageState.FAILED])
        .exclude(reason="")
        .order_by()
        .values_list("reason")
        .annotate(n=Count("pk"))
        .order_by("-n", "reason")
    )
    return [Row(reason, reason_in_words(reason), n) for reason, n in rows]


def reason_in_words(reason: str) -> str:
    """A left-out reason or a provider's code in plain words."""
    if reason in REASONS:
        return str(REASONS[reason])
    return str(BY_KIND[meaning_of(reason).kind]) % {"code": reason}


def of_all(campaigns: list[Campaign]) -> dict[int, tuple[int, int]]:
    """(done, total) messages of each campaign, in one query."""
    rows = (
        Message.objects.filter(campaign__in=campaigns)
        .order_by()
        .values_list("campaign")
        .annotate(done=Count("pk", filter=~Q(state__in=NOT_DONE)), total=Count("pk"))
    )
    return {campaign: (done, total) for campaign, done, total in rows if campaign is not None}

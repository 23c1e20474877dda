"""Visits to a message's links, counted, with robots and link previews told apart.

Kept of a visit: which message, which link, when, and why it was no person. Neither the visitor's
address nor its device is.
"""

from __future__ import annotations

import datetime as dt
import re

from django.http import HttpRequest

from campaigns.models import Click, Message

# A person needs longer than this to pick up the phone, read and tap.
SOON = dt.timedelta(seconds=4)
# Scanners of mail open every link of a message in one breath.
AT_ONCE = dt.timedelta(seconds=3)

# Robots and link previews by what they call themselves. Apple's Messages fetches previews as
# "facebookexternalhit … Twitterbot"; the others are named in their makers' own pages.
_AGENTS = re.compile(
    r"bot\b|bot/|crawl|spider|preview|scan|facebookexternalhit|facebookcatalog|whatsapp|telegram"
    r"|slack|discord|skypeuripreview|viber|google-read-aloud|googleimageproxy|google-safety"
    r"|feedfetcher|bingpreview|barracuda|mimecast|proofpoint|safelinks|symantec|messagelabs"
    r"|fortinet|trendmicro|sophos|cloudmark|mailgun|headless|phantomjs|curl/|wget/|python-requests"
    r"|python-urllib|aiohttp|go-http-client|okhttp|java/|libwww|httpclient|monitor",
    re.IGNORECASE,
)


def count(request: HttpRequest, message: Message, link: Click.Link, *, now: dt.datetime) -> Click:
    """Keeps one visit; if it shows that others of the same moment were a scanner's, these too."""
    click = Click(message=message, link=link, at=now, robot=robot_of(request, message, now))
    others = message.clicks.filter(at__gt=now - AT_ONCE).exclude(link=link)
    if others.exists():
        click.robot = click.robot or Click.Robot.MANY
        others.by_people().update(robot=Click.Robot.MANY)
    click.save(force_insert=True)
    return click


def robot_of(request: HttpRequest, message: Message, now: dt.datetime) -> str:
    """Why a visit is no person's (Click.Robot); "" for a person's."""
    if request.method == "HEAD":
        return Click.Robot.HEAD
    agent = request.headers.get("User-Agent", "")
    if not agent or _AGENTS.search(agent):
        return Click.Robot.AGENT
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    if any("prefetch" in purpose or "preview" in purpose for purpose in purposes):
        return Click.Robot.PREFETCH
    moments = [moment for moment in (message.sent_at, message.delivered_at) if moment]
    if any(dt.timedelta() <= now - moment < SOON for moment in moments):
        return Click.Robot.SOON
    return ""

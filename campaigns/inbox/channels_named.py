"""What a wish to hear no more is about: our texts, our e-mails, or all that we send.

"Stop texting me, please email me instead" names both and is about one: only what the wish itself
says counts, and a list that goes on from it ("stop texting and emailing me").
"""

from __future__ import annotations

import re

from campaigns.inbox.keywords import FREE_STOP, unaccented
from contacts.models import Channel

ALL = frozenset(Channel.values)

_TEXTS = re.compile(
    r"\b(?:text|sms|txt)\w*|\b(?:phone|number|numero|celular|telefono)\b|\bmensajes? de texto\b"
)
_MAILS = re.compile(r"\be-?mail\w*|\bcorreos?\b|\bmailbox\b")
_WORDS = {Channel.SMS: _TEXTS, Channel.EMAIL: _MAILS}

# Said of no channel: of all. "Unsubscribe me from these emails" names its own.
_OF_ALL = re.compile(
    r"\b(?:remove|delete|unsubscribe|take) (?:me|us)\b|\b(?:quit|borr|elimin)[ae]n?(?:me|nos)\b"
    r"|\b(?:stop|cancel|end) all\b"
)
_EVERYTHING = re.compile(
    r"\bleave (?:me|us) alone\b|\bstop everything\b|\b(?:paren|detengan) todo\b"
    r"|\bstop ?all\b(?=\W*(?:(?:please|now|thanks|of (?:it|this|them))\W*)*\Z|\s*[.,!?;\n])"
)

# "Email me" after a wish asks for e-mail; "emails", "emailing" and "or email me" go on with it.
_CHANNEL = r"""(?:text\ messages?|text(?:s|ing)?|sms|txts?|phone|number|cell|e-?mail(?:s|ing)?
    |mailbox|calls?|calling|correos?(?:\ electronicos?)?|mensajes?\ de\ texto|textos?|celular
    |telefono|numero|llamadas?)\b"""
_DOING = r"(?:text|e-?mail|call)ing\b"
_ASKED_FOR = r"(?!\s+(?:me|us|my|to|is|only|instead|works?|please|si|mejor|solamente|solo)\b)"
_SPACE = r"[^\S\n]"  # the wish ends with its line
_BETWEEN = r"""(?:me|us|my|your|the|these|those|this|that|any|more|all|both|either|of|from|off|out
    |to|by|via|on|through|with|at|such|reminders?|notices?|updates?|alerts?|notifications?|lists?
    |messages?|stuff|things?|anything|everything|nos|mas|los|las|la|el|al|sus|mi|estos|estas|esos
    |esas|este|por|de|del|a|en|mensajes?|avisos?|recordatorios?|lista)\b"""
_AND = r"(?:(?:and|or|nor|y|e|o|u|ni)\b|&|/)"
_LIST = rf"""(?:{_SPACE}+(?:me|us|nos)\b)?
    (?:(?:{_SPACE}*,{_SPACE}*(?:{_BETWEEN}{_SPACE}+)*{_CHANNEL})*
      {_SPACE}*,?{_SPACE}*(?:(?:or|nor|ni){_SPACE}+{_CHANNEL}(?!.*\binstead\b)
                 |{_AND}{_SPACE}*(?:{_BETWEEN}{_SPACE}+)*(?:{_DOING}|{_CHANNEL}{_ASKED_FOR})))*"""
_GOES_ON = re.compile(_LIST, re.VERBOSE)
_SAYS_OF_WHAT = re.compile(
    rf"(?:{_SPACE}+{_BETWEEN})*{_SPACE}+{_CHANNEL}(?!{_SPACE}+(?:me|us|is|works?)\b){_LIST}",
    re.VERBOSE,
)


def named(text: str) -> frozenset[str]:
    """The channels that a wish to hear no more is about, however it came: "stop texting me" by
    e-mail is about texts as well (any reasonable means counts). Empty where it names none."""
    plain = re.sub(rf"{_SPACE}+", " ", unaccented(text.casefold().replace("\u2019", "'")))
    found = {channel for wish in FREE_STOP.finditer(plain) for channel in _of(wish, plain)}
    return ALL if _EVERYTHING.search(plain) else frozenset(found)


def mentioned(text: str) -> frozenset[str]:
    """The channels that a text speaks of anywhere, in a signature too."""
    plain = unaccented(text.casefold())
    return frozenset(channel.value for channel, words in _WORDS.items() if words.search(plain))


def _of(wish: re.Match[str], plain: str) -> frozenset[str]:
    more = None if mentioned(wish[0]) else _SAYS_OF_WHAT.match(plain, wish.end())
    more = more or _GOES_ON.match(plain, wish.end())
    found = mentioned(plain[wish.start() : more.end() if more else wish.end()])
    return found or (ALL if _OF_ALL.search(wish[0]) else frozenset())

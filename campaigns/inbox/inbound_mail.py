"""An e-mail from a family as SendGrid's Inbound Parse posts it, read into plain words
(https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from email import message_from_string, policy
from email.message import Message
from email.utils import parseaddr

from django.http import HttpRequest
from django.utils.html import strip_tags

from campaigns.inbox import keywords
from campaigns.models import Reply
from contacts.models import Channel

# The line that parts an answer from what it answers, as mail programs write it in the languages
# of our families, and the signs that need no language.
_QUOTED = re.compile(
    r"^(?:>.*|-{2,}\s*(?:original|forwarded|mensaje|исходное|원본|原始).*|_{5,}"
    r"|.{0,200}(?:wrote|escribió|пишет|написал\(?а?\)?|пише|đã viết|كتب|写道|寫道|님이 작성|sumulat"
    r"|nagsulat|نوشت|ولیکل).{0,80}[:：])$",
    re.IGNORECASE,
)

# What mail programs write before the subject of what is answered or passed on.
_ANSWERS = re.compile(
    r"^\W*(?:re|fwd?|rv|res|resp|enc|aw|wg|sv|vs|tr|отв|ответ|відп|пересл|回复|回覆|答复|答覆|转发|轉寄"
    r"|trả lời|chuyển tiếp|رد|回信|전달|답장|پاسخ)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mail:
    """One e-mail: who sent it, what they wrote themselves, and whether that is sure."""

    sender: str
    words: str
    name: str  # the same for each delivery of the same e-mail
    proven: bool  # SPF or DKIM says that the sender's domain sent it
    automatic: bool  # a machine's answer
    attachments: str


def read(request: HttpRequest) -> Mail:
    """The e-mail in a posted form. Each field comes in a character set of its own."""
    request.encoding = "latin-1"  # keeps the bytes; `charsets` says what they mean
    charsets = _json(request.POST.get("charsets", ""))

    def field(name: str) -> str:
        raw = request.POST.get(name, "").encode("latin-1", "replace")
        try:
            text = raw.decode(str(charsets.get(name, "utf-8")), "replace")
        except (LookupError, ValueError):  # the sender may name anything
            text = raw.decode("utf-8", "replace")
        return text.encode("utf-8", "replace").decode()  # half characters can be kept nowhere

    headers = message_from_string(field("headers"), policy=policy.compat32)
    sender = parseaddr(field("from"))[1].lower()
    words = own_words(field("text") or strip_tags(field("html")))
    subject = field("subject").strip()
    if not _answers_another(subject, headers) and (not words or _is_stop(subject)):
        words = f"{subject}\n{words}".strip()  # "Unsubscribe", and below it a signature
    return Mail(
        sender=sender,
        words=words,
        name=_name(headers, sender, words),
        proven=_is_proven(field("SPF"), field("envelope"), field("dkim"), sender),
        automatic=_is_automatic(headers),
        attachments=field("attachments"),
    )


def own_words(text: str) -> str:
    """What the family wrote, without the message that it answers."""
    own = []
    for line in text.splitlines():
        if _QUOTED.match(line.strip()):
            break
        own.append(line)
    return "\n".join(own).strip()


def _answers_another(subject: str, headers: Message) -> bool:
    """True where the subject is not the sender's own but that of the e-mail they answer."""
    names = ("In-Reply-To", "References")
    return bool(_ANSWERS.match(subject)) or any(name in headers for name in names)


def _is_stop(subject: str) -> bool:
    return keywords.meaning_of(subject) == Reply.Meaning.STOP


def _json(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _name(headers: Message, sender: str, words: str) -> str:
    """A sum over what makes it this e-mail and no other: programs that give each the same
    Message-ID lose none. No name of a text begins like it."""
    given = str(headers.get("Message-ID", "")).strip() or str(headers.get("Date", ""))
    whole = "\0".join([Channel.EMAIL, given, sender, words])
    return f"{Channel.EMAIL}:{hashlib.sha256(whole.encode()).hexdigest()}"


def _is_proven(spf: str, envelope: str, dkim: str, sender: str) -> bool:
    """SPF passes for the sender's own domain, or its signature does: `{@example.org : pass}`.

    A pass of another domain proves nothing: anyone may write another's name into "From".
    """
    domain = sender.rpartition("@")[2]
    posted_by = str(_json(envelope).get("from", "")).rpartition("@")[2].lower()
    signed = rf"@{re.escape(domain)}\s*:\s*pass\b"
    spf_passes = spf.strip().lower() == "pass" and posted_by == domain
    return spf_passes or bool(re.search(signed, dkim.lower()))


def _is_automatic(headers: Message) -> bool:
    """RFC 3834, and what older programs say instead."""
    said = str(headers.get("Auto-Submitted", "no")).strip().lower()
    return (
        said != "no"
        or str(headers.get("Precedence", "")).strip().lower() == "auto_reply"
        or "X-Autoreply" in headers
    )

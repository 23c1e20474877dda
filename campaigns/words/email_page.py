"""An e-mail's two twins from one text: plain words, and simple accessible HTML."""

from __future__ import annotations

import re

from django.template.loader import render_to_string
from django.utils.html import escape, format_html

from campaigns.words.catalogue import paragraphs
from contacts import languages

Link = tuple[str, str]  # label, address
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&*+,;=%-]*[A-Za-z0-9_~/=-]")


def email_text(words: str, *, why: str, postal_address: str, page: Link, unsubscribe: Link) -> str:
    """The plain-text twin: the words, then who writes, from where, and how to stop."""
    foot = [why, postal_address, f"{page[0]}: {page[1]}", f"{unsubscribe[0]}: {unsubscribe[1]}"]
    return words + "\n\n-- \n" + "\n".join(line for line in foot if line)


def email_page(
    words: str,
    *,
    subject: str,
    school: str,
    language: str,
    why: str,
    postal_address: str,
    page: Link,
    unsubscribe: Link,
) -> str:
    """The HTML twin. Paragraphs are parted by blank lines; addresses become links, and a paragraph
    that is the family's page and nothing else becomes a button."""
    known = languages.get(language)
    return render_to_string(
        "campaigns/email/message.html",
        {
            "paragraphs": [page[1] if p == page[1] else as_html(p) for p in paragraphs(words)],
            "subject": subject,
            "school": school,
            "language": language,
            "direction": "rtl" if known.rtl else "ltr",
            "why": why,
            "postal_address": postal_address,
            "page": page,
            "unsubscribe": unsubscribe,
        },
    )


def as_html(paragraph: str) -> str:
    """A paragraph as safe HTML: everything escaped, addresses linked.

    Not Django's urlize: it parts words by spaces, and takes the Chinese before an address along.
    """
    made, end = [], 0
    for found in _ADDRESS.finditer(paragraph):
        made.append(escape(paragraph[end : found.start()]))
        made.append(format_html('<a href="{0}">{0}</a>', found[0]))
        end = found.end()
    return "".join([*made, escape(paragraph[end:])]).replace("\n", "<br>")

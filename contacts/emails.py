"""E-mail addresses, checked by their form alone: nothing is asked of any server."""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.translation import gettext as _
from email_validator import EmailNotValidError, validate_email

# Names that only documentation and demonstrations use (RFC 2606), allowed so that these work.
_MADE_UP = (".example", ".test", "example.com", "example.org", "example.net")

# An address as nearly everyone has one; whatever looks otherwise takes the long way.
_USUAL = re.compile(r"([A-Za-z0-9](?:\.?[A-Za-z0-9_+\-]){0,40})@([A-Za-z0-9.\-]{3,80})")

# Written into a required field by a clerk; a family it is not, and a hundred would share it.
_NOBODY = {"noemail", "nomail", "noemailaddress", "noreply", "donotreply"}
_NOTHING = _NOBODY | {"none", "na", "no", "unknown", "email", "test", "nobody", "null"}


class BadEmail(ValueError):
    """A text that is no e-mail address; the message says what is wrong."""


def read(text: str) -> str:
    """The normalised address, in lower case. Raises BadEmail with a sentence for a person."""
    if usual := _USUAL.fullmatch(text):
        domain = _domain(usual[2].lower())
        if domain and not _is_nobodys(usual[1].lower(), domain):
            return f"{usual[1].lower()}@{domain}"
    return _read(text)


def _is_nobodys(name: str, domain: str) -> bool:
    """True for what is written where there is no address: none@none.com, no-email@x.org."""
    word = re.sub(r"[._\-]", "", name)
    return word in _NOBODY or (word in _NOTHING and domain.partition(".")[0] in _NOTHING)


@lru_cache(maxsize=20_000)
def _domain(domain: str) -> str:
    """The normalised domain; empty if no address can end so."""
    try:
        return _read(f"a@{domain}").removeprefix("a@")
    except BadEmail:
        return ""


@lru_cache(maxsize=20_000)
def _read(text: str) -> str:
    written = text.strip().removeprefix("mailto:").strip("<>;, ")
    if "@" not in written:
        raise BadEmail(_("An e-mail address has an @ in it."))
    if written.replace("@@", "@").count("@") > 1:  # a doubled one is a slip of the finger
        raise BadEmail(_("This looks like several addresses in one; split them by commas."))
    if any(c.isspace() for c in written):
        raise BadEmail(_("There is a space inside this address."))
    made_up = written.lower().endswith(_MADE_UP)
    try:
        checked = validate_email(written, check_deliverability=False, test_environment=made_up)
    except EmailNotValidError:
        if not (made_up and _plain(written)):
            raise BadEmail(_("This is not a complete e-mail address.")) from None
        return written.lower()
    normalized = checked.normalized.lower()
    if _is_nobodys(*normalized.split("@")):
        raise BadEmail(_("This stands for no address."))
    return normalized


def _plain(address: str) -> bool:
    name, _at, domain = address.partition("@")
    allowed = set("._+-")
    return (
        bool(name and domain)
        and address.isascii()
        and all(c.isalnum() or c in allowed for c in name + domain)
        and not any(bad in address for bad in ("..", "@.", ".@"))
    )

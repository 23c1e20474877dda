"""Phone numbers as people write them, made into the form that networks dial (E.164)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext as _
from phonenumbers import NumberParseException, PhoneNumberType, timezone

_EXTENSION = re.compile(r"(?:\b|\d)(?:ext\.?|extension|x)\s*\d{1,7}\s*$", re.IGNORECASE)
_NOTE = re.compile(
    r"[\s\-–]*[(\[]?\b(?:cell|mobile|mobil|home|work|wk|hm|c|h|w|m|mom|dad|mother|father)\b\.?[)\]]?",
    re.IGNORECASE,
)
# A number of North America as nearly everyone writes it: area code, exchange, line.
_USUAL = re.compile(
    r"\s*(?:\+?1[ .\-]*)?\(?([2-9][0-9]{2})\)?[ .\-]*([2-9][0-9]{2})[ .\-]*([0-9]{4})\s*"
)
_DIRECTORY = "5551212"  # in any area; a well-known thing to write where there is no number
_BARBADOS = "246"  # the one place where the seventh digit decides


class BadPhone(ValueError):
    """A text that is no phone number that can be written to; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A dialable number; `area_zone` is its one time zone, or "" where it has several."""

    e164: str
    area_zone: str


def read(text: str) -> Phone:
    """The number meant by `text`. Raises BadPhone with a sentence for the person who typed it.

    Numbers without a country code belong to `settings.PHONE_REGION` (default US). An area code
    tells where a number was issued, not where its owner lives: it is a hint and no more.
    """
    region = settings.PHONE_REGION
    if region == "US" and (usual := _USUAL.fullmatch(text)):
        area, exchange, line = usual.groups()
        if f"{exchange}{line}" == _DIRECTORY:
            raise BadPhone(_("This is directory assistance, not somebody's phone."))
        zone = _zone(area, exchange, line[:2] if exchange == "555" else "")
        if zone is not None:
            return Phone(f"+1{area}{exchange}{line}", zone)
    return _read(text, region)


@lru_cache(maxsize=100_000)
def _zone(area: str, exchange: str, line: str) -> str | None:
    """The time zone of all numbers that begin so; None where this does not tell.

    In North America the area code and exchange decide about validity, kind and zone (so says
    the library's table, and a test compares), but for 555 and Barbados.
    """
    if area == _BARBADOS:
        return None
    try:
        return _read.__wrapped__(f"+1{area}{exchange}{line.ljust(4, '0')}", "US").area_zone
    except BadPhone:
        return None


@lru_cache(maxsize=20_000)
def _read(text: str, region: str) -> Phone:
    written = text.strip()
    digits = sum(c.isdigit() for c in written)
    if "@" in written:
        raise BadPhone(_("This is an e-mail address, not a phone number."))
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", written):
        raise BadPhone(_("A spreadsheet has rounded this number; format the column as text."))
    if not digits:
        raise BadPhone(_("There is no number here."))
    if _EXTENSION.search(written):
        raise BadPhone(_("A number with an extension cannot get texts."))
    written = _NOTE.sub("", written)
    try:
        number = phonenumbers.parse(written, region)
    except NumberParseException as error:
        if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
            raise BadPhone(_("This country code does not exist.")) from None
        if error.error_type == NumberParseException.TOO_LONG:
            raise BadPhone(_("This number has too many digits.")) from None
        raise BadPhone(_("This number has too few digits.")) from None
    _check(number, region)
    kind = phonenumbers.number_type(number)
    if kind in {PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE}:
        raise BadPhone(_("This is a toll-free or paid service, not somebody's phone."))
    zones = [z for z in timezone.time_zones_for_number(number) if z != timezone.UNKNOWN_TIMEZONE]
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if e164.startswith("+1") and e164.endswith(_DIRECTORY):
        raise BadPhone(_("This is directory assistance, not somebody's phone."))
    return Phone(e164, zones[0] if len(zones) == 1 else "")


def _check(number: phonenumbers.PhoneNumber, region: str) -> None:
    """Raises BadPhone unless the number could exist."""
    reason = phonenumbers.is_possible_number_with_reason(number)
    local_only = phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY
    if reason == local_only:
        raise BadPhone(_("The area code is missing."))
    if reason == phonenumbers.ValidationResult.TOO_SHORT:
        raise BadPhone(_("This number has too few digits."))
    if reason == phonenumbers.ValidationResult.TOO_LONG:
        raise BadPhone(_("This number has too many digits."))
    if not phonenumbers.is_valid_number(number):
        digits = str(number.national_number)
        fictional = number.country_code == 1 and digits[3:6] == "555"
        # 555-0100 to 555-0199 are kept for stories; demonstrations and tests use them.
        if fictional and 100 <= int(digits[-4:]) <= 199:
            return
        raise BadPhone(_("No phone can have this number."))


def shown(e164: str) -> str:
    """The number as people at home write it: (206) 555-0123, else with its country code."""
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return e164
    home = phonenumbers.country_code_for_region(settings.PHONE_REGION)
    at_home = number.country_code == home
    form = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if at_home
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(number, form)

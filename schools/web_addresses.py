"""A district's own address for its families' links: entered, proved, taken up and left."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlsplit

import dns.exception
import dns.resolver
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http.request import validate_host
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from schools import audit
from schools.models import District, User, WebAddress

FITS = 36  # letters of a host; with more, some ready texts take one part more than they should
PROOF = "schools.web_addresses.proof"
# RFC 1123 labels, two at least; the last holds a letter and is no hexadecimal number, which
# browsers read too, so no IP address is a host name.
HOST = re.compile(
    r"(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-|0x)(?=[a-z0-9-]*[a-z])[a-z0-9-]{2,63}(?<!-)"
)


class NotAnAddress(ValueError):
    """What was entered cannot be an address of families; the message says why."""


class NoRecord(LookupError):
    """The name's DNS does not say that it is for this district."""


def host_of(entered: str) -> str:
    """The host name of an address such as https://aid.example.org. Raises NotAnAddress.

    Only https, and nothing but the host: a path, a port or a password has no place in a link that
    a text carries. Other alphabets become Latin letters (IDNA), which also keeps a text short.
    """
    address = entered.strip()
    if "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode().lower()
        port = parts.port
    except ValueError as error:  # UnicodeError is one
        raise NotAnAddress(_("This is no web address.")) from error
    if parts.scheme != "https":
        raise NotAnAddress(_("Families’ links must be safe: write https://."))
    if port or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        raise NotAnAddress(_("Only the host, such as https://aid.example.org, nothing after it."))
    if not HOST.fullmatch(host) or len(host) > 253:
        raise NotAnAddress(_("This is no web address."))
    return host


def is_of_staff(host: str) -> bool:
    """True for hosts that the operator named: there the staff's pages are, so no family's."""
    named = [pattern for pattern in settings.ALLOWED_HOSTS if pattern != "*"]
    return host == urlsplit(settings.PUBLIC_URL).hostname or validate_host(host, named)


def enter(district: District, host: str, *, by: User, now: dt.datetime) -> WebAddress:
    """The district's address, waiting for its proof, or taken up at once if it was proved before.

    It takes the place of one that still waits. Raises NotAnAddress for a host of the staff's pages
    and for one that another district proved or has waited for less than two weeks.
    """
    if is_of_staff(host):
        raise NotAnAddress(_("Staff sign in at this address; families need one of their own."))
    with transaction.atomic():
        WebAddress.objects.lapsed(now).filter(host=host).delete()
        # Whoever enters a host keeps its row: it is compared under its lock, never moved.
        found, _made = WebAddress.objects.select_for_update().get_or_create(
            host=host, defaults={"district": district, "entered_at": now}
        )
        if found.district_id != district.pk:
            raise NotAnAddress(_("Another district uses this address, or is setting it up."))
        district.web_addresses.filter(proved_at=None).exclude(host=host).delete()
        audit.record(
            by, "district.address", f"district {district.nces_id}", district=district, host=host
        )
        if found.proved_at:
            _link_to(district, host)
    return found


def leave(district: District, *, by: User) -> None:
    """New links are the install's again; those that were sent go on working."""
    with transaction.atomic():
        audit.record(
            by, "district.address", f"district {district.nces_id}", district=district, host=""
        )
        _link_to(district, "")


def release(host: str, *, by: User | None) -> District | None:
    """The district that held the host, which any may enter again; None if none held it.

    For whoever runs the install, when the wrong district holds it: links on it are dead until it
    is proved again.
    """
    with transaction.atomic():
        found = WebAddress.objects.select_for_update().filter(host=host).first()
        if found is None:
            return None
        district = found.district
        found.delete()
        audit.record(
            by,
            "district.address_released",
            f"district {district.nces_id}",
            district=district,
            host=host,
        )
        if district.link_host == host:
            _link_to(district, "")
    return district


def proof_url(address: WebAddress) -> str:
    """A link on the new host; whoever opens it sees, and shows us, that it leads here."""
    claim = [address.pk, address.district_id]
    return f"{address}/here/{signing.dumps(claim, salt=PROOF)}/"


def record_of(address: WebAddress) -> tuple[str, str]:
    """Name and text of the TXT record that only who keeps the name's DNS can make.

    It stands below the host, since beside a CNAME record no other may stand (RFC 1034, 3.6.2).
    """
    claim = f"{address.pk} {address.district_id} {address.host}"
    return (
        f"_aidbeacon.{address.host}",
        f"aidbeacon-proof={salted_hmac(PROOF, claim).hexdigest()[:32]}",
    )


def prove(token: str, host: str, *, now: dt.datetime) -> WebAddress | None:
    """Takes up the address that the proof names, if it was opened on that very host.

    None for any other token, district or host, and for one that was taken back or lapsed meanwhile.
    Raises NoRecord while the DNS does not name the district: a Host header alone can be forged.
    """
    try:
        pk, district = signing.loads(token, salt=PROOF, max_age=dt.timedelta(days=7))
    except (signing.BadSignature, TypeError):  # links of before named no district
        return None
    named = WebAddress.objects.filter(pk=pk, district=district, host=host).exclude(
        pk__in=WebAddress.objects.lapsed(now)
    )
    seen = named.first()
    if seen and not seen.proved_at and not _is_recorded(seen):  # asked with nothing locked
        raise NoRecord(seen.host)
    with transaction.atomic():
        found = named.select_for_update().first()
        if found and not found.proved_at:
            found.proved_at = now
            found.save(update_fields=["proved_at"])
            _link_to(found.district, host)
    return found


def _is_recorded(address: WebAddress) -> bool:
    name, text = record_of(address)
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=5, search=False)
    except dns.exception.DNSException:
        return False
    return any(record.to_text() == f'"{text}"' for record in answer)


def _link_to(district: District, host: str) -> None:
    district.link_host = host
    district.save(update_fields=["link_host"])

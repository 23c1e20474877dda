"""A client of OneRoster 1.2 services: OAuth 2 client credentials, pages of JSON, no surprises.

Sources: the 1EdTech OneRoster 1.2 rostering service (REST binding) and security framework;
RFC 6749 §4.4 for the token, RFC 8288 for `Link`, RFC 9110 §10.2.3 for `Retry-After`.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.utils.translation import gettext as _
from requests.auth import AuthBase, HTTPBasicAuth

from contacts.rosters.problems import RosterError

Json = dict[str, Any]

_SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
SCOPES = [_SCOPE + name for name in ("roster.readonly", "roster-core.readonly")]
BIRTH_DATES = _SCOPE + "roster-demographics.readonly"  # asked for too; a district may refuse it
ROOT = "/ims/oneroster/rostering/v1p2"

PAGE = 1_000
MAX_PAGES = 20_000
MAX_ANSWER_BYTES = 16 * 1024 * 1024
MAX_TOKEN_BYTES = 64 * 1024
MAX_REDIRECTS = 3
TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two bytes
LONGEST_ANSWER = 300.0  # seconds for a whole page, however it drips
TRIES = 5
LONGEST_WAIT = 120.0  # seconds that a Retry-After may ask for
WAITING_IN_ALL = 900.0
EARLY = 30.0  # seconds before its end at which a token is renewed
LOCAL = {"localhost", "127.0.0.1", "::1"}
_BUSY = {429, 500, 502, 503, 504}


class Refused(RosterError):
    """The service does not let us see this part (403, 404)."""


class _Bearer(AuthBase):
    """Sets the token and keeps a ~/.netrc from replacing it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Client:
    """Reads one service. `with Client(...) as client: client.rows("users")`.

    `local`: plain http to this very machine is allowed (a test server). Raises RosterError.
    """

    def __init__(
        self,
        url: str,
        token_url: str,
        client_id: str,
        secret: str,
        *,
        local: bool = False,
        page: int = PAGE,
        timeout: tuple[float, float] = TIMEOUT,
        longest_wait: float = LONGEST_WAIT,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base = checked(url, local=local).rstrip("/")
        if not urlsplit(self._base).path.endswith(ROOT):
            self._base += ROOT
        self._token_url = checked(token_url, local=local)
        self._basic = HTTPBasicAuth(client_id.encode(), secret.encode())
        self._page, self._timeout, self._longest_wait = page, timeout, longest_wait
        self._sleep, self._clock = sleep, clock
        self._waited = 0.0
        self._token, self._token_ends = "", 0.0
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", "User-Agent": "Aidbeacon"})

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self._session.close()

    # Rows ----------------------------------------------------------------------------------

    def rows(self, name: str) -> Iterator[Json]:
        """Every object of a collection such as `users`, page after page.

        Follows `Link: rel="next"`; without it counts on by `offset` until X-Total-Count, and
        without that until a page is empty, for a service may send fewer a page than asked for.
        """
        url = f"{self._base}/{name}"
        params: dict[str, int] | None = {"limit": self._page, "offset": 0}
        begun: set[str] = set()
        read = 0
        for _number in range(MAX_PAGES):
            answer, headers = self._get(name, url, params)
            found = _collection(name, answer)
            first = str(found[0].get("sourcedId")) if found else ""
            link, total = headers.get("Link", ""), headers.get("X-Total-Count", "")
            if first in begun:
                if read == len(found) and not (link or total):
                    return  # a service without pages sends all of it each time
                raise self._endless(name)
            if found:
                begun.add(first)
            yield from found
            read += len(found)
            if next_url := _next(link):
                url, params = self._same_host(url, next_url), None
                continue
            # A service that links its pages links none from the last.
            ended = "rel=" in link or (read >= int(total) if total.isdecimal() else not found)
            if ended or not found:
                self._whole(name, read, total)
                return
            params = {"limit": self._page, "offset": read}
        raise self._endless(name)

    def _endless(self, name: str) -> RosterError:
        return RosterError(
            _("The service sends %(name)s without an end. Ask its maker for help.") % {"name": name}
        )

    def _whole(self, name: str, read: int, total: str) -> None:
        """A page that came back empty half-way would make present students look gone."""
        if total.isdecimal() and read < int(total):
            raise RosterError(
                _("The service promised %(total)s %(name)s and sent %(read)s. Try again later.")
                % {"total": total, "name": name, "read": read}
            )

    # Requests ------------------------------------------------------------------------------

    def _get(
        self, name: str, url: str, params: dict[str, int] | None
    ) -> tuple[Any, requests.structures.CaseInsensitiveDict[str]]:
        renewed = False
        for attempt in range(1, TRIES + 1):
            if self._clock() >= self._token_ends:
                self._sign_in()
            status, headers, content = self._follow(url, params)
            if status == 401 and not renewed:
                renewed, self._token_ends = True, 0.0
                continue
            if status in _BUSY and attempt < TRIES:
                self._wait(headers.get("Retry-After", ""), attempt)
                continue
            if status == 200:
                return _parsed(content), headers
            raise _told(name, status)
        raise _told(name, 503)

    def _follow(
        self, url: str, params: dict[str, int] | None
    ) -> tuple[int, requests.structures.CaseInsensitiveDict[str], bytes]:
        """Follows redirects on the same host only: another host must never see the token."""
        for _hop in range(MAX_REDIRECTS + 1):
            answer = self._ask("GET", url, params=params, auth=_Bearer(self._token))
            if answer[0] not in {301, 302, 303, 307, 308}:
                return answer
            url, params = self._same_host(url, answer[1].get("Location", "")), None
        raise RosterError(_("The service sends us round in circles. Check its address."))

    def _sign_in(self) -> None:
        """Fetches a token; a service that knows no dates of birth is asked again without them."""
        status, content = self._token_for([*SCOPES, BIRTH_DATES])
        if status == 400:
            status, content = self._token_for(SCOPES)
        if status in {400, 401, 403}:
            raise RosterError(
                _("The service does not accept the client id and secret. Enter them again.")
            )
        if status != 200:
            raise RosterError(
                _("The address for tokens answers with error %(status)s. Check the address.")
                % {"status": status}
            )
        answer = _parsed(content)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not (isinstance(token, str) and token.isascii() and token.isprintable()):
            raise RosterError(_("The address for tokens sends no token. Check the address."))
        seconds = answer.get("expires_in")
        try:
            lasts = min(max(float(seconds), 1.0), 86_400.0)
        except (TypeError, ValueError):
            lasts = 3_600.0
        self._token = token
        self._token_ends = self._clock() + max(lasts - EARLY, lasts / 2)

    def _token_for(self, scopes: list[str]) -> tuple[int, bytes]:
        form = {"grant_type": "client_credentials", "scope": " ".join(scopes)}
        for attempt in range(1, TRIES + 1):
            status, headers, content = self._ask(
                "POST", self._token_url, data=form, auth=self._basic, most=MAX_TOKEN_BYTES
            )
            if status not in _BUSY or attempt == TRIES:
                break
            self._wait(headers.get("Retry-After", ""), attempt)
        return status, content

    def _ask(
        self, method: str, url: str, *, most: int = MAX_ANSWER_BYTES, **options: Any
    ) -> tuple[int, requests.structures.CaseInsensitiveDict[str], bytes]:
        """One request: status, headers, and the body as far as it may go."""
        until = self._clock() + LONGEST_ANSWER
        try:
            with self._session.request(
                method, url, timeout=self._timeout, allow_redirects=False, stream=True, **options
            ) as answer:
                content = bytearray()
                for chunk in answer.iter_content(64 * 1024):
                    content += chunk
                    if len(content) > most:
                        raise RosterError(_("The service sends far more than was asked for."))
                    if self._clock() > until:
                        raise requests.Timeout
                return answer.status_code, answer.headers, bytes(content)
        except requests.Timeout:
            raise RosterError(_("The service takes too long to answer. Try again later.")) from None
        except requests.exceptions.SSLError:
            raise RosterError(
                _("The service's certificate cannot be trusted. Ask whoever runs it to renew it.")
            ) from None
        except (requests.RequestException, UnicodeError, ValueError, OSError):
            raise RosterError(
                _("The service cannot be reached. Check its address, and that it is running.")
            ) from None

    def _wait(self, retry_after: str, attempt: int) -> None:
        """Waits as the service asks, within bounds; else a little longer each time."""
        asked = _seconds(retry_after)
        seconds = min(2.0**attempt, 30.0) if asked is None else asked
        self._waited += seconds
        if seconds > self._longest_wait or self._waited > WAITING_IN_ALL:
            raise RosterError(_("The service is too busy and asks to come back later."))
        self._sleep(seconds)

    # Addresses -----------------------------------------------------------------------------

    def _same_host(self, url: str, further: str) -> str:
        """`further` made whole. Raises RosterError where it leads to another host."""
        try:
            target = urljoin(url, further)
            here, there = urlsplit(url), urlsplit(target)
            same = (here.scheme, here.hostname, here.port) == (
                there.scheme,
                there.hostname,
                there.port,
            )
        except ValueError:
            same = False
        if not same:
            raise RosterError(
                _("The service sends us to another host. Enter the address that it moved to.")
            )
        return target


def checked(url: str, *, local: bool = False) -> str:
    """The address if it may carry a secret. Raises RosterError."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.username or parts.password:
        raise RosterError(_("This is not the address of a service: it needs https and a host."))
    near = host in LOCAL
    secure = parts.scheme == "https" or (near and parts.scheme == "http")
    if not secure or (near and not local):
        raise RosterError(
            _("The address must begin with https:// and be reached over the network.")
        )
    return url


def _collection(name: str, answer: Any) -> list[Json]:
    """The list in an answer. Raises RosterError where it is none."""
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise RosterError(
            _("The service's answer holds no list of %(name)s. Check its address.") % {"name": name}
        )
    return found


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise RosterError(
            _("The service answers with something other than JSON. Check its address.")
        ) from None


def _next(link: str) -> str:
    """The target of `rel="next"` in a Link header; "" if there is none."""
    for each in requests.utils.parse_header_links(link[:8_000]) if link else []:
        if "next" in each.get("rel", "").lower().split():
            return each.get("url", "")
    return ""


def _seconds(retry_after: str) -> float | None:
    """Seconds in a Retry-After header, which may be a number or a date; None if it is neither."""
    if retry_after.strip().isdecimal():
        return float(retry_after[:9])
    try:
        when = email.utils.parsedate_to_datetime(retry_after)
    except (TypeError, ValueError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max(0.0, (when - dt.datetime.now(dt.UTC)).total_seconds())


def _told(name: str, status: int) -> RosterError:
    if status == 401:
        return RosterError(_("The service does not accept its own token. Ask its maker for help."))
    if status in {403, 404}:
        return Refused(
            _(
                "The service does not show %(name)s to this client (%(status)s). Ask whoever runs "
                "it to allow reading rosters, and check the address."
            )
            % {"name": name, "status": status}
        )
    if status in _BUSY:
        return RosterError(
            _("The service is in trouble (error %(status)s). Try again later.") % {"status": status}
        )
    return RosterError(
        _("The service answers with error %(status)s when asked for %(name)s.")
        % {"name": name, "status": status}
    )

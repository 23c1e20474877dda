"""A OneRoster 1.2 service on this machine: enough of the standard to be read by a real client.

It checks what a real one checks, counts what it is asked, and fails on demand.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CLIENT, SECRET = "aidbeacon", "s3cret-of-the-roster"
ROOT = "/ims/oneroster/rostering/v1p2/"
SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"

Json = dict[str, Any]


@dataclass
class Roster:
    """What the service holds, how it behaves, and what it was asked."""

    orgs: list[Json] = field(default_factory=list)
    users: list[Json] = field(default_factory=list)
    enrollments: list[Json] = field(default_factory=list)
    demographics: list[Json] = field(default_factory=list)

    paging: str = "link"  # or "total", "silent" (neither header), "none" (all at once)
    most_a_page: int = 1_000
    token_seconds: int = 3_600
    knows_demographics: bool = True
    without: set[str] = field(default_factory=set)  # collections that answer 403
    dead_tokens: set[str] = field(default_factory=set)
    # Used up one a request: a status, "drop" (no answer), "slow", "html", "redirect:URL", "huge".
    faults: deque[str] = field(default_factory=deque)
    token_faults: deque[str] = field(default_factory=deque)
    retry_after: str = "1"

    tokens: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    seen_headers: list[dict[str, str]] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: object) -> None:
        """A connection that was cut on purpose is no news."""


class OneRoster:
    """`with OneRoster() as service: service.url, service.token_url, service.roster …`."""

    def __init__(self) -> None:
        self.roster = Roster()

    def __enter__(self) -> OneRoster:
        roster = self.roster
        handler = type("Handler", (_Handler,), {"roster": roster})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.token_url = f"{self.url}/token"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    roster: Roster

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        roster = self.roster
        length = int(self.headers.get("Content-Length", 0))
        form = parse_qs(self.rfile.read(length).decode())
        roster.asked["token"] += 1
        if roster.token_faults and self._fail(roster.token_faults.popleft()):
            return
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {basic}":
            return self._send(401, {"error": "invalid_client"})
        if form.get("grant_type") != ["client_credentials"]:
            return self._send(400, {"error": "unsupported_grant_type"})
        scopes = set(form.get("scope", [""])[0].split())
        known = {SCOPE + "roster.readonly", SCOPE + "roster-core.readonly"}
        if roster.knows_demographics:
            known.add(SCOPE + "roster-demographics.readonly")
        if not scopes or scopes - known:
            return self._send(400, {"error": "invalid_scope"})
        token = f"token-{len(roster.tokens) + 1}"
        roster.tokens.append(token)
        self._send(
            200,
            {
                "access_token": token,
                "token_type": "bearer",
                "expires_in": roster.token_seconds,
                "scope": " ".join(sorted(scopes)),
            },
        )

    def do_GET(self) -> None:
        roster = self.roster
        parts = urlsplit(self.path)
        roster.seen_headers.append(dict(self.headers))
        name = parts.path.removeprefix(ROOT)
        roster.asked[name] += 1
        if roster.faults and self._fail(roster.faults.popleft()):
            return None
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in roster.tokens or token in roster.dead_tokens:
            return self._send(401, {"imsx_codeMajor": "failure"})
        if name == "demographics" and not roster.knows_demographics:
            return self._send(403, {"imsx_codeMajor": "failure"})
        if name not in {"orgs", "users", "enrollments", "demographics"}:
            return self._send(404, {"imsx_codeMajor": "failure"})
        if name in roster.without:
            return self._send(403, {"imsx_codeMajor": "failure"})
        query = parse_qs(parts.query)
        every = getattr(roster, name)
        limit = min(int(query.get("limit", ["100"])[0]), roster.most_a_page)
        offset = int(query.get("offset", ["0"])[0])
        if roster.paging == "none":
            return self._send(200, {name: every})
        page = every[offset : offset + limit]
        headers = {}
        if roster.paging in {"link", "total"}:
            headers["X-Total-Count"] = str(len(every))
        if roster.paging == "link":
            here = f"http://{self.headers['Host']}{parts.path}"
            links = [f'<{here}?limit={limit}&offset=0>; rel="first"']
            if offset + limit < len(every):
                links.append(f'<{here}?limit={limit}&offset={offset + limit}>; rel="next"')
            headers["Link"] = ", ".join(links)
        return self._send(200, {name: page}, headers)

    def _fail(self, fault: str) -> bool:
        """Shows a fault; False if it only took time."""
        if fault == "slow":
            time.sleep(0.6)
            return False
        if fault == "fine":
            return False
        if fault == "drop":
            self.close_connection = True
            self.connection.close()
        elif fault.startswith("redirect:"):
            self._send(302, {}, {"Location": fault.removeprefix("redirect:")})
        elif fault == "html":
            self._send_bytes(200, b"<html>Sign in</html>", {})
        elif fault == "huge":
            self._send_bytes(200, b'{"orgs": ["' + b"x" * 20_000_000 + b'"]}', {})
        else:
            waits = {"Retry-After": self.roster.retry_after} if fault in {"429", "503"} else {}
            self._send(int(fault), {"imsx_codeMajor": "failure"}, waits)
        return True

    def _send(self, status: int, answer: Json, headers: dict[str, str] | None = None) -> None:
        self._send_bytes(status, json.dumps(answer).encode(), headers or {})

    def _send_bytes(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content)
        except OSError:
            self.close_connection = True  # the client had enough


# Objects as the standard writes them; a test names only what it is about.


def reference(sid: str, kind: str = "user") -> Json:
    return {"href": f"https://sis.example/{sid}", "sourcedId": sid, "type": kind}


def an_org(sid: str = "o1", name: str = "Lakeview High School", **more: Any) -> Json:
    return {"sourcedId": sid, "status": "active", "name": name, "type": "school", **more}


def a_user(sid: str, role: str, name: str = "Ana Lopez", *, org: str = "o1", **more: Any) -> Json:
    """A user in one role; `agents` are given as ids."""
    first, _space, last = name.partition(" ")
    agents = [reference(each) for each in more.pop("agents", [])]
    user = {
        "sourcedId": sid,
        "status": "active",
        "dateLastModified": "2025-11-01T00:00:00Z",
        "enabledUser": True,
        "givenName": first,
        "familyName": last,
        "roles": [{"roleType": "primary", "role": role, "org": reference(org, "org")}],
        "agents": agents,
    }
    return user | ({"grades": ["12"]} if role == "student" else {}) | more

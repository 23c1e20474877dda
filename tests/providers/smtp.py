"""A mail server on this machine that keeps what it takes, and fails on demand."""

from __future__ import annotations

import socket
from collections import Counter, deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = "aid", "secret"


class MailServer:
    """Runs in a thread of its own: `with MailServer() as server: server.port …`."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.faults: deque[str] = deque()  # used up one a mail: "cut_after", "busy"
        self.refused: set[str] = set()

    def __enter__(self) -> MailServer:
        with socket.socket() as probe:  # the controller itself wants to know the port beforehand
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            authenticator=self._signed_in,
            auth_require_tls=False,
            auth_required=True,
        )
        self._controller.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._controller.stop()

    @property
    def mails_by_address(self) -> Counter[str]:
        return Counter(str(mail["To"]) for mail in self.mails)

    def _signed_in(
        self, server: Any, session: Any, envelope: Any, mechanism: str, who: LoginPassword
    ) -> AuthResult:
        right = (who.login, who.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        fault = self.faults.popleft() if self.faults else ""
        if fault == "busy":
            return "451 try again later"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        if fault == "cut_after":
            server.transport.abort()
        return "250 taken"

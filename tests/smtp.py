"""A real SMTP server on loopback that keeps what it receives."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

OK = "250 OK"


@dataclass
class Received:
    """The server's inbox. Set `answer` to have it refuse: `"450 try later"`, `"550 no"`.

    `refuse` says the same of single recipients, and `refuse_sender` of who sends. With `die` the
    connection is cut in the midst of a mail: `"before"` it is kept, or `"after"`.
    """

    host: str = "127.0.0.1"
    port: int = 0
    answer: str = OK
    refuse: dict[str, str] = field(default_factory=dict)
    refuse_sender: str = ""
    die: str = ""
    delay: float = 0
    messages: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        await asyncio.sleep(self.delay)
        if self.answer != OK:
            return self.answer
        if self.die == "before":
            return self._cut(server)
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.envelopes.append(envelope)
        return self._cut(server) if self.die else OK

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse_sender:
            return self.refuse_sender
        envelope.mail_from = address
        return OK

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return OK

    def _cut(self, server: SMTP) -> str:
        """No answer, and nobody there any more."""
        assert server.transport is not None
        server.transport.abort()
        return OK

    def settings(self) -> dict[str, Any]:
        """The Django settings that send mail here."""
        return {
            "EMAIL_BACKEND": "trusted_releases.lib.smtp.Backend",
            "EMAIL_HOST": self.host,
            "EMAIL_PORT": self.port,
            "EMAIL_HOST_USER": "",
            "EMAIL_HOST_PASSWORD": "",
            "EMAIL_USE_TLS": False,
        }


class AnyPort(Controller):
    """Listens on a port that the system chooses; aiosmtpd itself would connect to port 0."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def serving() -> Iterator[Received]:
    """A server on a free port, to the end of the block."""
    received = Received()
    controller = AnyPort(received, hostname=received.host, port=0)
    controller.start()
    try:
        received.port = controller.port
        yield received
    finally:
        controller.stop()

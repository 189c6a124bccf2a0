"""Handing one mail to a server: an answer for each recipient, signed where a key is set.

Django's own way tells of refusals only when every recipient is refused, and not of which.
"""

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.charset import QP, Charset
from email.mime.base import MIMEBase
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any

import dkim  # type: ignore[import-untyped]
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend

from trusted_releases.lib.flowed import flow

AT_ONCE = 100  # recipients of one transaction: what every server takes
SIGNED = (
    *(b"From", b"To", b"Cc", b"Subject", b"Date", b"Message-ID", b"Reply-To", b"In-Reply-To"),
    *(b"References", b"MIME-Version", b"Content-Type", b"Content-Transfer-Encoding"),
    *(b"List-Unsubscribe", b"List-Unsubscribe-Post"),
)
LONGEST_ANSWER = 500  # characters that are kept of what a server says


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said of one recipient."""

    code: int
    said: str

    @property
    def is_taken(self) -> bool:
        return 200 <= self.code < 300

    @property
    def is_refused(self) -> bool:
        """For good: asking again would change nothing."""
        return self.code >= 500

    def __str__(self) -> str:
        return f"{self.code} {self.said}".strip()


class Unreachable(Exception):
    """Nobody took the mail, and nobody refused it: try again later."""


class FlowedMail(EmailMessage):
    """Plain text in 72 columns that readers join again. Headers are Django's: never two in one."""

    bounce_to = ""  # the sender of the envelope, where it is not that of the mail

    def __init__(self, subject: str = "", body: str = "", *args: Any, **kwargs: Any) -> None:
        super().__init__(subject, flow(body), *args, **kwargs)
        if not self.body.isascii():
            # Whatever lies between keeps spaces at line ends, and a signature stays valid.
            self.encoding = Charset("utf-8")
            self.encoding.body_encoding = QP

    def message(self) -> MIMEBase:  # type: ignore[override]
        mime = super().message()
        mime.set_param("format", "flowed")
        return mime  # type: ignore[return-value]


class Backend(EmailBackend):
    """Django's backend, for mails that nobody follows one by one; signed like the others."""

    def _send(self, email_message: EmailMessage) -> bool:
        recipients = email_message.recipients()
        if not recipients:
            return False
        answers = _post(self.connection, email_message, recipients)
        if not any(answer.is_taken for answer in answers.values()):
            raise smtplib.SMTPRecipientsRefused(
                {to: (answer.code, answer.said.encode()) for to, answer in answers.items()}
            )
        return True


@dataclass(frozen=True, slots=True)
class Post:
    """An open connection, as a function that hands over one mail in one transaction."""

    connection: Any

    def portions(self, to: Sequence[str]) -> Iterator[Sequence[str]]:
        """The recipients, as many at once as a server takes. A portion's answers are final,
        whatever becomes of the next: write them down before it is asked for."""
        size = AT_ONCE if isinstance(self.connection, Backend) else max(len(to), 1)
        return (to[start : start + size] for start in range(0, len(to), size))

    def __call__(self, mail: EmailMessage, to: Sequence[str]) -> dict[str, Answer]:
        if isinstance(self.connection, Backend):
            return _post(self.connection.connection, mail, to)
        self.connection.send_messages([mail])  # a mailbox, which takes everything
        return {each: Answer(250, "kept") for each in to}


@contextmanager
def posting() -> Iterator[Post]:
    """A connection to the server of the settings.

    The session is closed after the block: what is written down inside it does not wait for the
    server to say goodbye. Raises Unreachable when nobody can be asked.
    """
    connection = get_connection()
    try:
        connection.open()
        yield Post(connection)
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(_told(error)) from error
    finally:
        connection.close()


def _post(smtp: Any, mail: EmailMessage, to: Sequence[str]) -> dict[str, Answer]:
    """One transaction. Everybody whom the server takes gets the mail, whoever else is refused."""
    raw: bytes = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
    content = signed(raw)
    sender = envelope_sender(mail)
    smtp.ehlo_or_helo_if_needed()
    code, said = smtp.mail(sender)
    if code >= 300:
        smtp.rset()
        raise smtplib.SMTPSenderRefused(code, said, sender)
    answers = {each: _answer(*smtp.rcpt(each)) for each in to}
    taken = [each for each, answer in answers.items() if answer.is_taken]
    if not taken:
        smtp.rset()
        return answers
    try:
        answer = _answer(*smtp.data(content))
    except smtplib.SMTPDataError as error:
        answer = _answer(error.smtp_code, error.smtp_error)
        smtp.rset()
    return answers | dict.fromkeys(taken, answer)


def envelope_sender(mail: EmailMessage) -> str:
    """Where bounces go: an address for them alone, which names the mail, where one is set."""
    return getattr(mail, "bounce_to", "") or parseaddr(mail.from_email)[1]


def signed(content: bytes) -> bytes:
    """The mail with a DKIM signature, where a key is set (RFC 6376, RFC 8301)."""
    if not settings.DKIM_SELECTOR:
        return content
    signature = dkim.sign(
        content,
        settings.DKIM_SELECTOR.encode(),
        settings.DKIM_DOMAIN.encode(),
        _key(str(settings.DKIM_KEY_FILE)),
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=list(SIGNED),
    )
    return bytes(signature) + content


@cache
def _key(path: str) -> bytes:
    return Path(path).read_bytes()


def _answer(code: int, said: bytes | str) -> Answer:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    # -1 is smtplib's for an answer that cannot be read.
    return Answer(code if code > 0 else 451, _short(text))


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return str(_answer(error.smtp_code, error.smtp_error))
    return _short(str(error)) or type(error).__name__


def _short(text: str) -> str:
    seen = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(seen.split())[:LONGEST_ANSWER]

"""Raw mails of our own making, built in a line each."""

import base64
import quopri
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SUBJECT = "[VOTE] Release Apache Tool 1.2.0"
PEOPLE = {f"{name}@example.org": name for name in ("ann", "ben", "cat", "dan", "eve")}
ACCOUNTS = frozenset({*PEOPLE.values(), "uma"})
BINDING = frozenset({"ann", "ben", "cat", "dan"})

CALL = """Hello,

please vote on Apache Tool 1.2.0.

[ ] +1 Release it
[ ]  0 No opinion
[ ] -1 Do not release it, because ...

It needs at least 3 +1 votes.
"""
REPLY = """
On Mon, 2 Mar 2026 at 09:00, Ann Archer <ann@example.org> wrote:
> please vote on Apache Tool 1.2.0.
> [ ] +1 Release it
> +1 from me already
> [ ] -1 Do not release it
"""


def mail(
    sender: str,
    body: str | bytes = "+1\n",
    *,
    hour: float = 1,
    subject: str = f"Re: {SUBJECT}",
    kind: str = "text/plain; charset=utf-8",
    encoding: str = "8bit",
    charset: str = "utf-8",
    ident: str = "",
    date: str | None = None,
    **headers: str,
) -> bytes:
    """A mail. `sender` is a name of ours, or the whole value of From."""
    if "@" not in sender:
        sender = f"{sender.title()} <{sender}@example.org>"
    content = body if isinstance(body, bytes) else body.encode(charset)
    if encoding == "base64":
        content = base64.encodebytes(content)
    elif encoding == "quoted-printable":
        content = quopri.encodestring(content)
    when = format_datetime(START + timedelta(hours=hour)) if date is None else date
    ident = ident or f"<{abs(hash((sender, content, hour))):x}@example.org>"
    lines = [f"From: {sender}", f"Subject: {subject}", f"Message-ID: {ident}"]
    lines += [f"Date: {when}"] if when else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [
        "MIME-Version: 1.0",
        f"Content-Type: {kind}",
        f"Content-Transfer-Encoding: {encoding}",
    ]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + content


def call(body: str = CALL, **more: str) -> bytes:
    return mail("ann", body, hour=0, subject=SUBJECT, ident="<call@example.org>", **more)


def page(html: str) -> dict[str, str]:
    return {"body": f"<html><body>{html}</body></html>", "kind": "text/html; charset=utf-8"}


def flowed(body: str, more: str = "") -> dict[str, str]:
    return {"body": body, "kind": f"text/plain; charset=utf-8; format=flowed{more}"}


def parts(*each: tuple[str, str], kind: str = "alternative") -> dict[str, str]:
    """A mail of several parts, each with its type and its text."""
    inner = "".join(f"--b\r\nContent-Type: {name}\r\n\r\n{text}\r\n" for name, text in each)
    return {"body": f"{inner}--b--\r\n", "kind": f'multipart/{kind}; boundary="b"'}

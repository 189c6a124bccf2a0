"""One mail as raw bytes, read without trusting it: who sent it, and what its text says.

Nothing here raises for what a stranger may send. What is too much is cut off; what cannot be read
is empty.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses, parseaddr, parsedate_to_datetime

from releases.letter_text import RULES, Line, plain_lines, text_of_html

MOST_BYTES = 256 << 10  # of a mail that are read; votes stand at its beginning
MOST_PARTS = 50
MOST_LINES = 2_000
LONGEST_HEADER = 2_000  # characters
LONGEST_HTML = 64 << 10  # characters

# What text may be encoded in. Others that Python knows are no character sets, or slow by design.
_CHARSET = re.compile(
    r"(us-)?ascii|utf-?(7|8|16|32)(le|be)?|latin-?1|(iso-?)?8859-?\d{1,2}|iso-8859-\d{1,2}-[ie]"
    r"|(windows-?|cp)\d{3,5}|koi8-?[rut]|gb(k|2312|18030)|hz(-gb-2312)?|big5(-?hkscs)?"
    r"|shift[_-]?jis|sjis|euc-?(jp|kr)|iso-2022-(jp|kr)(-\d)?|mac-?roman|tis-620",
    re.IGNORECASE,
)
_ENVELOPE = re.compile(r"envelope-from=[\"<]*([^\s\"<>;]{3,254})")


@dataclass(frozen=True, slots=True)
class Letter:
    """What counting a vote asks of a mail.

    `senders` are the addresses it may be from, in the order in which they are believed: one, unless
    the list has put its own address where the sender's was. `came_from` is what From says, as is.
    """

    digest: str  # sha256 of the raw mail
    message_id: str
    name: str
    senders: tuple[str, ...]
    came_from: str
    rewritten: bool
    subject: str
    date: datetime | None
    lines: tuple[Line, ...]


def read(raw: bytes, rules: int = RULES) -> Letter:
    """The mail. Raises nothing, whatever the bytes are."""
    digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
    try:
        mail = BytesParser(policy=compat32).parsebytes(raw[:MOST_BYTES])
        lines = _lines(mail, rules)
    except (RecursionError, ValueError, LookupError, AssertionError):
        # What is nested or broken beyond the parser's means: its headers may still be told.
        mail = BytesParser(policy=compat32).parsebytes(raw[:MOST_BYTES], headersonly=True)
        lines = ()
    name, senders, rewritten = _sender(mail)
    return Letter(
        digest=digest,
        message_id=_header(mail, "Message-ID").strip()[:250],
        name=name,
        senders=senders,
        came_from=_address(_header(mail, "From")),
        rewritten=rewritten,
        subject=_header(mail, "Subject")[:250],
        date=_date(mail),
        lines=lines,
    )


# --- Headers --------------------------------------------------------------------------------------


def _header(mail: Message, name: str) -> str:
    values = [value for key, value in mail.raw_items() if key.lower() == name.lower()]
    return _decoded(str(values[0])) if values else ""


def _decoded(value: str) -> str:
    """A header as people read it, on one line."""
    value = value[:LONGEST_HEADER].encode("ascii", "surrogateescape").decode("utf-8", "replace")
    try:
        parts = [
            part if isinstance(part, str) else _text(part, charset)
            for part, charset in decode_header(value)
        ]
    except (HeaderParseError, ValueError, LookupError):
        parts = [value]
    return " ".join("".join(c if c.isprintable() else " " for c in "".join(parts)).split())


def _address(text: str) -> str:
    """An address as the directory has it: lower case, without what lists add against DMARC."""
    found = parseaddr(text)[1].strip().lower()[:254]
    found = found.removesuffix(".invalid")
    return found if found.count("@") == 1 and found.isprintable() else ""


def _sender(mail: Message) -> tuple[str, tuple[str, ...], bool]:
    raw = _header(mail, "From")
    name, address = parseaddr(raw)[0] or raw.partition("<")[0], _address(raw)
    before, via, _ = name.partition(" via ")
    if not via:
        return name[:150].strip(), (address,) if address else (), False
    host = address.partition("@")[2]
    found = [*_envelopes(mail, host), *_copied(mail)]
    return before[:150].strip(' "'), tuple(dict.fromkeys(found)), True


def _envelopes(mail: Message, host: str) -> Iterator[str]:
    """Who handed the mail in, as servers on its way found it: not the list itself."""
    for value in (mail.get_all("Received-SPF") or [])[:20]:
        said = str(value)[:LONGEST_HEADER]
        match = _ENVELOPE.search(said)
        if match and said.strip().lower().startswith("pass"):
            address = _address(match[1])
            if address and address.partition("@")[2] != host:
                yield address
                return


def _copied(mail: Message) -> Iterator[str]:
    """The last address among the copies: lists that rewrite From put the sender there."""
    values = [_header(mail, "Cc")] if mail["Cc"] else []
    found = [_address(address) for _, address in getaddresses(values)]
    if found and found[-1]:
        yield found[-1]


def _date(mail: Message) -> datetime | None:
    try:
        date = parsedate_to_datetime(_header(mail, "Date"))
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


# --- Text -----------------------------------------------------------------------------------------


def _lines(mail: Message, rules: int) -> tuple[Line, ...]:
    """The lines of the first plain text; without one, those of the first HTML."""
    page = None
    for part in _parts(mail):
        kind = part.get_content_type()
        if kind == "text/plain" and (rules == 1 or _is_its_text(mail, page, part)):
            flowed = _parameter(part, "format") == "flowed"
            no_space = flowed and _parameter(part, "delsp") == "yes"
            return tuple(plain_lines(_content(part), flowed, no_space))[:MOST_LINES]
        if kind == "text/html" and page is None:
            page = part
    return tuple(text_of_html(_content(page)[:LONGEST_HTML]))[:MOST_LINES] if page else ()


def _is_its_text(mail: Message, page: Message | None, part: Message) -> bool:
    """Whether a plain text is what people read: not one without words, nor what a list has put
    below a mail in HTML."""
    if not _content(part).strip():
        return False
    return page is None or mail.get_content_subtype() != "mixed"


def _parts(mail: Message) -> Iterator[Message]:
    """The parts that are this mail's own text: no attachments, and no mails that it carries."""
    waiting, seen = [mail], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop()
        seen += 1
        if part.get_content_maintype() == "multipart":
            inside = part.get_payload()
            inside = inside if isinstance(inside, list) else []
            waiting += [each for each in reversed(inside) if isinstance(each, Message)][
                -MOST_PARTS:
            ]
        elif part.get_content_disposition() != "attachment":
            yield part


def _parameter(part: Message, name: str) -> str:
    value = part.get_param(name)
    return value.strip().lower() if isinstance(value, str) else ""


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return _text(payload, part.get_param("charset")) if isinstance(payload, bytes) else ""


def _text(content: bytes, charset: object) -> str:
    """Decoded as it says, if that is a character set; bytes that do not fit it are replaced."""
    name = charset.strip().strip("'\"") if isinstance(charset, str) else ""
    if name and _CHARSET.fullmatch(name):
        try:
            return content.decode(name, "replace")
        except (LookupError, UnicodeError):
            pass
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")

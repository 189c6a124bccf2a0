"""What the mail of an act may say."""

from trusted_releases.lib.canonical import canonical
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.text import is_plain

LONGEST_MAIL = 60_000  # bytes of the text as JSON: it is kept in an event, which holds 64 KiB
_LINE_END = {"\n", "\r"}


def check_mail(subject: str, body: str) -> None:
    """Refuse, before anything is written, what no mail and no event can carry."""
    if not subject.strip() or len(subject) > 200 or _LINE_END & {*subject}:
        raise BadInput("The subject is one line of 1 to 200 characters.")
    if not body.strip() or len(body) > LONGEST_MAIL:
        raise BadInput(f"The mail needs a text, of {LONGEST_MAIL:,} bytes at most.")
    if not (is_plain(subject) and is_plain(body)):
        raise BadInput("The mail holds control characters. Remove them, and send it again.")
    if (size := len(canonical(body))) > LONGEST_MAIL:
        raise BadInput(f"The mail's text has {size:,} bytes; {LONGEST_MAIL:,} are allowed.")

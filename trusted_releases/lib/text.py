"""What text from people may hold, so that every database, mail and page can carry it."""

import unicodedata

from trusted_releases.lib.errors import BadInput

LONGEST_REASON = 500  # characters

_KEPT = "\n\r\t"
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"


def is_plain(text: str) -> bool:
    """Whether the text has no control characters (but line ends and tabs) and no half characters.

    NUL and lone surrogates are what databases refuse; the other controls, and U+2028 and U+2029,
    are what turns a header into two.
    """
    return all(
        char in _KEPT or unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") for char in text
    )


def one_line(text: str) -> str:
    """The text in one line, without what cannot be seen or turns text around: a name, as it may
    stand among other names. What joins letters, as some scripts need it, stays."""
    seen = "".join(char if char.isprintable() or char in _JOINERS else " " for char in text)
    return " ".join(seen.split())


def given_reason(text: str) -> str:
    """The reason somebody gave for an act, as the event keeps it. BadInput when there is none."""
    text = text.strip()
    if not text:
        raise BadInput("Say why: the reason is kept with the event, for those who ask later.")
    if len(text) > LONGEST_REASON:
        raise BadInput(f"The reason has {len(text)} characters; {LONGEST_REASON} are allowed.")
    if not is_plain(text):
        raise BadInput("The reason holds control characters. Remove them, and send it again.")
    return text

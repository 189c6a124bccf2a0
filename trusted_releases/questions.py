"""What a person means by what they type, or paste, into the search field."""

import re
from dataclasses import dataclass

LONGEST = 1200  # characters: a digest with the longest path, as a line of a checksum file
MOST_WORDS = 8
SHORTEST_DIGITS = 8  # of a digest or fingerprint that was cut short; fewer say nothing
WHOLE = {16, 40, 64, 128}  # key id, fingerprint, SHA-256 (or a longer fingerprint), SHA-512

_HEX = re.compile(r"[0-9a-f]+\Z")
_PREFIX = re.compile(r"\A(?:sha-?(?:2-)?(?:256|512)\s*[:=]|0x)\s*", re.IGNORECASE)
# The three shapes in which programs print a digest beside a name.
_SUMS = re.compile(r"\A\\?(?P<hex>[0-9a-f]{64}|[0-9a-f]{128})\s+\*?(?P<name>\S+)\Z", re.IGNORECASE)
_BSD = re.compile(
    r"\Asha-?(?:2-)?(?:256|512)\s*\((?P<name>[^()\s]+)\)\s*=\s*(?P<hex>[0-9a-f\s]+)\Z",
    re.IGNORECASE,
)
_GPG = re.compile(r"\A(?P<name>[^\s:]+):\s+(?P<hex>[0-9a-f\s]+)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """`digits` are hexadecimal, of a digest or a key, whole or its beginning; `name` is the file
    that a pasted line speaks of; `words` are what remains."""

    text: str = ""
    digits: str = ""
    name: str = ""
    words: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the digits name one thing, and are no mere beginning."""
        return len(self.digits) in WHOLE


def read(text: str) -> Question:
    """Understand it. Whatever is typed has an answer; nothing is refused."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text[:LONGEST]).split())
    if digits := _digits(_PREFIX.sub("", text).rstrip("…")):
        # Few digits may as well be a name: a project may be called `decade`.
        return Question(text, digits, words=(text,) if len(digits) < min(WHOLE) else ())
    for shape in (_SUMS, _BSD, _GPG):
        if (found := shape.match(text)) and (digits := _digits(found["hex"])):
            return Question(text, digits, found["name"].rpartition("/")[2])
    return Question(text, words=tuple(text.split()[:MOST_WORDS]))


def _digits(text: str) -> str:
    """Hexadecimal digits in one form, or nothing. In groups only a whole digest is one: two words
    of the letters a to f are two words."""
    joined = "".join(text.split()).lower()
    if not SHORTEST_DIGITS <= len(joined) <= max(WHOLE) or not _HEX.match(joined):
        return ""
    return joined if joined == text.lower() or len(joined) in WHOLE else ""

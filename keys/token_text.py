"""The text of an access token: a stable beginning and a checksum, so that scanners find leaks.

`trt_`, 43 letters and digits from the system's randomness (256 bits), 6 that are the CRC-32 of all
before them. Whoever finds such a text knows offline whether it can be a token at all. An upload
ticket is the same with `tru_`.
"""

import hashlib
import re
import secrets
import string
import zlib

PREFIX = "trt_"
TICKET = "tru_"
PATTERN = re.compile(r"tr[tu]_[0-9A-Za-z]{49}")
_LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM = 43
_CHECK = 6


def make(prefix: str = PREFIX) -> str:
    """A new secret. It is shown once, and kept nowhere."""
    drawn = prefix + "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM))
    return drawn + _check(drawn)


def is_token(text: str) -> bool:
    """Whether this can be a token of ours: a mistyped one cannot."""
    known = PATTERN.fullmatch(text) is not None
    return known and _check(text[:-_CHECK]) == text[-_CHECK:]


def digest(text: str) -> str:
    """What is kept of a token: its SHA3-256, in hexadecimal digits."""
    return hashlib.sha3_256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _check(text: str) -> str:
    left, found = zlib.crc32(text.encode()), ""
    for _ in range(_CHECK):
        left, place = divmod(left, len(_LETTERS))
        found = _LETTERS[place] + found
    return found

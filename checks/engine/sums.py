"""Reads checksum files in the forms that are in use, without believing any of them.

Known forms: the bare digest; `DIGEST  NAME` and `DIGEST *NAME` of coreutils; `SHA512 (NAME) =
DIGEST` of BSD and `SHA2-512(NAME)= DIGEST` of openssl; `NAME: DIGEST`, also in groups over several
lines, of gpg --print-md. A digest in the middle of prose is found too, and marked as such.
"""

import re
from dataclasses import dataclass

MAX_SIZE = 64 << 10  # bytes; a checksum file of one artifact has a few hundred
DIGITS = {"sha256": 64, "sha512": 128}

_BOM = b"\xef\xbb\xbf"
_COREUTILS = re.compile(r"(?P<escape>\\?)(?P<digest>[0-9A-Fa-f]{32,})(?:[ \t]+\*?(?P<name>\S.*))?")
_TAGGED = re.compile(
    r"(?P<algorithm>[A-Za-z][A-Za-z0-9/-]*)[ \t]*\((?P<name>[^)]+)\)[ \t]*=[ \t]*(?P<digest>\S+)"
)
_COLON = re.compile(r"(?P<name>[^\s:]+):(?P<digest>[0-9A-Fa-f\s]+)")
_HEX = re.compile(r"[0-9A-Fa-f]+")


class Malformed(Exception):
    """Why nothing can be read from a checksum file: a sentence."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One digest as written, in lower case, and the file it is said to be of ("" if unnamed)."""

    digest: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sums:
    """What a checksum file says. `oddities` are sentences about what makes programs stumble."""

    entries: tuple[Entry, ...]
    oddities: tuple[str, ...] = ()


def parse(content: bytes, algorithm: str) -> Sums:
    """Read the digests of one algorithm ("sha256", "sha512"), or raise Malformed."""
    oddities = []
    if content.startswith(_BOM):
        content = content[len(_BOM) :]
        oddities.append("It starts with a byte order mark, which sha512sum -c does not understand.")
    text = _text(content)
    whole = _whole(text, algorithm)
    if whole:
        return Sums((whole,), tuple(oddities))
    entries, odd_lines = _entries(text, algorithm)
    if not entries:
        return Sums((_in_prose(text, algorithm),), (*oddities, "The digest stands in a sentence."))
    return Sums(tuple(entries), (*oddities, *odd_lines))


def _text(content: bytes) -> str:
    if len(content) > MAX_SIZE:
        raise Malformed(f"It is larger than {MAX_SIZE >> 10} KiB.")
    if not content.strip():
        raise Malformed("It is empty.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        raise Malformed("It is written in UTF-16 or holds NUL bytes; it must be plain ASCII.")
    try:
        return content.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise Malformed("It holds characters that are not ASCII.") from error


def _whole(text: str, algorithm: str) -> Entry | None:
    """The one digest of a file that has nothing else, in groups or not, with a name before it."""
    match = _COLON.fullmatch(text)
    digest = "".join((match["digest"] if match else text).split())
    if len(digest) == DIGITS[algorithm] and _HEX.fullmatch(digest):
        return Entry(digest.lower(), match["name"] if match else "")
    return None


def _entries(text: str, algorithm: str) -> tuple[list[Entry], list[str]]:
    entries, odd = [], []
    for line in filter(None, map(str.strip, text.splitlines())):
        entry = _entry(line, algorithm)
        if entry is None:
            odd.append("It has lines that are no checksums.")
            continue
        if line.startswith("\\"):
            odd.append("It marks a file name as escaped that needs no escaping.")
        entries.append(entry)
    return entries, list(dict.fromkeys(odd))


def _entry(line: str, algorithm: str) -> Entry | None:
    if match := _COLON.fullmatch(line) or _COREUTILS.fullmatch(line):
        digest = "".join(match["digest"].split())
        return Entry(_sized(digest, algorithm), match["name"] or "")
    if match := _TAGGED.fullmatch(line):
        said = match["algorithm"].lower().replace("sha2-", "sha").replace("-", "")
        if said != algorithm:
            raise Malformed(f"It says {match['algorithm']}, and its name says {algorithm.upper()}.")
        return Entry(_sized(match["digest"], algorithm), match["name"])
    return None


def _sized(digest: str, algorithm: str) -> str:
    digits = DIGITS[algorithm]
    if not _HEX.fullmatch(digest):
        raise Malformed(f"The digest is not written in hexadecimal: {digest[:20]}…")
    if len(digest) != digits:
        raise Malformed(
            f"The digest has {len(digest)} hexadecimal digits; {algorithm.upper()} has {digits}."
        )
    return digest.lower()


def _in_prose(text: str, algorithm: str) -> Entry:
    found = re.findall(rf"(?<!\w)[0-9A-Fa-f]{{{DIGITS[algorithm]}}}(?!\w)", text)
    if len({each.lower() for each in found}) != 1:
        raise Malformed(f"No {algorithm.upper()} digest can be found in it.")
    return Entry(found[0].lower())

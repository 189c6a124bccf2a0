"""Which names members of an archive may have, and which are a trap.

A name is judged as every extractor on every system would read it: a backslash separates on
Windows, `C:` is a drive, `CON` a device, and LICENSE in fullwidth letters looks like LICENSE.
"""

import re
import unicodedata
from collections.abc import Collection, Container, Iterable, Iterator

from checks.engine.archive.problems import Problems, readable
from checks.engine.model import Level, Limits

MAX_PATH = 4096  # bytes: PATH_MAX of Linux
MAX_COMPONENT = 255  # bytes: NAME_MAX of common file systems

# Directories whose content changes what programs do for the person who unpacks
# (reference platform, "banned path components").
BANNED = frozenset({".git", ".ssh", ".gnupg", ".aws", ".kube", ".docker"})

_WINDOWS_DEVICE = r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)"
_DEVICE = re.compile(_WINDOWS_DEVICE, re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")
_SEPARATORS = re.compile(r"[/\\]")
_AWKWARD = re.compile(r"^[-~]|[ .]\Z|[\"'*<>?|;&`:]|%[0-9A-Fa-f]{2}|\$[({]")

# Nearly all names of real archives: nothing below can apply to a last component like this.
_HIDDEN = "|".join(name.removeprefix(".") for name in sorted(BANNED))
_PLAIN = re.compile(
    rf"(?!(?i:{_WINDOWS_DEVICE}|\.(?:_|(?:{_HIDDEN})\Z)))"
    r"[A-Za-z0-9_+=@#,!^\[\]$.][A-Za-z0-9_+=@#,!^\[\]$. -]{0,254}(?<![. ])\Z"
)

# Characters that turn the direction of text: what is shown is not what is there.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
_WORD = re.compile(r"[^\W\d_]+")
_UNDECODED = re.compile("[\ud800-\udfff]")


class Names:
    """Judges the names of one archive's members.

    `known` holds the directories of members judged before: a name in a known directory is judged
    by its last component alone, which makes the common case cheap.
    """

    def __init__(self, limits: Limits, problems: Problems, known: Container[str]) -> None:
        self._depth = limits.depth
        self._problems = problems
        self._known = known

    def clean(self, raw: str) -> str:
        """The path below the directory the archive is unpacked into; "" for that directory itself.

        A name that is a blocker comes back too, as close to what is written as text can be.
        """
        name = raw
        while name.startswith("./"):
            name = name[2:]
        if name.endswith("/"):
            name = name[:-1]
        head, slash, last = name.rpartition("/")
        if (
            _PLAIN.match(last)
            and (head or not slash)
            and head in self._known
            and name.count("/") < self._depth
            and len(name) <= MAX_PATH
        ):
            return name
        if name in ("", ".") and raw.startswith("."):
            return ""
        return self._judge(raw, name)

    def are_plain(self, names: Iterable[str], heads: Collection[str], lasts: Iterable[str]) -> bool:
        """Whether there is nothing to judge about names, by the directories they lie in and their
        last components; where there is, `clean` says of each name what it is."""
        return (
            all(map(_PLAIN.match, lasts))
            and all(map(self._is_plain_head, heads))
            and max(map(len, names)) <= MAX_PATH
        )

    def _is_plain_head(self, head: str) -> bool:
        known = head in self._known or all(map(_PLAIN.match, head.split("/")))
        return known and head.count("/") + 1 < self._depth

    def _judge(self, raw: str, name: str) -> str:
        if raw == "/":
            self._problems.concern("safety.root_entry", 'A member is named "/".', raw)
            return ""
        undecoded = ""
        if _UNDECODED.search(name):
            self._problems.concern(
                "safety.name_encoding",
                "The name is not UTF-8, so its letters depend on the system that unpacks it.",
                raw,
            )
            undecoded, name = name, _UNDECODED.sub("\ufffd", name)
        parts = _SEPARATORS.split(name)
        for code, level, message in (
            *self._misleading(name),
            *self._leaving(name, parts),
            *self._lengths(name, parts),
            *_look_alikes(name),
        ):
            self._problems.add(code, level, message, raw)
        self._awkward(raw, parts)
        if undecoded:
            name = readable(undecoded)
        if ".." in parts or name.startswith("/"):
            return name
        return "/".join(part for part in name.split("/") if part not in ("", "."))

    def _misleading(self, name: str) -> Iterator[tuple[str, Level, str]]:
        """Characters that make the name appear as another, or end it early."""
        if not name:
            yield "safety.name_empty", Level.BLOCKER, "A member has no name."
        if found := _CONTROL.search(name):
            what = f"U+{ord(found.group()):04X}"
            message = f"The name holds a control character ({what}). Rename the file."
            yield "safety.name_control", Level.BLOCKER, message
        if found := _TURNING.search(name):
            what = unicodedata.name(found.group())
            message = f"The name turns the direction of text ({what}), so it is shown as another."
            yield "safety.name_direction", Level.BLOCKER, message
        if "\t" in name:
            yield "safety.name_tab", Level.CONCERN, "The name holds a tab."

    def _leaving(self, name: str, parts: list[str]) -> Iterator[tuple[str, Level, str]]:
        """Names that lead out of the directory, or into one that programs obey."""
        if ".." in parts:
            message = "The path climbs out with '..'. Make the archive from inside its directory."
            yield "safety.traversal", Level.BLOCKER, message
        if name.startswith(("/", "\\")) or _DRIVE.match(name):
            message = "The path is absolute. Make the archive with relative paths."
            yield "safety.absolute", Level.BLOCKER, message
        elif "\\" in name:
            message = "The name holds a backslash, which separates directories on Windows."
            yield "safety.backslash", Level.CONCERN, message
        banned = next((part for part in parts if part.lower() in BANNED), None)
        if banned:
            message = f"'{banned}' steers programs of whoever unpacks this. Leave it out."
            yield "safety.banned", Level.BLOCKER, message
        if name and not name.startswith("/") and ("" in parts or "." in parts):
            message = "The path is not written in its shortest form ('.' or '//' inside)."
            yield "safety.odd_path", Level.CONCERN, message

    def _lengths(self, name: str, parts: list[str]) -> Iterator[tuple[str, Level, str]]:
        if len(parts) > self._depth:
            message = f"The path is {len(parts)} levels deep; at most {self._depth} are allowed."
            yield "safety.depth", Level.BLOCKER, message
        if len(name.encode()) > MAX_PATH:
            message = f"The path is longer than {MAX_PATH} bytes."
            yield "safety.name_length", Level.BLOCKER, message
        elif any(len(part.encode()) > MAX_COMPONENT for part in parts):
            message = f"A name in the path is longer than {MAX_COMPONENT} bytes."
            yield "safety.name_length", Level.BLOCKER, message

    def _awkward(self, raw: str, parts: list[str]) -> None:
        """Names that are legal, and a nuisance for shells or on Windows."""
        if any(_DEVICE.match(part) for part in parts):
            self._problems.once(
                "safety.name_device",
                Level.SUGGESTION,
                "Names are reserved on Windows, where they cannot be unpacked.",
                raw,
            )
        if any(_AWKWARD.search(part) for part in parts if part not in ("", ".", "..")):
            self._problems.once(
                "safety.name_awkward",
                Level.SUGGESTION,
                "Names hold characters that shells, browsers or Windows do not take as they are.",
                raw,
            )


def _look_alikes(name: str) -> Iterator[tuple[str, Level, str]]:
    """Letters that pass for others."""
    if name.isascii():
        return
    for char in name:
        if char.isascii():
            continue
        if unicodedata.category(char) == "Cf" and not _TURNING.match(char):
            message = f"The name holds an invisible character (U+{ord(char):04X})."
            yield "safety.name_invisible", Level.CONCERN, message
            return
        if unicodedata.normalize("NFKC", char).isascii():
            what = unicodedata.name(char, "?")
            message = f"The name holds a look-alike of an ASCII character ({what})."
            yield "safety.name_look_alike", Level.CONCERN, message
            return
    for word in _WORD.findall(name):
        scripts = {unicodedata.name(char, "?").split()[0] for char in word}
        if "LATIN" in scripts and scripts & {"CYRILLIC", "GREEK"}:
            message = (
                "A word of the name mixes Latin with Cyrillic or Greek letters that look the same."
            )
            yield "safety.name_look_alike", Level.CONCERN, message
            return

"""Which names a file of a release may have.

The rules of the reference platform (upload path validation and safe path types), made one
function that every way in calls: web, API, rsync, import and the offline checks.
"""

import re
import unicodedata

from trusted_releases.lib.errors import BadInput

MAX_PATH = 1024  # bytes in UTF-8; the smallest PATH_MAX of systems that mirror releases
MAX_SEGMENT = 255  # bytes; what common file systems take
MAX_DEPTH = 32  # directories; the same limit as for members of archives

_ALPHABET = re.compile(r"[A-Za-z0-9._+~()-]+\Z")
_BANNED = {".git", ".svn"}
RESERVED = "_proof"  # the platform's own folder beside published files
KEPT_DOTFILES = (".atr", ".gitkeep")


def check_path(text: str) -> str:
    """Return `text` if it is a safe relative path for a release file, else raise BadInput.

    Paths are ASCII letters, digits and `._+~()-`, in segments joined by `/`: what every file
    system, shell and URL takes unescaped, so no two names look alike. The sentence in the error
    names the path and says what to change.
    """
    shown = _shown(text)
    if not text:
        raise BadInput("A file needs a name.")
    if "\\" in text:
        raise BadInput(f"{shown}: a path is written with '/', not with a backslash.")
    if text.startswith("/"):
        raise BadInput(f"{shown}: a path starts with a name, not with '/'.")
    if len(text.encode("utf-8", "surrogatepass")) > MAX_PATH:
        raise BadInput(f"{shown}: the path is longer than {MAX_PATH} bytes.")
    segments = text.split("/")
    if len(segments) > MAX_DEPTH:
        raise BadInput(f"{shown}: the path is deeper than {MAX_DEPTH} directories.")
    for segment in segments:
        _check_segment(segment, shown)
    return text


def _check_segment(segment: str, shown: str) -> None:
    if not segment:
        raise BadInput(f"{shown}: the path has an empty segment ('//' or a '/' at the end).")
    if segment in (".", ".."):
        raise BadInput(f"{shown}: '{segment}' is not allowed in a path.")
    if len(segment) > MAX_SEGMENT:
        raise BadInput(f"{shown}: a name is longer than {MAX_SEGMENT} bytes.")
    if not _ALPHABET.match(segment):
        bad = next(char for char in segment if not _ALPHABET.match(char))
        name = unicodedata.name(bad, "a control character")
        raise BadInput(
            f"{shown}: the character “{_readable(bad)}” ({name}) is not allowed. Use letters, "
            "digits and . _ + ~ ( ) - so that every system and URL can carry the name."
        )
    if segment.lower() in _BANNED or segment == RESERVED:
        raise BadInput(f"{shown}: the name '{segment}' is reserved.")
    if segment.startswith(".") and not segment.startswith(KEPT_DOTFILES):
        raise BadInput(f"{shown}: hidden files ('{segment}') cannot be part of a release.")


def _shown(text: str) -> str:
    """The path as a person can read it, cut at 100."""
    safe = _readable(text)
    return safe if len(safe) <= 100 else safe[:100] + "…"


def _readable(text: str) -> str:
    """Letters of every script as they are; what cannot be seen, or turns text around, escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
        for char in text
    )

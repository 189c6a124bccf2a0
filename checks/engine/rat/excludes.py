"""Which files Apache RAT leaves out: its standard exclusions, and Ant patterns of a project.

Patterns come from archives and policies, and thus from anybody. Each is matched segment by
segment, without going back, and all together may take a bounded number of steps.
"""

import fnmatch
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from checks.engine.headers import GENERATED_SUFFIXES
from checks.engine.names import table

NAME = ".rat-excludes"
MAX_TEXT = 256 << 10  # bytes of an exclude file that are read
MAX_PATTERNS = 2_000  # what follows is ignored, which shows more files and hides none
MAX_STEPS = 5_000_000  # segments compared for one archive; real ones take a tenth of it

# Always left out: editors' leavings, AppleDouble and .DS_Store, folders that are hidden, and what
# bundlers write. Names that start or end so, or are so:
_ALWAYS = re.compile(r".*~|#.*#|\.#.*|%.*%|\._.*|\.DS_Store", re.DOTALL)

# Left out as well unless the project ships its own exclusions: build systems, editors, and what
# version control leaves behind. First the names of folders, and of files.
_FOLDERS = frozenset(
    table(
        "target .mvn .settings .externalToolBuilders bin .idea .git .svn .bzr .hg RCS SCCS CVS "
        "CVS.adm RCSLOG tags TAGS"
    )
)
_NAMES = frozenset(
    table(
        "cobertura.ser MANIFEST.MF release.properties .repository build.log pom.xml.releaseBackup "
        ".checkstyle .classpath .factorypath .project .gitignore .bzrignore .hgignore .cvsignore "
        ".make.state .nse_depinfo core"
    )
)
_ENDINGS = tuple(
    table(".iml .ipr .iws $ .old .bak .BAK .orig .rej .a .o .obj .so .exe .Z .elc .ln")
)
_STARTS = ("cvslog.", "#", ",", "_$", ".del-")

# What a name must start with, end with or be for anything above to fit it.
_MAY_START = ("#", ".", "%", *_STARTS)
_MAY_END = ("~", *_ENDINGS, *GENERATED_SUFFIXES)
_MAY_BE = _FOLDERS | _NAMES

# The same as a first look: first and last signs, extensions, and whole names. What passes it needs
# no other one.
_FIRSTS = frozenset(start[0] for start in _MAY_START)
_LASTS = frozenset(end for end in _MAY_END if len(end) == 1)
_EXTENSIONS = frozenset(end.rpartition(".")[2] for end in _MAY_END if len(end) > 1)

_COMMENTS = ("#", "//", "/*")
_ANT, _REGEX = "%ant[", "%regex["


class Pattern(NamedTuple):
    """An Ant pattern: None stands for `**`, text for a literal segment. A pattern that ends like a
    folder, `sub/**` or `sub/*` or `sub/`, names the folder, and thus all that is in it."""

    segments: tuple[str | re.Pattern[str] | None, ...]
    folder_only: bool


def parse(content: str) -> tuple[list[Pattern], list[str]]:
    """The patterns of an exclude file, and those of its lines that are not followed."""
    patterns: list[Pattern] = []
    ignored: list[str] = []
    for line in content.splitlines():
        text = line.lstrip()
        if not text or text.startswith(_COMMENTS):
            continue
        if text.startswith((_REGEX, "!")) or len(patterns) >= MAX_PATTERNS:
            ignored.append(line)
            continue
        if text.startswith(_ANT):
            text = text.removeprefix(_ANT).removesuffix("]")
        patterns += compiled(text)
    return patterns, ignored


def compiled(text: str) -> list[Pattern]:
    """Compile one pattern. `/a`, `./a` and `a` are the same."""
    parts = [part for part in text.split("/") if part not in ("", ".")]
    segments = tuple(map(_segment, parts))
    if text.endswith("/"):
        return [Pattern(segments, folder_only=True)]
    if len(parts) > 1 and parts[-1] in ("*", "**"):
        return [Pattern(segments[:-1], folder_only=True), Pattern(segments, folder_only=False)]
    return [Pattern(segments, folder_only=False)]


def _segment(text: str) -> str | re.Pattern[str] | None:
    if text == "**":
        return None
    if "*" not in text and "?" not in text:
        return text
    literal = text.replace("[", "[[]")
    return re.compile(fnmatch.translate(re.sub(r"\*{2,}", "*", literal)))


class Exclusions:
    """Decides about the files of one tree, by paths relative to the place it is scanned from."""

    def __init__(self, patterns: Iterable[Pattern] = (), *, extended: bool) -> None:
        self._patterns = [pattern for pattern in patterns if pattern.segments]
        self._weight = sum(len(pattern.segments) for pattern in self._patterns)
        self._extended = extended
        self._folders: dict[str, bool] = {"": False}
        self._steps = MAX_STEPS

    def kept(self, paths: Iterable[str], base: str = "") -> Iterator[str]:
        """Those of these files that are not left out: quicker than to ask for each. All lie below
        `base`, which ends with a slash, and from which their paths are taken to begin."""
        at, folders, patterns = len(base), self._folders, self._patterns
        for path in paths:
            below = path[at:]
            folder, _, name = below.rpartition("/")
            is_out = folders.get(folder)
            if is_out is None:
                is_out = self._has_folder(folder)
            if is_out or ((patterns or _is_unusual(name)) and self._has_file(below, name)):
                continue
            yield path

    def __contains__(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return self._has_folder(folder) or self._has_file(path, name)

    @property
    def exhausted(self) -> bool:
        """Whether the patterns cost so much that the last files were not compared with them."""
        return self._steps <= 0

    def _has_folder(self, path: str) -> bool:
        """Whether a folder, or one above it, is left out. Each is decided once."""
        known = self._folders.get(path)
        if known is not None:
            return known
        above: list[str] = []
        while path not in self._folders:
            above.append(path)
            path = path.rpartition("/")[0]
        known = self._folders[path]
        for folder in reversed(above):
            name = folder.rpartition("/")[2]
            known = self._folders[folder] = (
                known
                or name.startswith(".")
                or self._is_standard(name)
                or self._matches(folder, is_folder=True)
            )
        return known

    def _has_file(self, path: str, name: str) -> bool:
        # Nearly no name can be left out by itself: asked for first, for every file is asked.
        if not (name.startswith(_MAY_START) or name.endswith(_MAY_END) or name in _MAY_BE):
            return self._matches(path, is_folder=False)
        return (
            path == NAME
            or self._is_standard(name)
            or name.endswith(GENERATED_SUFFIXES)
            or self._matches(path, is_folder=False)
        )

    def _is_standard(self, name: str) -> bool:
        if _ALWAYS.fullmatch(name):
            return True
        return self._extended and (
            name in _FOLDERS
            or name in _NAMES
            or name.endswith(_ENDINGS)
            or name.startswith(_STARTS)
        )

    def _matches(self, path: str, *, is_folder: bool) -> bool:
        if not self._patterns or self._steps <= 0:
            return False
        parts = path.split("/")
        self._steps -= self._weight * len(parts)
        return any(
            (is_folder or not pattern.folder_only) and _match(pattern.segments, parts)
            for pattern in self._patterns
        )


def _is_unusual(name: str) -> bool:
    """Whether any name above may fit this one: told of nearly all names at little cost."""
    return (
        name[:1] in _FIRSTS
        or name[-1:] in _LASTS
        or name.rpartition(".")[2] in _EXTENSIONS
        or name in _MAY_BE
    )


def _match(segments: tuple[str | re.Pattern[str] | None, ...], parts: list[str]) -> bool:
    """Whether all segments match all parts, by the positions that can be reached."""
    last = segments[-1]
    if last is not None and not _fits(last, parts[-1]):
        return False
    if None not in segments:
        return len(segments) == len(parts) and all(map(_fits, segments, parts))
    reached = {0}
    for segment in segments:
        if segment is None:
            reached = set(range(min(reached), len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and _fits(segment, parts[at])}
        if not reached:
            return False
    return len(parts) in reached


def _fits(segment: str | re.Pattern[str] | None, part: str) -> bool:
    if isinstance(segment, str):
        return segment == part
    return segment is None or bool(segment.match(part))

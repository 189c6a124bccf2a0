"""Packages as `npm pack` writes them: a gzipped tar whose only top folder is `package`."""

import json
import zlib
from dataclasses import dataclass, replace
from typing import Any

from checks.engine.archive import Batch, Kind, Member, show, walk
from checks.engine.model import File, Limits

SUFFIXES = (".tgz", ".tar.gz")
ROOT = "package"
MANIFEST = f"{ROOT}/package.json"
MAX_MANIFEST = 524_288  # bytes
LOOK = 8 << 20  # bytes of content read to tell a package from a source archive


class NotAPackage(Exception):
    """Why what lies under `package/` is no package of npm: a part of a sentence."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the manifest of a package says that it is."""

    name: str
    version: str

    def matches(self, base: str) -> bool | None:
        """Whether a file's name without suffix fits; None where it cannot tell (a scoped name)."""
        return None if "/" in self.name else base == f"{self.name}-{self.version}"


def parse(content: bytes) -> Manifest:
    """Read a package.json, or raise NotAPackage."""
    if not 0 < len(content) <= MAX_MANIFEST:
        raise NotAPackage(f"its package.json is empty or larger than {MAX_MANIFEST:,} bytes")
    try:
        value = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NotAPackage("its package.json is not JSON in UTF-8") from error
    name, version = _text_of(value, "name"), _text_of(value, "version")
    if not (name and version):
        raise NotAPackage("its package.json has no name and version")
    return Manifest(name, version)


def _text_of(value: Any, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) and found.strip() else ""


class Collector:
    """Takes the content of one small member: a sink that never holds more than its limit and one
    byte, by which one sees that there was more."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = bytearray()
        self.closed = False

    def feed(self, block: bytes) -> None:
        room = self._limit + 1 - len(self._held)
        self._held += block[: max(room, 0)]

    def close(self) -> None:
        self.closed = True

    @property
    def content(self) -> bytes:
        return bytes(self._held)


class Layout:
    """Watches an archive for the layout of npm: a visitor for the reader, or a part of one."""

    def __init__(self) -> None:
        self.tops: set[str] = set()
        self._known = "/"  # what names begin with that add nothing
        self._manifest: Collector | None = None
        self._odd = ""

    def batch(self, members: Batch) -> None:
        """Many members: nearly all lie in the folder that the one before them lay in."""
        for each in members:
            name = each[0].name
            if not name.startswith(self._known) or name == MANIFEST:
                show(self, (each,))

    def member(self, member: Member) -> Collector | None:
        top, _, below = member.name.partition("/")
        if not top or top.startswith("._"):
            return None
        self.tops.add(top)
        if below:
            self._known = f"{top}/"
        if top == ROOT and not below and member.kind != Kind.DIRECTORY:
            self._odd = f"'{ROOT}' is not a folder"
        return self._take_manifest(member) if member.name == MANIFEST else None

    def _take_manifest(self, member: Member) -> Collector | None:
        if member.kind != Kind.FILE:
            self._odd = "its package.json is not a regular file"
            return None
        if self._manifest is None:
            self._manifest = Collector(MAX_MANIFEST)
            return self._manifest
        return None

    def finish(self) -> None:
        """Nothing is left to do at the end."""

    def manifest(self) -> Manifest:
        """The manifest of the package, or NotAPackage with the reason."""
        if self._odd:
            raise NotAPackage(self._odd)
        if self._manifest is None:
            raise NotAPackage("it has no package.json")
        return parse(self._manifest.content)


def is_package(file: File) -> bool:
    """Whether a file is a package of npm, from its first bytes.

    At most LOOK bytes of content are inflated, and only where the first member lies in `package`,
    so that asking is nearly free for all other archives.
    """
    if not _starts_in_package(file):
        return False
    layout = Layout()
    limits = replace(Limits(), total_size=LOOK, file_size=LOOK)
    walk(file.location, file.path, limits, [layout])
    try:
        layout.manifest()
    except NotAPackage:
        return False
    return layout.tops == {ROOT}


def _starts_in_package(file: File) -> bool:
    """Whether the first member's name starts with `package/`, by the first tar header alone."""
    with file.location.open("rb") as stream:
        head = stream.read(4096)
    try:
        header = zlib.decompressobj(wbits=31).decompress(head, 512)
    except zlib.error:
        return False
    return header[:100].removeprefix(b"./").startswith(ROOT.encode() + b"/")


def as_data(manifest: Manifest, base: str) -> dict[str, Any]:
    """The facts about a package that a finding carries."""
    return {
        "name": manifest.name,
        "version": manifest.version,
        "filename_match": manifest.matches(base),
    }

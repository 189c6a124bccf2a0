"""What Apache RAT says of every file of an archive, and what we say, in the same words.

A verdict is RAT's document type and the id of the first licence, such as "STANDARD AL2.0" or
"NOTICE"; "STANDARD ?????" for a licence that is not known, and "IGNORED" for what is left out or
written by a program.
"""

from functools import partial
from pathlib import Path
from xml.parsers import expat

from checks.engine.archive import Kind, Member, Sink, walk
from checks.engine.head import Head
from checks.engine.model import Limits
from checks.engine.rat import excludes
from checks.engine.rat.documents import Type
from checks.engine.rat.read import WINDOW, read

IGNORED = "IGNORED"
UNKNOWN = "?????"


class NotAReport(Exception):
    """Why this is no report of RAT: a part of a sentence."""


def theirs(report: bytes) -> dict[str, str]:
    """RAT's verdict on each file of its XML report, by its path below where it was scanned.

    What RAT leaves out with a whole folder is not in it. A report that declares a document type,
    and could so declare entities, is refused: RAT writes none.
    """
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reading.start
    parser.StartDoctypeDeclHandler = reading.doctype
    try:
        parser.Parse(report, True)
    except expat.ExpatError as error:
        raise NotAReport(f"it is no XML ({error})") from error
    if not reading.is_report:
        raise NotAReport("it has no element rat-report")
    return reading.said


class _Reading:
    """Takes the elements of a report as they come."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}
        self.is_report = False
        self._path = ""

    def doctype(self, *_: object) -> None:
        raise NotAReport("it declares a document type")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "rat-report":
            self.is_report = True
        elif name == "resource":
            self._path = ""
            if attributes.get("isDirectory") != "true":
                self._path = attributes.get("name", "").removeprefix(".").lstrip("/")
                self.said[self._path] = attributes.get("type", "")
        elif name == "license" and self._path:
            self.said[self._path] += f" {attributes.get('id', '')}"
            self._path = ""  # those behind the first do not count


def ours(archive: Path, *, follow: bool = True) -> dict[str, str]:
    """Our verdict on each file of an archive, by its path in it. The `.rat-excludes` that it ships
    are followed unless `follow` is false."""
    judging = _Judging()
    walk(archive, archive.name, Limits(), [judging])
    shipped = judging.excludes if follow else {}
    base = scan_root(shipped)
    patterns, _ = excludes.parse(next(iter(shipped.values()), ""))
    left_out = excludes.Exclusions(patterns, extended=not shipped)
    return {
        path: IGNORED if path.removeprefix(base) in left_out else verdict
        for path, verdict in judging.said.items()
    }


def scan_root(shipped: dict[str, str]) -> str:
    """The folder that is scanned, with its slash: where the one exclude file lies, else the top."""
    return next(iter(shipped)).removesuffix(excludes.NAME) if len(shipped) == 1 else ""


class _Judging:
    """A visitor that judges each file by its head."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}
        self.excludes: dict[str, str] = {}

    def member(self, member: Member) -> Sink | None:
        if member.kind is not Kind.FILE:
            return None
        return Head(max(WINDOW, excludes.MAX_TEXT), partial(self._take, member.name))

    def finish(self) -> None:
        """Nothing to do."""

    def _take(self, path: str, content: bytes) -> None:
        name = path.rpartition("/")[2]
        if name == excludes.NAME:
            self.excludes[path] = content.decode("utf-8", "replace")
        self.said[path] = verdict(name, content[:WINDOW])


def verdict(name: str, head: bytes) -> str:
    """Our verdict on a file by its base name and its first bytes."""
    document = read(name, head)
    if document.type is Type.GENERATED:
        return IGNORED
    first = document.licenses[0].id if document.licenses else UNKNOWN * document.is_unknown
    return f"{document.type.upper()} {first}".strip()


def differences(
    expected: dict[str, str], found: dict[str, str], base: str = ""
) -> dict[str, tuple[str, str]]:
    """The files of an archive that RAT judges otherwise: its verdict and ours, by path.

    `expected` has paths below `base`. What RAT does not list it has left out.
    """
    below = {base + path: verdict_ for path, verdict_ in expected.items()}
    pairs = {path: (below.get(path, IGNORED), verdict_) for path, verdict_ in found.items()}
    return {path: pair for path, pair in sorted(pairs.items()) if pair[0] != pair[1]}

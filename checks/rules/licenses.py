"""LICENSE, NOTICE and, for podlings, DISCLAIMER: they are there, and say what they must."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from checks.engine import legal
from checks.engine.archive import Batch, Kind, Member, show
from checks.engine.classify import FileClass, class_of
from checks.engine.legal import Judgement
from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.names import parse, shown
from checks.engine.npm import Collector
from checks.engine.rule import ArchiveRule, Difference, Examination
from checks.engine.tree import Tops, is_apple_double

MAX_TEXTS = 2_000  # files judged in one archive: a bound on work, above what any release has
SUFFIXES = (".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz", ".tar")

# The first and the third letter of what _NAME matches: asked for first, for nothing costs less.
_FIRST, _THIRD = frozenset("LlNnDd"), frozenset("CcTtSs\u017f")
_NAME = re.compile(
    r"(?P<what>licen[cs]e|notice|disclaimer(?:-wip)?)(?:\.(?:txt|md|rst|adoc))?\Z", re.IGNORECASE
)


class LicenseFiles(ArchiveRule):
    slug = "license.files"
    version = 1
    title = "Every archive holds the licence, the notice and, for podlings, the disclaimer"
    policy = (
        "Every package holds LICENSE and NOTICE files at its top that are right for what is in it; "
        "packages of podlings hold a DISCLAIMER too. "
        "(https://www.apache.org/legal/release-policy.html#licensing-documentation, "
        "https://infra.apache.org/licensing-howto.html, "
        "https://incubator.apache.org/guides/branding.html#disclaimers)"
    )
    cost = "Part of the one reading of each archive; at most 1 MiB of each such file is looked at."
    reads = (
        "podling",
        "source_paths",
        "binary_paths",
        "license_mode",
        "foundation",
        "limits",
    )
    differences = (
        Difference(
            "LICENSE.txt or NOTICE.txt in a source archive is as good as none: a blocker.",
            "It is read like LICENSE, with a suggestion to rename it.",
            "The text is there for everybody to see; published releases do this.",
        ),
        Difference(
            "The first 169 lines must be equal to the licence's: a blocker.",
            "The words must be: other line breaks, spacing, a byte order mark or text in front of "
            "the licence are a suggestion.",
            "The law reads words. A missing or altered word is still a blocker.",
        ),
        Difference(
            "A filled-in copyright line in the appendix is a blocker.",
            "It is right.",
            "The appendix itself says to fill it in.",
        ),
        Difference(
            "NOTICE has one wording of the copyright line and one of the attribution.",
            "Lists and ranges of years, (c), a missing 'The', 'developed by', other line breaks "
            "are right. A copyright or an attribution that is missing stays a concern.",
            "Published releases use all of these, and they say the same.",
        ),
        Difference(
            "A product header must match 'Apache NAME'.",
            "It is not looked for.",
            "It matches the foundation's own name, so that it never failed.",
        ),
        Difference(
            "Only tar.gz, tgz and zip are looked into.",
            "tar, tar.bz2 and tar.xz are too.",
            "Several projects publish their source as tar.bz2 only.",
        ),
        Difference(
            "A DISCLAIMER of a podling has exactly that name.",
            "DISCLAIMER.txt and the like are read, with a suggestion to rename it.",
            "As for LICENSE.",
        ),
    )

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        return file.path.endswith(SUFFIXES) and parse(file.path).is_artifact

    def start(self, file: File, candidate: Candidate) -> Examination:
        is_source = class_of(file, candidate.policy) == FileClass.SOURCE
        return _Texts(self, file, candidate, is_source=is_source)


@dataclass(frozen=True, slots=True)
class _Text:
    """A file with legal text: which kind it is by its name, where it lies, what it came to."""

    what: str
    path: str
    judgement: Judgement

    @property
    def usual_name(self) -> bool:
        """Whether it is named exactly as downloaders expect."""
        return PurePosixPath(self.path).name == self.what


class _Sink(Collector):
    """Judges a text as soon as it is there, and keeps the judgement only."""

    def __init__(self, texts: "_Texts", what: str, path: str) -> None:
        super().__init__(legal.MAX_TEXT)
        self._texts = texts
        self._what = what
        self._path = path

    def close(self) -> None:
        self._texts.judge(self._what, self._path, self.content)


class _Texts(Examination):
    """Gathers the legal texts of one archive."""

    def __init__(
        self, rule: LicenseFiles, file: File, candidate: Candidate, *, is_source: bool
    ) -> None:
        self._rule = rule
        self._path = file.path
        self._policy = candidate.policy
        self._is_source = is_source
        self._tops = Tops()
        self._texts: dict[str, _Text] = {}
        self._links: dict[str, str] = {}

    def batch(self, members: Batch) -> None:
        for each in members:
            if each[1][:1] in _FIRST and each[1][2:3] in _THIRD:
                show(self, (each,))
        self._tops.batch(members)

    def member(self, member: Member) -> _Sink | None:
        self._tops.add(member)
        match = _NAME.match(member.name, member.name.rfind("/") + 1)
        if match is None or len(self._texts) + len(self._links) >= MAX_TEXTS:
            return None
        if is_apple_double(member.name) or member.name in self._texts:
            return None
        if member.kind == Kind.FILE:
            return _Sink(self, _kind_of(match["what"]), member.name)
        if member.kind != Kind.DIRECTORY:
            self._links[member.name] = _target(member)
        return None

    def judge(self, what: str, path: str, content: bytes) -> None:
        """Take the content of one text."""
        if what == "LICENSE":
            judgement = legal.judge_license(content)
        elif what == "NOTICE":
            judgement = legal.judge_notice(content, self._policy.foundation)
        else:
            judgement = Judgement(Level.NOTE, "The podling's disclaimer is there.")
        self._texts.setdefault(path, _Text(what, path, judgement))

    def findings(self) -> Iterator[Finding]:
        if self._is_source and self._policy.license_mode == "rat":
            return
        if not self.report.complete:
            message = "Not judged, because the archive could not be read to its end."
            yield self._rule.finding(Level.NOTE, self._path, message)
            return
        if len(self._tops.folders) != 1:
            yield self._wrong_roots(len(self._tops.folders))
            return
        self._follow_links()
        judge = self._in_source if self._is_source else self._in_binary
        for what in ("LICENSE", "NOTICE"):
            yield from judge(what)
        if self._is_source and self._policy.podling:
            yield from self._disclaimer()

    def _wrong_roots(self, count: int) -> Finding:
        return self._rule.finding(
            Level.CONCERN,
            self._path,
            f"LICENSE and NOTICE were not looked for, because the archive unpacks into {count} "
            "folders and not into one. Put everything into one folder.",
            see=self._see(""),
        )

    def _follow_links(self) -> None:
        """A link to a text that was read is as good as the text."""
        for path, target in self._links.items():
            if text := self._texts.get(target):
                what = _kind_of(_NAME.match(PurePosixPath(path).name)["what"])  # type: ignore[index]
                if what == text.what:
                    self._texts.setdefault(path, _Text(what, path, text.judgement))

    def _in_source(self, what: str) -> Iterator[Finding]:
        """In a source archive the text lies directly in the root folder."""
        root = self._tops.folders[0]
        found = [text for text in self._texts.values() if _is_at_top(text, root, what)]
        if not found:
            yield self._missing(what, root)
            return
        best = min(found, key=lambda text: (not text.usual_name, text.path))
        yield self._about(best)
        if not best.usual_name:
            yield self._rename(best)

    def _in_binary(self, what: str) -> Iterator[Finding]:
        """Elsewhere it may lie anywhere, and one good one is enough."""
        found = [text for text in self._texts.values() if text.what == what]
        if not found:
            yield self._missing(what, self._tops.folders[0])
            return
        valid = [text for text in found if text.judgement.is_valid]
        for text in valid or sorted(found, key=lambda text: text.path.count("/"))[:1]:
            yield self._about(text)

    def _disclaimer(self) -> Iterator[Finding]:
        root = self._tops.folders[0]
        kinds = ("DISCLAIMER", "DISCLAIMER-WIP")
        found = [t for t in self._texts.values() if any(_is_at_top(t, root, k) for k in kinds)]
        if not found:
            yield self._missing("DISCLAIMER", root)
            return
        best = min(found, key=lambda text: (not text.usual_name, text.path))
        yield self._about(best) if best.usual_name else self._rename(best)

    def _about(self, text: _Text) -> Finding:
        judged = text.judgement
        return self._rule.finding(
            judged.level,
            self._path,
            judged.message,
            member=text.path,
            see=self._see(text.path),
            **judged.data,
        )

    def _rename(self, text: _Text) -> Finding:
        message = (
            f"The file is named {PurePosixPath(text.path).name}. Rename it to {text.what}, where "
            "people and tools look for it."
        )
        return self._rule.finding(Level.SUGGESTION, self._path, message, member=text.path)

    def _missing(self, what: str, root: str) -> Finding:
        place = f"directly in {shown(root)}/" if self._is_source else "anywhere in it"
        names = "DISCLAIMER or DISCLAIMER-WIP" if what == "DISCLAIMER" else what
        say = partial(self._rule.finding, Level.BLOCKER, self._path)
        link = f"{root}/{what}"
        if link in self._links:
            return say(
                f"{what} is a link to '{shown(self._links[link])}', where no such text was read. "
                "Put the text itself there.",
                member=link,
                see=self._see(""),
            )
        return say(f"The archive has no {names} file {place}. Add it.", see=self._see(""))

    def _see(self, member: str) -> str:
        """A command that prints a member, or lists those that are at stake."""
        if member:
            return self.printing(self._path, member)
        name = shlex.quote(PurePosixPath(self._path).name)
        listing = f"unzip -Z1 {name}" if self.report.format == "zip" else f"tar tf {name}"
        return f"{listing} | grep -iE 'licen[cs]e|notice|disclaimer'"


def _kind_of(matched: str) -> str:
    """The usual name for what the name of a file says that it is."""
    return matched.upper().replace("LICENCE", "LICENSE")


def _is_at_top(text: _Text, root: str, what: str) -> bool:
    return text.what == what and str(PurePosixPath(text.path).parent) == root


def _target(member: Member) -> str:
    """Where a link leads, as a path in the archive: hard links say so, others are relative."""
    if member.kind == Kind.HARDLINK:
        return member.target.removeprefix("./")
    parts: list[str] = []
    for part in (PurePosixPath(member.name).parent / member.target).parts:
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", ".."):
            parts.append(part)
    return "/".join(parts)

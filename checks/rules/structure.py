"""A source archive unpacks into one folder that is named like the archive."""

import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from checks.engine import names, npm
from checks.engine.archive import Batch, Member, Sink
from checks.engine.classify import FileClass, class_of, class_of_name
from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.names import shown
from checks.engine.rule import ArchiveRule, Difference, Examination
from checks.engine.tree import Tops

OPTIONAL_ENDINGS = (
    "-binary-assembly",
    "-binary",
    "-bin",
    "-source-release",
    "-sources",
    "-source",
    "-src",
)


class Structure(ArchiveRule):
    slug = "archive.structure"
    version = 1
    title = "A source archive unpacks into one folder named like the archive"
    policy = (
        "Whoever unpacks a source release gets one new folder whose name says what it is; it is "
        "custom rather than rule, so that deviations are suggestions. "
        "(https://incubator.apache.org/guides/releasemanagement.html)"
    )
    cost = "Part of the one reading of each archive."
    levels = (Level.NOTE, Level.SUGGESTION)
    reads = ("source_paths", "binary_paths", "limits")
    differences = (
        Difference(
            "Only tar.gz and zip are looked at.",
            "All source archives are.",
            "tar.bz2 and tar.xz unpack the same way.",
        ),
        Difference(
            "a-1.0-sources.tar.gz must have the root a-1.0-sources.",
            "a-1.0 is accepted too, as it is for -src and -source.",
            "The ending says what the archive is, and not what the project is called.",
        ),
        Difference(
            "Members written as ./name are taken for a root named '.'.",
            "./ in front of a name means nothing.",
            "tar unpacks both to the same place.",
        ),
        Difference(
            "A file beside the root folder is an error in a tar, and a finding by itself in a zip.",
            "Both get the same suggestion.",
            "They look the same when unpacked.",
        ),
        Difference(
            "An empty zip gets a suggestion.",
            "An empty archive is a blocker, of `archive.integrity`.",
            "Nobody can build anything from it.",
        ),
        Difference(
            "The same archive at two paths is examined once, at the first of them.",
            "It is examined at each; its bytes are stored once.",
            "What an archive must hold follows from its name.",
        ),
    )

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        return class_of_name(file.path, candidate.policy) == FileClass.SOURCE

    def start(self, file: File, candidate: Candidate) -> Examination:
        return _Root(self, file, is_source=class_of(file, candidate.policy) == FileClass.SOURCE)


def expected_roots(path: str) -> tuple[str, ...]:
    """The names a root folder may have: that of the archive, and that without -src and the like."""
    base = PurePosixPath(names.parse(path).stem).name
    for ending in OPTIONAL_ENDINGS:
        if base.endswith(ending):
            return base.removesuffix(ending), base
    return (base,)


class _Root(Examination):
    """Watches what the archive puts at the top."""

    def __init__(self, rule: Structure, file: File, *, is_source: bool) -> None:
        self._rule = rule
        self._path = file.path
        self._is_source = is_source
        self._tops = Tops()
        self._npm = npm.Layout()

    def member(self, member: Member) -> Sink | None:
        self._tops.add(member)
        return self._npm.member(member)

    def batch(self, members: Batch) -> None:
        self._tops.batch(members)
        self._npm.batch(members)

    def findings(self) -> Iterator[Finding]:
        if not self._is_source:
            return
        if not self.report.complete:
            yield self._rule.finding(
                Level.NOTE,
                self._path,
                "Not judged, because the archive could not be read to its end.",
            )
            return
        yield self._judge()

    def _judge(self) -> Finding:
        folders, others = self._tops.folders, self._tops.others
        suggest = partial(
            self._rule.finding, Level.SUGGESTION, self._path, see=_see(self._path, self.report)
        )
        expected = expected_roots(self._path)
        facts: dict[str, Any] = {"expected_roots": list(expected)}
        if not folders and not others:
            return suggest("The archive is empty.", **facts)
        if len(folders) != 1 or others:
            return suggest(_several(folders, others, expected), **facts)
        return self._judge_root(folders[0], expected)

    def _judge_root(self, root: str, expected: tuple[str, ...]) -> Finding:
        facts: dict[str, Any] = {"root": shown(root), "expected_roots": list(expected)}
        say = partial(self._rule.finding, path=self._path, see=_see(self._path, self.report))
        if root in expected:
            message = f"It unpacks into one folder, {shown(root)}."
            return say(level=Level.NOTE, message=message, **facts)
        message = (
            f"It unpacks into '{shown(root)}', and by its name one expects "
            f"{' or '.join(expected)}. Rename the folder or the archive."
        )
        if root != npm.ROOT:
            return say(level=Level.SUGGESTION, message=message, **facts)
        return self._judge_package(message, facts, expected[-1])

    def _judge_package(self, message: str, facts: dict[str, Any], base: str) -> Finding:
        """A root named `package` is right for a package of npm that is named as its file says."""
        say = partial(self._rule.finding, path=self._path, see=_see(self._path, self.report))
        try:
            manifest = self._npm.manifest()
        except npm.NotAPackage as error:
            facts["npm_pack_error"] = str(error)
            message = f"{message} (It is no package of npm: {error}.)"
            return say(level=Level.SUGGESTION, message=message, **facts)
        facts["npm_pack"] = npm.as_data(manifest, base)
        if manifest.matches(base) is False:
            message = (
                f"It is a package of npm for {shown(manifest.name)} {shown(manifest.version)}, and "
                "the archive is named otherwise. Rename the archive as npm pack does."
            )
            return say(level=Level.SUGGESTION, message=message, **facts)
        message = "It has the layout of npm pack, whose root is always named 'package'."
        return say(level=Level.NOTE, message=message, **facts)


def _several(folders: list[str], others: list[str], expected: tuple[str, ...]) -> str:
    """What is wrong with a top that is not one folder."""
    found = ", ".join(shown(each, 40) for each in [*folders, *others][:5])
    more = " and more" if len(folders) + len(others) > 5 else ""
    want = f"Put everything into one folder named {expected[0]}."
    if not folders:
        return f"It unpacks into files without a folder: {found}{more}. {want}"
    if others:
        return f"It unpacks into files beside its folder: {found}{more}. {want}"
    return f"It unpacks into {len(folders)} folders: {found}{more}. {want}"


def _see(path: str, report: object) -> str:
    """A command that lists what lies at the top."""
    name = shlex.quote(PurePosixPath(path).name)
    listing = f"unzip -Z1 {name}" if getattr(report, "format", "") == "zip" else f"tar tf {name}"
    return f"{listing} | cut -d/ -f1 | sort -u"

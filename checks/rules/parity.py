"""The same release in several formats is the same release."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.rule import ComparisonRule, Difference, Facts
from checks.engine.siblings import siblings
from checks.rules.tree import ArchiveTree


class ArchiveParity(ComparisonRule):
    slug = "archive.parity"
    version = 1
    title = "Archives of one name in several formats hold the same files"
    policy = (
        "A release is one set of files. Whoever takes the zip gets what was voted on as well as "
        "whoever takes the tar.gz. "
        "(https://www.apache.org/legal/release-policy.html#release-approval)"
    )
    cost = "None: the ids of the archives' content are compared."
    levels = (Level.NOTE, Level.CONCERN)
    compares = ArchiveTree
    differences = (
        Difference(
            "That only modes differ is not said.",
            "It is.",
            "A zip that lost the executable bits is mended otherwise than one with other files.",
        ),
    )

    def others(self, file: File, candidate: Candidate) -> tuple[File, ...]:
        return siblings(file, candidate)

    def run(
        self, file: File, candidate: Candidate, facts: Mapping[str, Facts]
    ) -> Iterator[Finding]:
        known = {path: each for path, each in facts.items() if each.get("swhid")}
        ours = known.pop(file.path, None)
        if not ours or not known:
            return
        matched = sorted(path for path, each in known.items() if each["swhid"] == ours["swhid"])
        mismatched = sorted(known.keys() - set(matched))
        data = {"swhid": ours["swhid"], "matched": matched, "mismatched": mismatched}
        if not mismatched:
            message = f"It holds exactly the same files as {_names(matched)}."
            yield self.finding(Level.NOTE, file.path, message, **data)
            return
        modes = [path for path in mismatched if known[path]["content"] == ours["content"]]
        see = _see(file.path, mismatched[0])
        if modes:
            message = (
                f"It holds the same files as {_names(modes)}, but not the same ones may be "
                "executed. Make the zip with a program that keeps modes."
            )
            yield self.finding(Level.CONCERN, file.path, message, see=see, **data)
        if others := [path for path in mismatched if path not in modes]:
            message = (
                f"It does not hold the same files as {_names(others)}. Make both from the same "
                "tree; line ends that are changed for one format make other files too."
            )
            yield self.finding(Level.CONCERN, file.path, message, see=see, **data)


def _names(paths: list[str]) -> str:
    return " and ".join(PurePosixPath(path).name for path in paths)


def _see(path: str, other: str) -> str:
    """Commands that unpack both and compare."""
    unpacked = []
    for number, each in enumerate((path, other), start=1):
        name = shlex.quote(PurePosixPath(each).name)
        into = (
            f"unzip -q {name} -d {number}"
            if name.endswith(".zip")
            else f"tar xf {name} -C {number}"
        )
        unpacked.append(into)
    return f"mkdir 1 2; {'; '.join(unpacked)}; diff -r 1/* 2/*"

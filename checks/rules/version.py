"""The files are those of the release that they are put into."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from checks.engine import names
from checks.engine.model import Candidate, Finding, Level
from checks.engine.names import shown
from checks.engine.rule import Difference, ReleaseRule

EXAMPLES = 3

# 10.0p1, 1.0.0-rc2, 0.9a1: what follows the numbers tells candidates of one version apart.
_CANDIDATE = re.compile(r"[-_.]?(?:rc|RC|alpha|beta|a|b|m|M|p)[-_.]?\d*\Z")
_NUMBERS = re.compile(r"(?<![\d.])\d+(?:[._]\d+)+")


class ReleaseVersion(ReleaseRule):
    slug = "release.version"
    version = 1
    title = "The artifacts carry the version of the release"
    policy = (
        "People vote on a version and download it by its name: the version in the name of an "
        "artifact is the version that was voted on. "
        "(https://infra.apache.org/release-distribution.html#naming)"
    )
    cost = "Once a release, names only."
    levels = (Level.CONCERN, Level.NOTE)
    reads = ("version",)
    differences = (
        Difference(
            "Files of another version than the release pass.",
            "They are a concern, said once for the release.",
            "An artifact of the last release, uploaded by mistake, is found before the vote.",
        ),
    )

    def inputs(self, candidate: Candidate) -> Any:
        return sorted(_artifacts(candidate))

    def run(self, candidate: Candidate) -> Iterator[Finding]:
        wanted = candidate.policy.version
        artifacts = sorted(_artifacts(candidate))
        if not re.match(r"\d", wanted) or not artifacts:
            return  # a release by another kind of name, or none: nothing to compare with
        others = [path for path in artifacts if names_another(path, wanted)]
        if others:
            named = ", ".join(shown(PurePosixPath(path).name) for path in others[:EXAMPLES])
            more = f" and {len(others) - EXAMPLES:,} more" if len(others) > EXAMPLES else ""
            verb = "carries" if len(others) == 1 else "carry"
            yield self.finding(
                Level.CONCERN,
                "",
                f"The release is {wanted}, and {named}{more} {verb} another version. Replace what "
                "belongs to another release; where it is meant so, confirm it.",
                wanted=wanted,
                others=others[:EXAMPLES],
                count=len(others),
            )
        else:
            message = f"No artifact carries another version than {wanted}."
            yield self.finding(Level.NOTE, "", message, wanted=wanted)


def names_another(path: str, wanted: str) -> bool:
    """Whether a path holds a version and it is not the wanted one.

    Only numbers joined by points, or underscores, count as a version, so `app-linux-64.zip` has
    none. `1.0` and `1.0.0` are taken for one another, and so are candidates of one version. The
    folders count too: in `1.0/tool-2.3.zip` a part of its own version may lie.
    """
    numbers = _plain(_CANDIDATE.sub("", wanted))
    found = [_plain(each) for each in _NUMBERS.findall(path)]
    return bool(found) and not any(_agree(each, numbers) for each in found)


def _plain(version: str) -> list[str]:
    """A version as its numbers, without zeros at the end: 1.0.0 is 1."""
    numbers = [number.lstrip("0") or "0" for number in re.findall(r"\d+", version)]
    while len(numbers) > 1 and numbers[-1] == "0":
        numbers.pop()
    return numbers


def _agree(found: list[str], wanted: list[str]) -> bool:
    """Equal, or the name adds a number to the version: the 4 of `tool-1.2.3.4`, a build."""
    return found[: len(wanted)] == wanted


def _artifacts(candidate: Candidate) -> Iterator[str]:
    return (file.path for file in candidate.files if names.parse(file.path).is_artifact)

"""What the rules still say of releases that a foundation really published, and why that is right.

For `docs/checks.md`. `tests/checks/rules/test_remaining.py` runs every rule over these releases and
compares: a rule that begins to raise another alarm has to answer for it there.
"""

from typing import NamedTuple

RELEASES = 22  # source and binary archives of one foundation that the rules were run over


class Remaining(NamedTuple):
    """A kind of finding, in how many of the releases it is made, and why it is no false alarm."""

    rule: str
    level: str
    says: str  # the beginning of the sentence, without what varies in it
    releases: int
    why: str


REMAINING = (
    Remaining(
        "paths",
        "blocker",
        "The artifact has no SHA-256",
        22,
        "Right for the copies at hand, which were kept without the checksums that lie beside them "
        "on the download site. A release without one is not published.",
    ),
    Remaining(
        "paths",
        "blocker",
        "The artifact has no signature",
        13,
        "Right for the copies at hand: these came without their signatures, several of them from "
        "package indexes, which do not carry any.",
    ),
    Remaining(
        "paths",
        "blocker",
        "The release holds no source archive",
        3,
        "Right: packages of npm are convenience binaries. They are released beside their source.",
    ),
    Remaining(
        "archive.safety",
        "blocker",
        "'.git' steers programs",
        1,
        "Right: a file named .git was packed by mistake, and git commands run in the unpacked "
        "folder would follow it.",
    ),
    Remaining(
        "license.files",
        "blocker",
        "The archive has no LICENSE file",
        2,
        "Right: two archives on a package index hold no licence at all. The policy asks for it in "
        "every package; a project whose index archives are no release does not upload them here.",
    ),
    Remaining(
        "license.files",
        "blocker",
        "The archive has no NOTICE file",
        3,
        "Right, for the same two and one package of npm.",
    ),
    Remaining(
        "license.headers",
        "concern",
        "It has no licence header",
        19,
        "Right: each is a file without any header, with an altered one (in one release an editor's "
        "slip put letters into it), or under a licence that nobody knows by its words. The first "
        "two are to be mended; third-party code is named in the policy once, or ignored.",
    ),
    Remaining(
        "license.headers",
        "concern",
        "source files have no licence header",
        4,
        "Right: the sum of a list that was cut.",
    ),
)


def remaining_markdown() -> str:
    """The table, for people."""
    lines = [
        "## What remains on releases that were really published",
        "",
        f"Every rule was run over {RELEASES} archives that one foundation has published, with the "
        "default policy. These are all the blockers and concerns. Rules that were wrong about a "
        "published release were mended; each row that is left says why it is right.",
        "",
        "| Rule | Level | It says | Releases | Why it is right |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{each.rule}` | {each.level} | {each.says} … | {each.releases} | {each.why} |"
        for each in REMAINING
    ]
    lines += [
        "",
        "With `rat` or `both` in the policy, the rule `license.rat` also names between 8 and "
        "1,901 files in 19 of them: documents, test data and build files, as RAT itself does. "
        "That is why it is off until a project has said which files it leaves out.",
        "",
    ]
    return "\n".join(lines)

"""The rules, one a module, in the order in which people read about them.

To add one: a module here, a line in `ALL`, a test, and `docs/checks.md` as `rules_markdown`
writes it. `tests/checks/rules/test_registry.py` sees to it that none of these is forgotten.
"""

import json
from collections.abc import Iterator
from dataclasses import fields

from checks.engine.model import Limits, Policy
from checks.engine.rule import Rule
from checks.rules.archive import ArchiveIntegrity, ArchiveSafety
from checks.rules.checksum import Checksum
from checks.rules.content import FileContent
from checks.rules.headers import LicenseHeaders
from checks.rules.licenses import LicenseFiles
from checks.rules.parity import ArchiveParity
from checks.rules.paths import Paths
from checks.rules.rat import Rat
from checks.rules.remaining import remaining_markdown
from checks.rules.sbom import SbomPresent
from checks.rules.sbom_content import SbomContent
from checks.rules.signature import Signature
from checks.rules.source import SourceTree
from checks.rules.structure import Structure
from checks.rules.tree import ArchiveTree
from checks.rules.version import ReleaseVersion

ALL: tuple[Rule, ...] = (
    Paths(),
    ReleaseVersion(),
    FileContent(),
    Checksum(),
    Signature(),
    ArchiveSafety(),
    ArchiveIntegrity(),
    Structure(),
    ArchiveTree(),
    ArchiveParity(),
    SourceTree(),
    LicenseFiles(),
    LicenseHeaders(),
    Rat(),
    SbomPresent(),
    SbomContent(),
)

INTRODUCTION = """# The checks

What every check looks for, which levels its findings have, which sentence of policy it stands on,
and where it decides otherwise than the reference platform, Apache Trusted Releases, and why.
This page is written by `checks.rules.rules_markdown()` from the rules themselves.

A **blocker** must be fixed before a vote. A **concern** must be looked at and acknowledged. A
**suggestion** could be better. A **note** says what was looked at and is fine. A rule that fails
is shown as an error: that is a fault of the check, never a verdict on the file, and what has not
been checked has not passed.

[`trusted-check DIR`](trusted-check.md) runs the same checks on a folder, without account or
database. Results are kept under a key of all that a check reads, and used again while that is the
same; a rule's version goes up whenever the same input may get another answer.
"""

POLICY = """## The policy they judge by

What a project asks of its releases, as `policy.json` of the project gives it and as
`trusted-check --policy` takes it. What is left out has its default.
"""

LIMITS = """`limits` is an object of its own. An archive beyond one of these is a blocker, because
whoever unpacks it pays for it.
"""


def rules_markdown() -> str:
    """`docs/checks.md`: the catalogue of rules, as people read it."""
    policy = [POLICY, *_fields(Policy()), "", LIMITS, *_fields(Limits()), ""]
    return "\n".join(
        [INTRODUCTION, *(_section(rule) for rule in ALL), *policy, remaining_markdown()]
    )


def _fields(default: Policy | Limits) -> Iterator[str]:
    """The fields of a policy, or of its limits, as a table."""
    yield "| Field | Default | Meaning | Read by |"
    yield "| --- | --- | --- | --- |"
    for each in fields(default):
        value = getattr(default, each.name)
        shown = "see below" if isinstance(value, Limits) else f"`{json.dumps(value)}`"
        about = _cell(each.metadata["about"])
        yield f"| `{each.name}` | {shown} | {about} | {_readers(each.name)} |"


def _readers(name: str) -> str:
    reading = [f"`{rule.slug}`" for rule in ALL if name in rule.reads]
    return ", ".join(reading) or "every archive"


def _section(rule: Rule) -> str:
    levels = ", ".join(str(level) for level in rule.levels)
    lines = [
        f"## `{rule.slug}`, version {rule.version}",
        "",
        f"**{rule.title}.**",
        "",
        rule.policy,
        "",
        f"- Levels: {levels}",
        f"- Cost: {rule.cost}",
        "",
    ]
    if rule.differences:
        lines += ["| The reference platform | Here | Why |", "| --- | --- | --- |"]
        lines += [
            f"| {_cell(each.theirs)} | {_cell(each.ours)} | {_cell(each.why)} |"
            for each in rule.differences
        ]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Text that cannot end a cell of a table."""
    return text.replace("|", "\\|")

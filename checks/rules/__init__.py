"""The rules, one a module, in the order in which people read about them.

To add one: a module here, a line in `ALL`, a test, and `docs/checks.md` as `rules_markdown`
writes it. `tests/checks/rules/test_registry.py` sees to it that none of these is forgotten.
"""

from checks.engine.rule import Rule
from checks.rules.archive import ArchiveIntegrity, ArchiveSafety
from checks.rules.checksum import Checksum
from checks.rules.headers import LicenseHeaders
from checks.rules.licenses import LicenseFiles
from checks.rules.parity import ArchiveParity
from checks.rules.paths import Paths
from checks.rules.rat import Rat
from checks.rules.sbom import SbomPresent
from checks.rules.signature import Signature
from checks.rules.structure import Structure
from checks.rules.tree import ArchiveTree

ALL: tuple[Rule, ...] = (
    Paths(),
    Checksum(),
    Signature(),
    ArchiveSafety(),
    ArchiveIntegrity(),
    Structure(),
    ArchiveTree(),
    ArchiveParity(),
    LicenseFiles(),
    LicenseHeaders(),
    Rat(),
    SbomPresent(),
)

INTRODUCTION = """# The checks

What every check looks for, which levels its findings have, which sentence of policy it stands on,
and where it decides otherwise than the reference platform, Apache Trusted Releases, and why.
This page is written by `checks.rules.rules_markdown()` from the rules themselves.

A **blocker** must be fixed before a vote. A **concern** must be looked at and acknowledged. A
**suggestion** could be better. A **note** says what was looked at and is fine. A rule that fails
is shown as an error: that is a fault of the check, never a verdict on the file, and what has not
been checked has not passed.

`manage.py check_files DIR` runs the same checks on a folder, without account or database. Results
are kept under a key of all that a check reads, and used again while that is the same; a rule's
version goes up whenever the same input may get another answer.
"""


def rules_markdown() -> str:
    """`docs/checks.md`: the catalogue of rules, as people read it."""
    return "\n".join([INTRODUCTION, *(_section(rule) for rule in ALL)])


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

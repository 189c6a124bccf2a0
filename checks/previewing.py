"""What an ignore would hide, before anybody sets it; and the ignore that a finding suggests."""

import hashlib
import re
from dataclasses import dataclass, field
from itertools import islice
from os.path import commonprefix

from checks import globs
from checks.engine.model import Level
from checks.marks import VERSION, without_version
from checks.models import Finding, Ignore, Run
from checks.models.ignore import PATTERNS, matched
from trusted_releases.lib.canonical import canonical

SHOWN = 20  # findings of a preview
_VARIES = re.compile(r"\s*\([^()]*\)|\b(?=[0-9a-fA-F]*[0-9])[0-9a-fA-F]{12,}…?|[0-9][0-9,.]*")


@dataclass
class Preview:
    """The findings that an ignore would hide in the drafts as they are now."""

    count: int = 0
    shown: list[tuple[Run, Finding]] = field(default_factory=list)
    levels: dict[str, int] = field(default_factory=dict)
    runs: list[tuple[Run, int]] = field(default_factory=list)
    kept: int = 0  # blockers that it names as well, which stay

    @property
    def left_out(self) -> int:
        return self.count - len(self.shown)

    @classmethod
    def of(cls, ignore: Ignore) -> "Preview":
        preview = cls()
        for run in ignore.runs():
            preview._look(run, ignore)
        return preview

    def _look(self, run: Run, ignore: Ignore) -> None:
        before = self.count
        for finding in matched(run.findings, ignore.fits):
            self.count += 1
            self.levels[finding.level] = self.levels.get(finding.level, 0) + 1
            if len(self.shown) < SHOWN:
                self.shown.append((run, finding))
        self.runs.append((run, self.count - before))
        blockers = run.findings.at_level(Level.BLOCKER).only("level", *PATTERNS)
        self.kept += sum(1 for each in blockers.iterator() if ignore.names(each))


def token_of(ignore: Ignore) -> str:
    """Short, and another one for an ignore that names other findings."""
    told = [str(getattr(ignore, name)) for name in (*PATTERNS, "level", "releases")]
    return hashlib.sha256(canonical(told)).hexdigest()[:16]


def suggested(run: Run, mark: str, *, alike: bool = False) -> dict[str, str]:
    """What the form is filled in with for the finding of this mark; nothing if there is none.

    It names this finding in this version and in all later ones. With `alike` it names all that say
    the same of members of the same file, in the folder that they have in common.
    """
    finding = run.findings.filter(mark=mark).order_by("pk").first()
    if finding is None:
        return {}
    version = run.revision.release.version
    given = {
        "rule": finding.rule,
        "level": finding.level,
        "path": _path(finding.path, version),
        "member": _folder(run, finding) if alike else _member(finding.member, version),
        "message": _message(finding.message, version),
    }
    for name in PATTERNS:  # a name or a sentence may hold what means something in a pattern
        if not globs.fits(given[name], getattr(finding, name)) or globs.problem_with(given[name]):
            given[name] = ""
    return given


def _path(path: str, version: str) -> str:
    return without_version(path, version).replace(VERSION, "*") or "!"


def _member(member: str, version: str) -> str:
    """The place below the top folder, whose name has the version in it, to its very end."""
    if not member:
        return "!"
    top, slash, rest = member.partition("/")
    parts = without_version(rest if slash else top, version).split(VERSION)
    whole = ".*".join(globs.literally(part) for part in parts)
    return f"{slash or '^'}{whole}$"


def _folder(run: Run, finding: Finding) -> str:
    """Where all the members lie of which the same is said; "" if that is anywhere."""
    same = run.findings.filter(path=finding.path, rule=finding.rule, message=finding.message)
    members = same.exclude(member="").order_by().values_list("member", flat=True)
    tails = [member.partition("/")[2] for member in islice(members.iterator(), 10_000)]
    common = commonprefix(tails)  # noqa: RUF071 - cut at its last slash
    return f"/{common[: common.rfind('/') + 1]}" if "/" in common else ""


def _message(message: str, version: str) -> str:
    """The sentence, with a star for what varies in it."""
    plain = _VARIES.sub("*", without_version(message, version).replace(VERSION, "*"))
    short = re.sub(r"\*[\s*]*\*", "*", plain)[: globs.LONGEST]
    return f"*{short[:-2]}*" if short.startswith(("^", "!")) or short.endswith("$") else short

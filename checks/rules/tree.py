"""The content of an archive, as one id, where archives of the same name are compared by it."""

from collections.abc import Iterator

from checks.engine.archive import Batch, Member, Sink
from checks.engine.gittree import GitTree
from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.names import shown
from checks.engine.rule import ArchiveRule, Difference, Examination
from checks.engine.siblings import siblings


class ArchiveTree(ArchiveRule):
    slug = "archive.tree"
    version = 1
    title = "An archive that comes in several formats has an id of its content"
    policy = (
        "A release can be compared with the revision it was made from, and with itself. "
        "(https://www.apache.org/legal/release-policy.html#source-packages, https://www.swhid.org/)"
    )
    cost = "Part of the one reading of each archive that comes in several formats: a third more."
    levels = (Level.NOTE,)
    reads = ("limits",)
    differences = (
        Difference(
            "The id is computed, and shown to nobody.",
            "It is a note.",
            "A voter can compare it with git rev-parse TAG^{tree}: if they are equal, the archive "
            "holds exactly what was tagged.",
        ),
    )

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        return bool(siblings(file, candidate))

    def start(self, file: File, candidate: Candidate) -> Examination:
        return _Tree(self, file)


class _Tree(Examination):
    def __init__(self, rule: ArchiveTree, file: File) -> None:
        self._rule = rule
        self._path = file.path
        self._tree = GitTree()

    def member(self, member: Member) -> Sink | None:
        return self._tree.member(member)

    def batch(self, members: Batch) -> None:
        self._tree.batch(members)

    def findings(self) -> Iterator[Finding]:
        ids = self._tree.ids() if self.report.complete else None
        if ids is None:
            message = (
                "The files have no common id, because the archive could not be read to its end or "
                "does not unpack into one folder."
            )
            yield self._rule.finding(Level.NOTE, self._path, message, swhid="", content="")
            return
        yield self._rule.finding(
            Level.NOTE,
            self._path,
            f"The content of {shown(ids.root)}/ is {ids.swhid}. The tree of a git commit with "
            "exactly these files has the same id.",
            see="git rev-parse TAG^{tree}",
            swhid=ids.swhid,
            content=ids.content,
        )

"""The content of a source archive, as one id."""

from collections.abc import Iterator

from checks.engine.archive import Member, Sink
from checks.engine.classify import FileClass, class_of_name
from checks.engine.gittree import GitTree
from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.names import shown
from checks.engine.rule import ArchiveRule, Difference, Examination
from checks.engine.siblings import siblings


class ArchiveTree(ArchiveRule):
    slug = "archive.tree"
    version = 1
    title = "The files of the archive have an id that git and Software Heritage know too"
    policy = (
        "A source release can be compared with the revision it was made from. "
        "(https://www.apache.org/legal/release-policy.html#source-packages, https://www.swhid.org/)"
    )
    cost = "Part of the one reading of each archive; SHA-1 of its content."
    levels = (Level.NOTE,)
    reads = ("source_paths", "binary_paths", "limits")
    differences = (
        Difference(
            "The id is computed, and shown to nobody.",
            "It is a note.",
            "A voter can compare it with git rev-parse TAG^{tree}: if they are equal, the archive "
            "holds exactly what was tagged.",
        ),
    )

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        is_source = class_of_name(file.path, candidate.policy) == FileClass.SOURCE
        return is_source or bool(siblings(file, candidate))

    def start(self, file: File, candidate: Candidate) -> Examination:
        return _Tree(self, file)


class _Tree(Examination):
    def __init__(self, rule: ArchiveTree, file: File) -> None:
        self._rule = rule
        self._path = file.path
        self._tree = GitTree()

    def member(self, member: Member) -> Sink | None:
        return self._tree.member(member)

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

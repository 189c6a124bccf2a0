"""What is voted on is what lies in the repository: source archives against their commit."""

import shlex
from collections.abc import Iterator
from functools import partial
from typing import Any

from checks.engine.archive import Member, Sink
from checks.engine.classify import FileClass, class_of, class_of_name
from checks.engine.model import Candidate, File, Finding, Level, Source
from checks.engine.names import shown
from checks.engine.patterns import matches
from checks.engine.rule import Difference, Examination, SourceRule
from checks.engine.source.compare import Comparison, Relation, Watch
from checks.engine.source.inventory import read

LISTED = 250  # paths of one kind of difference; the sum says how many there are
SAMPLE = 5

# How each kind of difference is told, at which level, in which order.
TOLD: dict[Relation, tuple[Level, str]] = {
    Relation.CHANGED: (Level.CONCERN, "Its content is not that of the commit."),
    Relation.ENDS: (Level.CONCERN, "It differs from the commit in its line ends only."),
    Relation.EXTRA: (Level.CONCERN, "The commit does not have it."),
    Relation.SUBMODULE: (
        Level.CONCERN,
        "It lies in a submodule, which is another repository: nobody has compared it.",
    ),
    Relation.POINTER: (
        Level.SUGGESTION,
        "It is a pointer of Git LFS, as in the commit: whoever builds does not have the content.",
    ),
    Relation.MODE: (Level.NOTE, "It may be executed in the commit, and not in the archive."),
    Relation.GENERATED: (
        Level.NOTE,
        "It is not the commit's; the project's policy names it as a file that may differ.",
    ),
    Relation.MISSING: (Level.NOTE, "The commit has it, and the archive has not."),
    Relation.IGNORED: (
        Level.NOTE,
        "The commit has it, and .gitattributes leaves it out of archives (export-ignore).",
    ),
}


class SourceTree(SourceRule):
    slug = "source.tree"
    version = 1
    title = "A source archive holds the files of the commit it was made from, and no others"
    policy = (
        "A source release is a snapshot of the repository at a certain point, so that what is "
        "voted on is what the project has reviewed. "
        "(https://www.apache.org/legal/release-policy.html#source-packages)"
    )
    cost = (
        "Part of the one reading of each source archive, once the commit is there: an id for "
        "each file. Fetching the commit takes what the network takes, up to six minutes."
    )
    levels = (Level.NOTE, Level.SUGGESTION, Level.CONCERN)
    reads = ("source_paths", "binary_paths", "generated_paths", "limits")
    differences = (
        Difference(
            "Only releases that a GitHub workflow uploaded are compared.",
            "Every release whose commit or tag is recorded is, from any host that is allowed.",
            "People upload by hand too, and not everybody is on GitHub.",
        ),
        Difference(
            "Only the commit counts; a tag is not looked at.",
            "A recorded tag must lead to the recorded commit.",
            "People will look at the tag, years later.",
        ),
        Difference(
            "Files that differ because of .gitattributes are concerns.",
            "What git archive makes of a file (filled-in marks, line ends), and the content that "
            "a pointer of Git LFS stands for, count as the commit's.",
            "These are made from the commit by a rule that lies in the commit.",
        ),
        Difference(
            "One finding holds a count and some paths.",
            "Each path is a finding, by kind: changed, line ends, not in the commit, in a "
            "submodule, no longer executable, left out.",
            "They are mended in different ways.",
        ),
        Difference(
            "Symbolic links are not compared.",
            "They are.",
            "A link that leads elsewhere changes what is built.",
        ),
        Difference(
            "Nobody can say that a file is generated.",
            "A project can, by patterns in its policy. Such files are notes.",
            "Many source archives hold a configure script, or a version that the build wrote.",
        ),
    )

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        is_source = class_of_name(file.path, candidate.policy) == FileClass.SOURCE
        return is_source and candidate.source is not None

    def inputs(self, file: File, candidate: Candidate) -> Any:
        return candidate.source and candidate.source.sha256

    def start(self, file: File, candidate: Candidate) -> Examination:
        if candidate.source is None:
            raise LookupError("no source was given")
        if class_of(file, candidate.policy) != FileClass.SOURCE:
            return _NoSource()
        return _Compared(self, file, candidate, candidate.source)


class _NoSource(Examination):
    """An archive that is no source after all, by what lies in it."""

    def findings(self) -> Iterator[Finding]:
        return iter(())


class _Compared(Examination):
    def __init__(self, rule: SourceTree, file: File, candidate: Candidate, source: Source) -> None:
        self._rule = rule
        self._path = file.path
        self._patterns = candidate.policy.generated_paths
        self._inventory = read(source.location, source.sha256)
        self._watch = Watch(self._inventory)

    def member(self, member: Member) -> Sink | None:
        return self._watch.gathered.member(member)

    def findings(self) -> Iterator[Finding]:
        yield from self._of_tag()
        tops = self._watch.gathered.tops
        if not self.report.complete:
            yield self._say(
                Level.NOTE,
                "It could not be read to its end, so it was not compared with the commit.",
                relation="unknown",
            )
            return
        if len(tops.folders) != 1:
            yield self._say(
                Level.CONCERN,
                "It does not unpack into one folder, so nobody knows what to compare with the "
                "commit.",
                relation="unknown",
                roots=tops.folders[:SAMPLE],
            )
            return
        if tops.others:
            yield self._say(
                Level.CONCERN,
                "Beside its one folder it holds entries that were not compared with the commit.",
                relation="different",
                entries=tops.others[:SAMPLE],
            )
        root = tops.folders[0]
        compared = self._watch.compare(root, partial(matches, self._patterns))
        yield self._sum(compared, root)
        yield from self._of_paths(compared, root)

    def _of_tag(self) -> Iterator[Finding]:
        """A tag that leads elsewhere: whoever looks at it later sees other files."""
        known = self._inventory
        if known.tag and known.tag_commit != known.commit:
            yield self._say(
                Level.CONCERN,
                f"The tag {known.tag} is commit {known.tag_commit[:12]}, and the release records "
                f"commit {known.commit[:12]}.",
                tag=known.tag,
                tag_commit=known.tag_commit,
                commit=known.commit,
            )

    def _of_paths(self, compared: Comparison, root: str) -> Iterator[Finding]:
        for relation, (level, message) in TOLD.items():
            for path in compared.paths.get(relation, ())[:LISTED]:
                yield self._say(
                    level,
                    message,
                    member=f"{root}/{path}",
                    see=self._one(path, root) if relation in _SHOWN else "",
                    relation=str(relation),
                )

    def _sum(self, compared: Comparison, root: str) -> Finding:
        """How it compares as a whole."""
        counts = {str(each): compared.count(each) for each in TOLD if compared.count(each)}
        more = sum(max(0, count - LISTED) for count in counts.values())
        known = self._inventory
        return self._say(
            Level.NOTE,
            f"{_sentence(compared)} Compared with {shown(known.name, 300)}.",
            see=self._whole(root),
            kind=compared.kind,
            same=compared.same,
            counts=counts,
            commit=known.commit,
            repository=known.repository,
            **({"more": more} if more else {}),
        )

    def _say(self, level: Level, message: str, **told: Any) -> Finding:
        return self._rule.finding(level, self._path, message, **told)

    def _one(self, path: str, root: str) -> str:
        """How one sees the difference in one file, in a checkout beside the unpacked archive."""
        if not self._inventory.commit:
            return ""
        what = shlex.quote(f"{self._inventory.commit}:{path}")
        return f"git show {what} | diff - {shlex.quote(f'../{root}/{path}')}"

    def _whole(self, root: str) -> str:
        known = self._inventory
        if not known.commit:
            return f"diff -r {shlex.quote(known.repository)} {shlex.quote(root)}"
        checkout = f"git -C checkout checkout {known.commit}"
        clone = f"git clone {shlex.quote(known.repository)} checkout"
        return f"{clone} && {checkout} && diff -r -x .git checkout {shlex.quote(root)}"


_SHOWN = (Relation.CHANGED, Relation.ENDS)


def _sentence(compared: Comparison) -> str:
    if compared.kind == "identical":
        return f"It holds exactly the files of the commit: {compared.same:,}."
    parts = [f"the same as in the commit {compared.same:,}"]
    parts += [
        f"{words} {compared.count(relation):,}"
        for relation, words in _WORDS.items()
        if compared.count(relation)
    ]
    return f"Of its files and the commit's: {', '.join(parts)}."


# Before their numbers, so that they are right for one as well as for many.
_WORDS = {
    Relation.CHANGED: "with other content",
    Relation.ENDS: "with other line ends",
    Relation.EXTRA: "not in the commit",
    Relation.SUBMODULE: "in submodules",
    Relation.GENERATED: "which may differ by policy",
    Relation.POINTER: "pointers of Git LFS",
    Relation.MODE: "no longer executable",
    Relation.MISSING: "left out",
    Relation.IGNORED: "left out by .gitattributes",
}

"""Every file of a source release is under an approved licence, as Apache RAT judges it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from checks.engine import rat
from checks.engine.archive import Batch, Kind, Member
from checks.engine.classify import FileClass, class_of, class_of_name
from checks.engine.head import Head
from checks.engine.headers import extension
from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.names import shown
from checks.engine.rat import excludes
from checks.engine.rule import ArchiveRule, Examination
from checks.rules.licenses import SUFFIXES
from checks.rules.rat_differences import DIFFERENCES, MAX_LISTED

_FILE = Kind.FILE


class Rat(ArchiveRule):
    slug = "license.rat"
    version = 3
    title = "Every file of a source release names an approved licence"
    policy = (
        "A source release holds only what may be in it, and every file says under which licence "
        "it is; Apache RAT is the tool that audits this, and its verdict is reproduced here. "
        "(https://www.apache.org/legal/resolved.html, https://creadur.apache.org/rat/)"
    )
    cost = "Part of the one reading of each archive; 64 KiB of each file are looked at."
    reads = ("source_paths", "binary_paths", "license_mode", "rat_excludes", "limits")
    levels = (Level.NOTE, Level.SUGGESTION, Level.CONCERN)
    differences = DIFFERENCES

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        return (
            file.path.endswith(SUFFIXES)
            and candidate.policy.license_mode in ("rat", "both")
            and class_of_name(file.path, candidate.policy) == FileClass.SOURCE
        )

    def start(self, file: File, candidate: Candidate) -> Examination:
        is_source = class_of(file, candidate.policy) == FileClass.SOURCE
        return _Audit(self, file, candidate, is_source=is_source)


# Words of the Free Software Foundation, over two lines of a comment of any kind.
_EXCEPTION = re.compile(rb"special(?:[\s#*;/]|dnl)+exception", re.IGNORECASE)


@dataclass(slots=True)
class _Counts:
    """What the files that are not left out came to."""

    total: int = 0
    unknown: int = 0
    unapproved: int = 0
    excluded: int = 0


class _Audit(Examination):
    """Judges each file as it goes by; what is left out is only known at the end."""

    def __init__(self, rule: Rat, file: File, candidate: Candidate, *, is_source: bool) -> None:
        self._rule = rule
        self._path = file.path
        self._is_source = is_source
        self._policy_lines = candidate.policy.rat_excludes
        self._approved: list[str] = []
        self._others: dict[str, rat.Document] = {}
        self._excepted: set[str] = set()
        self._excludes: dict[str, str] = {}

    def member(self, member: Member) -> Head | None:
        if not self._is_source or member.kind is not Kind.FILE:
            return None
        name = member.name[member.name.rfind("/") + 1 :]
        if name == excludes.NAME:
            return Head(excludes.MAX_TEXT, partial(self._take_excludes, member.name))
        return Head(rat.WINDOW, partial(self._judge, member.name, name))

    def batch(self, members: Batch) -> None:
        if not self._is_source:
            return
        texts = members.once(rat.Texts)
        plain = texts.plain
        for at, (member, name, content) in enumerate(members):
            if member.kind is not _FILE:
                continue
            if name == excludes.NAME:
                self._take_excludes(member.name, content[: excludes.MAX_TEXT])
            elif at in plain:
                self._approved.append(member.name)
            else:
                self._note(member.name, texts.document(at, name), texts.heads[at])

    def _take_excludes(self, path: str, content: bytes) -> None:
        self._excludes[path] = content.decode("utf-8", "replace")
        self._approved.append(path)

    def _judge(self, path: str, name: str, head: bytes) -> None:
        self._note(path, rat.judge(name, head), head)

    def _note(self, path: str, document: rat.Document, head: bytes) -> None:
        if document is rat.STANDARD:  # the answer for most that are not plain: nothing to ask it
            self._others[path] = document
        elif document is rat.PLAIN or (document.is_approved and not document.hidden):
            self._approved.append(path)
        else:
            self._others[path] = document
            if document.is_unapproved and _EXCEPTION.search(head):
                self._excepted.add(path)

    def findings(self) -> Iterator[Finding]:
        if not self._is_source:
            return
        if not self.report.complete:
            message = "Not judged, because the archive could not be read to its end."
            yield self._rule.finding(Level.NOTE, self._path, message)
            return
        base = self._base()
        outside = sum(not path.startswith(base) for path in self._paths()) if base else 0
        if problem := _structural(len(self._excludes), base, outside):
            yield self._rule.finding(Level.CONCERN, self._path, problem, structural=True)
            return
        yield from self._audit(base)

    def _paths(self) -> Iterator[str]:
        """Those of all files."""
        return chain(self._approved, self._others)

    def _base(self) -> str:
        """The folder that is scanned, with its slash: where the exclude file lies, else the top."""
        paths = list(self._excludes)
        return paths[0].removesuffix(excludes.NAME) if len(paths) == 1 else ""

    def _audit(self, base: str) -> Iterator[Finding]:
        text = next(iter(self._excludes.values()), "\n".join(self._policy_lines))
        patterns, ignored = excludes.parse(text)
        left_out = excludes.Exclusions(patterns, extended=not self._excludes)
        judged = {path: self._others[path] for path in left_out.kept(self._others, base)}
        approved = sum(1 for _ in left_out.kept(self._approved, base))
        unknown = [p for p, d in judged.items() if d is rat.STANDARD or d.is_unknown]
        unapproved = {
            p: d.licenses[0].name for p, d in judged.items() if d.licenses and d.is_unapproved
        }
        counts = _Counts(
            approved + len(judged),
            len(unknown),
            len(unapproved),
            len(self._approved) - approved + len(self._others) - len(judged),
        )
        yield from self._members(unknown, unapproved)
        yield self._summary(counts, unknown)
        yield from self._hidden(judged)
        if ignored or left_out.exhausted:
            yield self._not_followed(ignored)

    def _members(self, unknown: list[str], unapproved: dict[str, str]) -> Iterator[Finding]:
        concern = partial(self._rule.finding, Level.CONCERN, self._path)
        for path, name in list(unapproved.items())[:MAX_LISTED]:
            facts = {"member": path, "see": self._see(path), "license": name}
            if path in self._excepted:
                message = (
                    f"It is under the {name} with a special exception, as what Autoconf and Bison "
                    "write is. See that the exception covers this use."
                )
                yield self._rule.finding(Level.SUGGESTION, self._path, message, **facts)
            else:
                message = f"It is under the {name}, which may not be in a release."
                yield concern(message, **facts)
        for path in unknown[:MAX_LISTED]:
            message = (
                "It names no licence that is known. Add the header, or list the file in "
                f"{excludes.NAME}."
            )
            yield concern(message, member=path, see=self._see(path))

    def _summary(self, counts: _Counts, unknown: list[str]) -> Finding:
        source = "archive" if self._excludes else "policy" if self._policy_lines else "none"
        kinds = _kinds(unknown)
        facts: dict[str, Any] = {
            "total_files": counts.total,
            "approved_licenses": counts.total - counts.unknown - counts.unapproved,
            "unapproved_licenses": counts.unapproved,
            "unknown_licenses": counts.unknown,
            "excluded_files": counts.excluded,
            "excludes_source": source,
            "extended_std_applied": not self._excludes,
            "unknown_kinds": dict(kinds.most_common(20)),
        }
        listed = max(counts.unknown, counts.unapproved) <= MAX_LISTED
        level = Level.NOTE if listed else Level.CONCERN
        return self._rule.finding(level, self._path, _verdict(counts, kinds), **facts)

    def _hidden(self, judged: dict[str, rat.Document]) -> Iterator[Finding]:
        """Licences that RAT does not tell, because it reads only the first one it finds."""
        found = {
            path: document.hidden.name
            for path, document in judged.items()
            if len(document.licenses) > 1 and document.hidden
        }
        if found:
            first, license_ = next(iter(found.items()))
            message = (
                f"{_files(len(found))} beside an approved licence the words of one that is not, "
                f"such as {shown(first)} ({license_}). See that they only talk about it."
            )
            more = dict(list(found.items())[:MAX_LISTED])
            see = self._see(first)
            yield self._rule.finding(Level.SUGGESTION, self._path, message, see=see, hidden=more)

    def _not_followed(self, ignored: list[str]) -> Finding:
        what = f"such as '{shown(ignored[0])}'" if ignored else "for they cost too much"
        message = (
            f"Some lines of the exclusions are not followed, {what}. Write them as Ant patterns, "
            "and not too many of them."
        )
        return self._rule.finding(Level.SUGGESTION, self._path, message, lines=ignored[:20])

    def _see(self, member: str) -> str:
        return self.printing(self._path, member)


def _structural(count: int, base: str, outside: int) -> str:
    """Why there is no place to scan from; "" if there is."""
    if count > 1:
        return (
            f"The archive holds {count} files named {excludes.NAME}, and one is allowed. No "
            "licence was looked at."
        )
    if outside:
        return (
            f"{_files(outside, 'lies', 'lie')} outside {shown(base)}, where {excludes.NAME} is. "
            "Put it at the top of the source. No licence was looked at."
        )
    return ""


def _verdict(counts: _Counts, kinds: Counter[str]) -> str:
    left_out = f" {_files(counts.excluded, 'is', 'are')} left out." if counts.excluded else ""
    if not counts.unknown and not counts.unapproved:
        return f"All {counts.total:,} files have approved licences.{left_out}"
    found = []
    if counts.unapproved:
        found.append(f"{_files(counts.unapproved)} a licence that is not approved")
    if counts.unknown:
        shares = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common(5))
        more = ", …" * (len(kinds) > 5)
        found.append(f"{_files(counts.unknown)} no known licence ({shares}{more})")
    return f"Of {counts.total:,} files, {' and '.join(found)}.{left_out}"


def _files(count: int, one: str = "has", many: str = "have") -> str:
    return f"{count:,} file {one}" if count == 1 else f"{count:,} files {many}"


def _kinds(paths: list[str]) -> Counter[str]:
    """How many of these files have which extension, as people say it."""
    kinds: Counter[str] = Counter()
    for ext, count in Counter(extension(path[path.rfind("/") + 1 :]) for path in paths).items():
        kinds[f".{shown(ext, 12)}" if ext else "without extension"] += count
    return kinds

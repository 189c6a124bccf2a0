"""What checks would have said of files: results with findings, and the verdict that follows."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any, NamedTuple

from checks import rules
from checks.engine.model import Finding, Level
from checks.engine.plan import rules_digest
from checks.marks import marks_of
from checks.models import Run
from releases.phases import Verdict
from trusted_releases.seeding.book import Book

VERSIONS = {rule.slug: rule.version for rule in rules.ALL}
SIDE = (".asc", ".sha512")
TOOK = timedelta(minutes=2)


class Judged(NamedTuple):
    """A result that is stored: its key in the table, and what it counts."""

    pk: int
    levels: Counter[str]
    concerns: frozenset[str]


class Judgement(NamedTuple):
    """What a revision keeps of its checks."""

    verdict: str
    counts: dict[str, int]
    concerns: list[str]


class Checker:
    """Writes results, findings and runs. A file that was judged once is not judged again."""

    def __init__(self, book: Book, findings: int) -> None:
        self.book, self.findings = book, findings
        self.known: dict[str, Judged] = {}

    def forget(self) -> None:
        """The next release has other files."""
        self.known.clear()

    def judge(
        self,
        revision: int,
        files: dict[str, str],
        at: datetime,
        dice: Random,
        *,
        version: str,
        signer: dict[str, Any],
        blocked: bool,
        exactly: int = 0,
    ) -> Judgement:
        """Check a revision, given as paths with digests; `blocked` puts a blocker into it.

        `version` is that of the release, which the marks of findings leave out; `signer` the facts
        about whose key has signed; `exactly` how many files of each source archive lack something.
        """
        before = set(self.known)
        units = {f"{digest}:{path}": path for path, digest in files.items()}
        units[sha256(":".join(sorted(units)).encode()).hexdigest()] = ""
        judged = []
        for key, path in units.items():
            if key not in self.known:
                said = list(_of_file(path, dice, self.findings, blocked, signer, exactly))
                took = 1.0 + dice.randrange(9000)
                self.known[key] = self._result(key, path, version, at, took, said)
            judged.append(self.known[key])
        run = self.book.runs.add(
            *(revision, Run.State.DONE, len(units), len(units), len(before & set(units))),
            *(1000 * len(units), 1000 * len(units), 1, at, at + TOOK, rules_digest()),
        )
        counts: Counter[str] = Counter()
        concerns: set[str] = set()
        for each in judged:
            self.book.run_results.add(run, each.pk)
            counts.update(each.levels)
            concerns |= each.concerns
        verdict = Verdict.FAILED if counts[Level.BLOCKER] else Verdict.PASSED
        told = {str(level): counts[str(level)] for level in Level} | {"error": 0}
        return Judgement(verdict, told, sorted(concerns))

    def _result(
        self, key: str, path: str, version: str, at: datetime, took: float, said: list[Finding]
    ) -> Judged:
        name = sha256(key.encode()).hexdigest()
        used = sorted({each.rule for each in said})
        result = self.book.results.add(name, path, used, took, at)
        for place, (each, mark) in enumerate(zip(said, marks_of(said, version), strict=True)):
            self.book.findings.add(
                *(result, place, each.rule, each.version, each.level, each.path, each.member),
                *(each.message, each.see, each.data, mark),
            )
        return Judged(
            result,
            Counter(str(each.level) for each in said),
            frozenset(each.rule for each in said if each.level == Level.CONCERN),
        )


def _say(
    rule: str,
    level: Level,
    path: str,
    message: str,
    member: str = "",
    see: str = "",
    **facts: Any,
) -> Finding:
    return Finding(rule, VERSIONS[rule], level, path, message, member, see, facts)


def _of_file(
    path: str, dice: Random, findings: int, blocked: bool, signer: dict[str, Any], exactly: int
) -> Iterator[Finding]:
    if not path:
        yield _say("paths", Level.NOTE, path, "All names can be carried by every system.")
    elif path.endswith(".asc"):
        yield _say("signature", Level.NOTE, path, "Signed by a key of the committee.", **signer)
        if blocked:
            message = "The signature does not count. None of the committee's keys has made it."
            yield _say("signature", Level.BLOCKER, path, message, see=f"gpg --verify {path}")
    elif path.endswith(".sha512"):
        yield _say("checksum", Level.NOTE, path, "The checksum is that of the file.")
    else:
        usual = findings if "-src" in path else findings // 4
        yield from _of_archive(path, dice, usual, exactly if "-src" in path else 0)


def _of_archive(path: str, dice: Random, findings: int, exactly: int) -> Iterator[Finding]:
    root, files = path.partition(".tar")[0], dice.randrange(40, 4000)
    fine = {
        "archive.safety": f"{files} members, and none of them is dangerous.",
        "archive.integrity": "It can be read to its end.",
        "archive.structure": f"It unpacks into one folder, {root}.",
        "license.files": "LICENSE and NOTICE are there.",
    }
    for rule, message in fine.items():
        yield _say(rule, Level.NOTE, path, message)
    if dice.random() < 0.4:
        see, message = "syft . -o cyclonedx-json", "No bill of materials lies beside it."
        yield _say("sbom.present", Level.SUGGESTION, path, message, see=see)
    # Some sources have a header in every file, some lack it in hundreds.
    missing = exactly or min(int(dice.expovariate(1 / findings)), 40 * findings)
    for number in range(missing):
        member = f"{root}/module{number % 7}/src/Part{number}.java"
        if number % 9 == 8:
            message = "It has no licence header."
            yield _say("license.headers", Level.CONCERN, path, message, member)
        else:
            # Where there are thousands, they are not all of one kind.
            kind = f": that of licence {number % 3000}" if exactly and number % 2 else ""
            message = f"Its header is another than the usual one{kind}."
            yield _say("license.headers", Level.NOTE, path, message, member, f"head -20 {member}")

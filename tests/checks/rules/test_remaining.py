"""What every rule says of really published releases: nothing that its page does not answer for."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from checks.engine.model import Candidate, File, Level, Policy
from checks.engine.plan import plan
from checks.engine.run import run
from checks.rules.remaining import RELEASES, REMAINING, remaining_markdown
from tests.shared import SHARED, needs_shared
from trusted_releases.lib.digests import digest_of

OTHERS = ("nginx-", "openssh-", "znc-")  # not of the foundation whose policy the rules stand on
VERSION = re.compile(r"[-_](\d[\w.]*?)(?:-src)?\.(?:tar|tgz|zip)")


def releases() -> list[list[Path]]:
    """The files of each published release that is at hand."""
    data = SHARED / "data"
    signed = [
        sorted(each.iterdir()) for each in (data / "real").iterdir() if each.name != "unsigned"
    ]
    alone = [
        [each] for name in ("real/unsigned", "pypi", "npm") for each in (data / name).iterdir()
    ]
    return [files for files in signed + alone if not files[-1].name.startswith(OTHERS)]


def candidate_of(files: list[Path]) -> Candidate:
    known, keys = [], b""
    for path in files:
        if path.name == "KEYS":
            keys = path.read_bytes()
            continue
        with path.open("rb") as stream:
            digest = digest_of(stream)
        known.append(File(path.name, path, digest.size, digest.sha256, digest.sha512))
    version = VERSION.search(known[0].path)
    return Candidate(tuple(known), Policy(version=version[1] if version else ""), keys)


@pytest.mark.slow
@needs_shared
@pytest.mark.timeout(600)
def test_every_alarm_on_a_published_release_is_answered_for():
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    unanswered = []
    for files in releases():
        candidate = candidate_of(files)
        name = candidate.files[0].path
        for result in run(candidate, plan(candidate)):
            assert result.error == ""
            for each in result.findings:
                if each.level not in (Level.BLOCKER, Level.CONCERN):
                    continue
                key = next(
                    (
                        row[:3]
                        for row in REMAINING
                        if (row.rule, row.level) == (each.rule, each.level)
                        and row.says in each.message
                    ),
                    None,
                )
                if key is None:
                    unanswered.append(f"{name}: {each.rule}: {each.message}")
                else:
                    found[key].add(name)
    assert unanswered == []
    assert {key: len(names) for key, names in found.items()} == {
        row[:3]: row.releases for row in REMAINING
    }


@needs_shared
def test_the_number_of_releases_is_that_of_those_at_hand():
    assert len(releases()) == RELEASES


def test_each_row_stands_in_the_table():
    table = remaining_markdown()
    assert all(row.why in table and f"{row.says} …" in table for row in REMAINING)

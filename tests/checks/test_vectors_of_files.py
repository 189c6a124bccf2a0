"""The platform's vectors for uploads, for the comparison with the source, and for signatures that
need a key of their own.

Each row has the number that it has in the list of vectors, and "rule" before the number of a rule
of the paths check that no vector is about; `ours` marks where we decide otherwise on purpose, for
the reason in `docs/checks.md`.
"""

import tarfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checks.engine.folder import candidate_from
from checks.engine.model import Candidate, Finding, Level, Limits, Policy, Source
from checks.engine.plan import plan
from checks.engine.source.local import inventory_of
from checks.rules.signature import Signature
from tests import pgp
from tests.checks.engine import made
from tests.checks.engine.archive import build
from tests.checks.engine.made import signed, tar
from tests.checks.engine.source import repos
from tests.pgp import NOW, Signer
from trusted_releases.lib.errors import BadInput

BLOCKER, CONCERN, SUGGESTION, NOTE = reversed(Level)


def row(number: str, *values: Any, ours: bool = False) -> Any:
    return pytest.param(*values, id=f"{number}-ours" if ours else number)


# --- Source trees ---------------------------------------------------------------------------------

NAME = "tool-1.0-src.tar.gz"
FILES = {"LICENSE": b"licence\n", "src/main.c": b"int main;\n", "run": b"#!/bin/sh\n"}

MODE = {"mode_lost": 1}  # tar() makes no file that may be executed, and one of the source's may


def below(root: str, **changes: bytes) -> dict[str, Any]:
    return {f"{root}/{name}": content for name, content in {**FILES, **changes}.items()}


@pytest.mark.parametrize(
    ("members", "recorded", "level", "counts"),
    [
        row("K01", below("t", LICENSE=b"other"), False, None, None),
        row("K03", below("t", LICENSE=b"other"), True, CONCERN, {"changed": 1, **MODE}),
        row("K04", below("t", configure=b"made"), True, CONCERN, {"extra": 1, **MODE}),
        row("K06", below("t") | below("u"), True, CONCERN, None),
        row("K06", below("t") | {"stray": b""}, True, CONCERN, MODE),
        row("K07", below("t"), True, NOTE, MODE),
    ],
)
def test_an_archive_against_its_source(
    tmp_path: Path, members: Mapping, recorded: bool, level: Level | None, counts: dict | None
) -> None:
    repos.repository(tmp_path / "checkout", FILES)
    repos.commit(tmp_path / "checkout", {"run": FILES["run"]}, runs=("run",))
    candidate = made.candidate(tmp_path / "files", {NAME: tar(members)})
    if recorded:
        location = tmp_path / "inventory"
        digest = inventory_of(tmp_path / "checkout").write(location)
        candidate = replace(candidate, source=Source(digest, location))
    found = made.findings(candidate, "source.tree")
    assert made.worst(found) == level
    assert next((each.data["counts"] for each in found if "counts" in each.data), None) == counts


# --- Signatures -----------------------------------------------------------------------------------


def judged(folder: Path, keys: bytes, by: Signer, key: str = "") -> list[Finding]:
    rule = Signature()
    rule.clock = lambda: NOW
    artifact = pgp.artifact(folder)
    signature = by.sign(artifact, key=key)
    files = (
        made.file(folder, signature.name, signature.read_bytes()),
        made.file(folder, artifact.name, artifact.read_bytes()),
    )
    try:
        return list(rule.run(files[0], Candidate(files, keys=keys)))
    finally:
        rule.close()


def test_g03_a_subkey_that_signs_is_named(tmp_path: Path) -> None:
    erin = Signer("Erin <erin@apache.org>", usage="cert")
    subkey = erin.home.add_subkey(erin.fingerprint, at=NOW.replace(day=1, hour=0))
    (found,) = judged(tmp_path, erin.public, erin, key=f"{subkey}!")
    assert (found.level, found.data["state"]) == (NOTE, "good")
    assert found.data["fingerprint"] == subkey
    assert found.data["certificate_fingerprint"] == erin.fingerprint


AUTOMATED = "Tooling Automated Release Signing <private@tooling.apache.org>"


@pytest.mark.parametrize(
    ("linked", "level", "kind"),
    [
        row("G12", True, NOTE, None),
        row("G13", False, BLOCKER, "unidentified_key", ours=True),
    ],
)
def test_a_key_of_a_committee_signs_for_whom_it_is_linked_to(
    tmp_path: Path, linked: bool, level: Level, kind: str | None
) -> None:
    robot = pgp.signer(AUTOMATED)
    other = pgp.signer("Bob Brown <bob@apache.org>")
    (found,) = judged(tmp_path, robot.public if linked else other.public, robot)
    assert (found.level, found.data.get("error_kind")) == (level, kind)


def test_g15_a_key_that_may_only_certify(tmp_path: Path) -> None:
    frank = Signer("Frank <frank@apache.org>")
    artifact = pgp.artifact(tmp_path)
    kept = frank.sign(artifact).read_bytes()
    answers = "change-usage\nS\nQ\nsave\n"
    frank.home.converse("--edit-key", frank.fingerprint, said=answers, save=False)
    rule = Signature()
    rule.clock = lambda: NOW
    files = (
        made.file(tmp_path, f"{artifact.name}.asc", kept),
        made.file(tmp_path, artifact.name, artifact.read_bytes()),
    )
    (found,) = rule.run(files[0], Candidate(files, keys=frank.public))
    rule.close()
    assert (found.level, found.data["error_kind"]) == (BLOCKER, "not_signing_key")


# --- Names ----------------------------------------------------------------------------------------

A = "a-1.0-src.tar.gz"
SUB = {"project": "tool-sub", "committee": "tool", "version": "1.0"}
TOP = [f"{name}{end}" for name in ("CHANGES", "SECURITY") for end in ("", ".adoc", ".rst", ".txt")]


@pytest.mark.parametrize(
    ("files", "about", "level", "policy"),
    [
        *(
            row("rule-P12", [*signed(A), f"gone.zip.{end}"], f"gone.zip.{end}", CONCERN, {})
            for end in ("asc", "sha512")
        ),
        row("rule-P14", [*signed(A), *TOP], "SECURITY.rst", NOTE, {}),
        row("rule-P15", [*signed(A), "notes/RELEASE_NOTES.md"], "notes/RELEASE_NOTES.md", None, {}),
        row("rule-P21", [*signed(A), *(f"d/{n}" for n in range(512))], "", None, {}),
        row("rule-P21", [*signed(A), *(f"d/{n}" for n in range(513))], "", BLOCKER, {}),
        row("rule-P22", signed(f"tool-sub-1.0/{A}"), "", SUGGESTION, SUB),
    ],
)
def test_names_of_files_together(
    tmp_path: Path, files: list[str], about: str, level: Level | None, policy: dict
) -> None:
    found = made.findings(made.candidate(tmp_path, files, **policy), "paths")
    assert made.worst(each for each in found if each.path == about) == level


# --- Uploads --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "level", "says"),
    [
        row("Q02", "x.zip", BLOCKER, "empty"),
        row("Q02", "notes/x.txt", None, ""),
    ],
)
def test_a_file_without_a_byte(tmp_path: Path, name: str, level: Level | None, says: str) -> None:
    candidate = made.candidate(tmp_path, {name: b""})
    found = made.findings(candidate, "archive.integrity") if level else []
    assert made.worst(found) == level
    assert says in " ".join(each.message for each in found)
    units = [unit for unit in plan(candidate) if unit.kind == "archive"]
    assert bool(units) is (level is not None)


def test_q03_a_link_among_the_files(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("x")
    (tmp_path / "x.tar.gz").symlink_to("real.txt")
    with pytest.raises(BadInput, match=r"x.tar.gz is a link or a special file"):
        candidate_from(tmp_path, Policy())


SPECIAL = {"FIFO": tarfile.FIFOTYPE, "character": tarfile.CHRTYPE, "block": tarfile.BLKTYPE}


@pytest.mark.parametrize("type_", [row("Q08", each) for each in SPECIAL.values()])
def test_a_device_in_an_archive(tmp_path: Path, type_: bytes) -> None:
    content = build.tar_gz(build.header("t-1/x", type_=type_))
    found = safety(tmp_path, content)
    assert (made.worst(found), found[0].data["code"]) == (BLOCKER, "safety.device")


def safety(tmp_path: Path, content: bytes, **policy: Any) -> list[Finding]:
    candidate = made.candidate(tmp_path, {"t-1.tar.gz": content}, **policy)
    return made.findings(candidate, "archive.safety")


@pytest.mark.parametrize(
    ("size", "limits", "code"),
    [
        row("Q12", (2 << 30) + 1, Limits(), "safety.file_size"),
        row("Q12", 600, Limits(total_size=1000), "safety.total_size"),
        row("Q12", 400, Limits(total_size=1000), None),
    ],
)
def test_content_beyond_what_is_allowed(
    tmp_path: Path, size: int, limits: Limits, code: str | None
) -> None:
    two = [build.header(f"t-1/{n}", size) + build.padded(bytes(min(size, 600))) for n in "ab"]
    found = safety(tmp_path, build.tar_gz(*two), limits=limits)
    codes = {each.data.get("code") for each in found}
    assert code in codes
    assert made.worst(found) == (BLOCKER if code else NOTE)


def test_q12_the_limits_are_those_of_the_platform() -> None:
    assert Limits().total_size == Limits().file_size == 2 << 30


@pytest.mark.parametrize(
    ("mode", "level"),
    [
        row("Q15", 0o4755, CONCERN, ours=True),
        row("Q15", 0o666, SUGGESTION, ours=True),
        row("Q15", 0o755, NOTE),
    ],
)
def test_a_mode_that_is_odd(tmp_path: Path, mode: int, level: Level) -> None:
    content = build.tar_gz(build.file("t-1/x", b"x", mode=mode))
    assert made.worst(safety(tmp_path, content)) == level


def test_q18_ours_the_same_archive_at_two_paths_is_judged_at_both(tmp_path: Path) -> None:
    content = tar({"a-1.0/x": b"y"})
    candidate = made.candidate(tmp_path, {"one/a-1.0.tar.gz": content, "two/b-2.0.tar.gz": content})
    units = [unit for unit in plan(candidate) if unit.kind == "archive"]
    assert len({unit.key for unit in units}) == len(units)
    found = made.findings(candidate, "archive.structure")
    assert {each.path: each.level for each in found} == {
        "one/a-1.0.tar.gz": NOTE,
        "two/b-2.0.tar.gz": SUGGESTION,
    }

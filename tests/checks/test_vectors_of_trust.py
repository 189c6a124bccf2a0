"""The platform's vectors for signatures, for what archives may hold, for ignores and for the gate.

Each row has the number that it has in the list of vectors; `ours` marks where we decide otherwise
on purpose, for the reason in `docs/checks.md`.
"""

import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checks.engine.model import Candidate, Level
from checks.models import Ignore
from checks.models.results import Finding
from checks.rules.signature import Signature
from releases.models import Release
from releases.phases import Verdict
from tests import make, pgp
from tests.checks import made as stored
from tests.checks.engine import made
from tests.pgp import NOW, Signer
from trusted_releases.lib.errors import NotReady

BLOCKER, CONCERN, SUGGESTION, NOTE = reversed(Level)


def row(number: str, *values: Any, ours: bool = False) -> Any:
    return pytest.param(*values, id=f"{number}-ours" if ours else number)


# --- Signatures -----------------------------------------------------------------------------------


def signatures(tmp_path, keys: bytes, by: Signer, **how: Any) -> list[Any]:
    """What the rule says on the day of these tests."""
    rule = Signature()
    rule.clock = lambda: how.get("today", NOW)
    artifact = pgp.artifact(tmp_path)
    signature = by.sign(artifact, at=how.get("at", NOW), key=how.get("key", ""))
    content = b"altered" if how.get("altered") else artifact.read_bytes()
    files = [made.file(tmp_path, signature.name, signature.read_bytes())]
    if not how.get("alone"):
        files.append(made.file(tmp_path, artifact.name, content))
    try:
        return list(rule.run(files[0], Candidate(tuple(files), keys=keys)))
    finally:
        rule.close()


@pytest.fixture(scope="module")
def alice() -> Signer:
    return pgp.signer()


def test_g01_a_good_signature(tmp_path, alice) -> None:
    (found,) = signatures(tmp_path, alice.public, alice)
    assert (found.level, found.data["state"]) == (NOTE, "good")


def test_g04_ours_valid_when_signed_and_expired_since_is_a_concern(tmp_path) -> None:
    zoe = Signer("Zoe <zoe@apache.org>", expires="20d")
    late = datetime(2026, 7, 1, tzinfo=UTC)
    _, concern = signatures(tmp_path, zoe.public, zoe, today=late)
    assert (concern.level, concern.data["remark"]) == (CONCERN, "expired_since")


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        row("G06", {"keys": "bob"}, "unidentified_key"),
        row("G07", {"altered": True}, "missing_signature"),
        row("G09", {"keys": ""}, "missing_keys"),
        row("G10", {"alone": True}, "missing_artifact"),
    ],
)
def test_a_signature_that_does_not_count(tmp_path, alice, how: dict, kind: str) -> None:
    bob = pgp.signer("Bob Brown <bob@apache.org>")
    keys = {"bob": bob.public, "": b"", "alice": alice.public}[how.pop("keys", "alice")]
    (found,) = signatures(tmp_path, keys, alice, **how)
    assert (found.level, found.data["error_kind"]) == (BLOCKER, kind)


def test_g16_a_key_that_is_too_short(tmp_path) -> None:
    weak = Signer("Weak <weak@apache.org>", algorithm="rsa1024")
    (found,) = signatures(tmp_path, weak.public, weak)
    assert (found.level, found.data["error_kind"]) == (BLOCKER, "weak_key")


# --- What an archive may hold ---------------------------------------------------------------------


def encrypted() -> bytes:
    """A zip whose only member says that it is encrypted, in both of its headers."""
    plain = bytearray(made.zipped({"r/x": b"secret"}))
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        plain[plain.index(sign) + at] |= 1
    return bytes(plain)


def twice() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("r/x", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("r/x", b"2")
    return buffer.getvalue()


FLAT = b"\0" * 200_000
GOOD = {"r/a": b"x", "r/b": "a"}
BAD_LINK = {"r/a": "../../outside"}
BAD_HARD = {"r/a": made.Hard("../secret")}


@pytest.mark.parametrize(
    ("name", "content", "level"),
    [
        row("Q05", "r.tar.gz", made.tar(BAD_LINK), BLOCKER),
        row("Q05", "r.tar.gz", made.tar(GOOD), NOTE),
        row("Q06", "r.tar.gz", made.tar(BAD_HARD), BLOCKER),
        row("Q06", "r.tar.gz", made.tar({"r/b": b"", "r/a": made.Hard("r/b")}), NOTE, ours=True),
        row("Q09", "r.zip", encrypted(), BLOCKER),
        row("Q11", "r.zip", made.zipped({"r/x": FLAT}), SUGGESTION, ours=True),
        row("Q11", "r.zip", made.zipped({"r/x": FLAT * 100}), BLOCKER),
        row("Q11", "r.tar.gz", made.tar({"r/x": FLAT}), NOTE),
        row("Q14", "r.zip", twice(), BLOCKER, ours=True),
        row("Q17", "r.zip", made.tar(GOOD), BLOCKER),
        row("Q20", "r.tar.gz", made.tar({"r/a": b"x", "r/._a.txt": b"x"}), SUGGESTION, ours=True),
    ],
)
def test_what_an_archive_may_hold(tmp_path, name: str, content: bytes, level: Level) -> None:
    candidate = made.candidate(tmp_path, {name: content})
    found = [
        each
        for rule in ("archive.safety", "archive.integrity")
        for each in made.findings(candidate, rule)
    ]
    assert made.worst(found) == level


# --- Ignores and the gate -------------------------------------------------------------------------

ABOUT = {"rule": "license.headers", "path": "tool-1.0.tar.gz", "message": "It has no header."}


@pytest.mark.parametrize(
    ("ignore", "finding", "hidden"),
    [
        row("I01", {"rule": "license.headers"}, {}, True),
        row("I01", {"rule": "headers"}, {}, True),
        row("I03", {"member": "*.py"}, {"member": "a/b.pyc"}, True),
        row("I04", {"member": "!"}, {"member": ""}, True),
        row("I04", {"member": "!"}, {"member": "a"}, False),
        row("I06", {"rule": "license.headers", "path": "other"}, {}, False),
        row("I06", {"rule": "license.headers", "path": "tool"}, {}, True),
        row("I07", {"rule": "license.headers"}, {"level": "blocker"}, False),
    ],
)
def test_what_an_ignore_hides(ignore: dict, finding: dict, hidden: bool) -> None:
    told = Finding(**(ABOUT | {"level": "concern", "member": "a/b.c"} | finding))
    assert Ignore(**ignore).fits(told) is hidden


@pytest.fixture
def release(db) -> Release:
    made_ = stored.draft()
    run = stored.checked(made_.newest, stored.found(member="a.c"))
    Ignore.objects.judge(run, made_.check_basis())
    return Release.objects.get(pk=made_.pk)


def call(release: Release, *acknowledged: str) -> None:
    release.start_vote(
        by=make.member(release),
        revision=release.last_revision,
        subject="[VOTE]",
        body="Vote.",
        acknowledged=acknowledged,
    )


def test_v01_a_concern_that_nobody_has_read_stops_the_vote(release) -> None:
    with pytest.raises(NotReady, match="Read the concerns and confirm"):
        call(release)
    call(release, "license.headers")


def test_v02_when_all_concerns_are_ignored_the_vote_is_allowed(release) -> None:
    ignore = Ignore(project=release.project, rule="license.headers", reason="Third-party.")
    ignore.set(by=make.member(release), seen=1)
    call(Release.objects.get(pk=release.pk))


def test_v04_while_checks_run_there_is_no_vote(release) -> None:
    release.revisions.update(verdict=Verdict.PENDING, holds_until=NOW - timedelta(days=1))
    with pytest.raises(NotReady, match="are still running"):
        call(release, "license.headers")

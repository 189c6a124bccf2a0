import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checks.engine.child import run_in_child
from checks.engine.model import Candidate, File, Level
from checks.engine.plan import plan, rules_of
from checks.rules.signature import Signature
from keys.openpgp_armor import armor
from keys.openpgp_gpg import GpgFailed
from keys.openpgp_signatures import read_signatures
from tests import pgp
from tests.checks.engine import made
from tests.pgp import NOW
from tests.shared import SHARED
from trusted_releases.lib.digests import digest_of

NAME = "example-1.0.tar.gz"
DAY = timedelta(days=1)


@pytest.fixture
def rule() -> Iterator[Signature]:
    """The rule, on the day of these tests."""
    found = Signature()
    found.clock = lambda: NOW
    yield found
    found.close()


@pytest.fixture(scope="module")
def alice():
    return pgp.signer()


@pytest.fixture(scope="module")
def bob():
    return pgp.signer("Bob Brown <bob@apache.org>")


@pytest.fixture
def artifact(tmp_path):
    return pgp.artifact(tmp_path)


def known(path: Path) -> File:
    digest = digest_of([path.read_bytes()])
    return File(path.name, path, digest.size, digest.sha256, digest.sha512)


def judged(rule: Signature, artifact: Path, signature: Path, keys: bytes) -> list:
    candidate = Candidate((known(artifact), known(signature)), keys=keys)
    return list(rule.run(candidate.files[1], candidate))


def test_a_good_signature_is_a_note_that_says_who_and_how(rule, artifact, alice):
    (found,) = judged(rule, artifact, alice.sign(artifact), alice.public)
    assert found.level == Level.NOTE
    assert found.message == f"Signed by {alice.user_id}, key {alice.fingerprint.upper()}."
    assert found.see == f"gpg --import KEYS; gpg --verify {NAME}.asc {NAME}"
    assert found.data == {
        "state": "good",
        "fingerprint": alice.fingerprint,
        "certificate_fingerprint": alice.fingerprint,
        "user_id": alice.user_id,
        "signed_at": "2026-06-01T12:00:00+00:00",
        "digest": found.data["digest"],
        "key_algorithm": "EdDSA",
        "key_length": 255,
    }
    assert found.data["digest"] in ("SHA256", "SHA512")
    json.dumps(found.as_json())


def test_a_key_that_will_expire_is_good_until_then_and_a_concern_from_then_on(rule, artifact):
    zoe, ends = pgp.Signer("Zoe <z@apache.org>", expires="20d"), datetime(2026, 6, 9, tzinfo=UTC)
    signature = zoe.sign(artifact)
    (before,) = judged(rule, artifact, signature, zoe.public)
    assert (before.level, before.data["holds_until"]) == (Level.NOTE, ends.isoformat())
    rule.clock = lambda: ends
    good, concern = judged(rule, artifact, signature, zoe.public)
    assert (concern.level, concern.data["remark"]) == (Level.CONCERN, "expired_since")
    assert "holds_until" not in good.data


def test_a_date_to_come_is_a_blocker_until_it_has_come(rule, artifact, alice):
    signature, rule.clock = alice.sign(artifact), lambda: NOW - DAY
    (early,) = judged(rule, artifact, signature, alice.public)
    until = datetime.fromisoformat(early.data["holds_until"])
    assert (early.level, NOW - DAY < until < NOW) == (Level.BLOCKER, True)
    rule.clock = lambda: until
    assert judged(rule, artifact, signature, alice.public)[0].level == Level.NOTE


def test_a_changed_artifact_is_a_blocker(rule, artifact, alice):
    signature = alice.sign(artifact)
    artifact.write_bytes(b"other bytes")
    (found,) = judged(rule, artifact, signature, alice.public)
    assert found.level == Level.BLOCKER
    assert found.data["error_kind"] == "missing_signature"
    assert "is bad" in found.message


def test_a_strangers_signature_is_a_blocker_that_names_the_key(rule, artifact, alice, bob):
    (found,) = judged(rule, artifact, bob.sign(artifact), alice.public)
    assert (found.level, found.data["error_kind"]) == (Level.BLOCKER, "unidentified_key")
    assert bob.fingerprint.upper() in found.message


def test_a_strangers_signature_beside_a_good_one_is_a_note(rule, artifact, alice, bob):
    both = alice.sign(artifact).read_bytes() + bob.sign(artifact).read_bytes()
    signature = artifact.with_name(f"{NAME}.asc")
    signature.write_bytes(both)
    found = judged(rule, artifact, signature, alice.public)
    assert [each.level for each in found] == [Level.NOTE, Level.NOTE]
    assert found[1].message.startswith("Signature 2 of 2: ")


def test_a_bad_signature_beside_a_good_one_is_a_blocker(rule, artifact, tmp_path, alice, bob):
    other = tmp_path / "other"
    other.write_bytes(b"other")
    bad, good = bob.sign(other).read_bytes(), alice.sign(artifact).read_bytes()
    signature = artifact.with_name(f"{NAME}.asc")
    signature.write_bytes(bad + good)
    found = judged(rule, artifact, signature, alice.public + bob.public)
    assert [each.level for each in found] == [Level.BLOCKER, Level.NOTE]


@pytest.mark.parametrize(("keys", "word"), [(b"", "are known"), (b"no keys", "can be used")])
def test_a_committee_without_keys_is_a_blocker(rule, artifact, alice, keys, word):
    (found,) = judged(rule, artifact, alice.sign(artifact), keys)
    assert (found.level, found.data["error_kind"]) == (Level.BLOCKER, "missing_keys")
    assert word in found.message


def test_a_signature_of_nothing_is_a_blocker(rule, artifact, alice):
    candidate = Candidate((known(alice.sign(artifact)),), keys=alice.public)
    (found,) = rule.run(candidate.files[0], candidate)
    assert (found.level, found.data["error_kind"]) == (Level.BLOCKER, "missing_artifact")
    assert NAME in found.message


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "empty"), (b"<html>", "no_signature"), (b"x" * (65 << 10), "too_large")],
)
def test_what_is_no_signature_is_a_blocker(rule, artifact, alice, content, kind):
    signature = artifact.with_name(f"{NAME}.asc")
    signature.write_bytes(content)
    (found,) = judged(rule, artifact, signature, alice.public)
    assert (found.level, found.data["error_kind"]) == (Level.BLOCKER, kind)


def test_a_private_key_is_a_blocker_and_nothing_of_it_is_repeated(rule, artifact, alice):
    signature = artifact.with_name(f"{NAME}.asc")
    signature.write_bytes(alice.secret)
    (found,) = judged(rule, artifact, signature, alice.public)
    assert found.data["error_kind"] == "private_key"
    assert alice.secret.splitlines()[3].decode() not in str(found)


def test_a_key_that_expired_since_is_a_concern(rule, artifact):
    made_at = NOW - 400 * DAY
    old = pgp.Signer("Old <old@apache.org>", expires="365d", at=made_at)
    found = judged(rule, artifact, old.sign(artifact, at=made_at + DAY), old.public)
    assert [each.level for each in found] == [Level.NOTE, Level.CONCERN]
    assert found[1].data["remark"] == "expired_since"
    assert "Extend the key" in found[1].message


def test_a_text_signature_is_a_suggestion(rule, artifact, alice):
    found = judged(rule, artifact, alice.sign(artifact, options=["--textmode"]), alice.public)
    assert [each.level for each in found] == [Level.NOTE, Level.SUGGESTION]


def test_a_missing_end_line_is_a_concern(rule, artifact, alice):
    signature = alice.sign(artifact)
    signature.write_bytes(signature.read_bytes().partition(b"-----END")[0])
    found = judged(rule, artifact, signature, alice.public)
    assert [each.level for each in found] == [Level.NOTE, Level.CONCERN]
    assert found[1].data == {"remark": "no_end_line"}


@pytest.mark.parametrize(
    ("reason", "kind", "level"),
    [(1, "revoked_key", Level.BLOCKER), (3, "", Level.CONCERN)],
)
def test_a_revocation_is_judged_by_its_reason(rule, artifact, reason, kind, level):
    eve = pgp.Signer("Eve <eve@apache.org>")
    signature = eve.sign(artifact, at=NOW - DAY)
    eve.home.revoke(eve.fingerprint, reason=reason, at=NOW)
    found = judged(rule, artifact, signature, eve.public)
    assert made.worst(found) == level
    assert found[-1].data.get("error_kind", "") == kind


@pytest.mark.parametrize(
    ("options", "at", "kind"),
    [
        (["--digest-algo", "SHA1"], NOW, "weak_digest"),
        ([], datetime(2099, 1, 1, tzinfo=UTC), "future_dated"),
    ],
)
def test_what_gpg_lets_pass_is_a_blocker(rule, artifact, options, at, kind):
    rsa = pgp.Signer("Rsa <rsa@apache.org>", algorithm="rsa2048")
    (found,) = judged(rule, artifact, rsa.sign(artifact, at=at, options=options), rsa.public)
    assert (found.level, found.data["error_kind"]) == (Level.BLOCKER, kind)


def test_a_weak_key_is_a_blocker(rule, artifact):
    weak = pgp.Signer("Weak <weak@apache.org>", algorithm="rsa1024")
    (found,) = judged(rule, artifact, weak.sign(artifact), weak.public)
    assert (found.level, found.data["error_kind"]) == (Level.BLOCKER, "weak_key")


def test_it_applies_to_signature_files_only(rule, artifact):
    candidate = made.candidate(artifact.parent, [NAME, f"{NAME}.asc", f"{NAME}.sig", "asc"])
    assert [each.path for each in candidate.files if rule.applies_to(each, candidate)] == [
        f"{NAME}.asc"
    ]


def test_other_keys_or_another_artifact_are_another_question(rule, artifact, alice, bob):
    signature = known(alice.sign(artifact))
    asked = []
    for content, keys in ((b"one", b"a"), (b"two", b"a"), (b"one", b"b")):
        artifact.write_bytes(content)
        asked.append(rule.inputs(signature, Candidate((known(artifact), signature), keys=keys)))
    assert len({json.dumps(each) for each in asked}) == 3
    assert rule.inputs(signature, Candidate((signature,)))[0] is None


def test_the_keys_are_read_once_for_all_files_of_a_release(rule, artifact, alice, monkeypatch):
    signature = alice.sign(artifact)
    judged(rule, artifact, signature, alice.public)
    first = rule._keyring
    judged(rule, artifact, signature, alice.public)
    assert rule._keyring is first
    judged(rule, artifact, signature, alice.public + b"\nmore\n")
    assert rule._keyring is not first
    assert first._home is None


def test_a_gpg_that_fails_is_no_verdict_on_the_file(rule, artifact, alice, monkeypatch):
    signature = alice.sign(artifact)
    judged(rule, artifact, signature, alice.public)

    def fail(*_, **__):
        raise GpgFailed("gpg did not finish within 120 seconds.")

    monkeypatch.setattr(rule._keyring._gpg, "verify_file", fail)
    with pytest.raises(GpgFailed):
        judged(rule, artifact, signature, alice.public)


def test_the_limits_of_a_child_leave_room_for_gpg(artifact, alice):
    alice.sign(artifact, at=datetime(2026, 5, 21, tzinfo=UTC))
    files = (known(artifact), known(artifact.with_name(f"{NAME}.asc")))
    candidate = Candidate(files, keys=alice.public)
    units = [u for u in plan(candidate) if "signature" in u.rules]
    (result,) = run_in_child(candidate, units)
    assert result.error == ""
    assert rules_of(units[0])
    (found,) = [each for each in result.findings if each.rule == "signature"]
    assert found.data["certificate_fingerprint"] == alice.fingerprint


# The corpus' label, as the worst level that such a file may and must have.
LEVELS = {
    "accept": {Level.NOTE},
    "warn": {Level.NOTE, Level.SUGGESTION, Level.CONCERN},
    "reject": {Level.BLOCKER},
}
MANIFEST = SHARED / "data" / "evil" / "manifest.json"
CASES = {
    row["case"]: row["expect"]
    for row in (json.loads(MANIFEST.read_text()) if MANIFEST.exists() else [])
    if row["kind"] == "sig" and "role" not in row
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_hostile_signature_gets_the_level_of_its_label(rule, evil, case):
    rule.clock = lambda: datetime(2026, 11, 22, tzinfo=UTC)
    folder = evil / "sig" / case
    signature = next(path for path in folder.iterdir() if path.suffix in (".asc", ".sig"))
    found = judged(rule, signature.with_suffix(""), signature, (folder / "KEYS").read_bytes())
    assert made.worst(found) in LEVELS[CASES[case]]


def test_two_armor_blocks_and_two_packets_in_one_are_the_same(rule, artifact, alice, bob):
    one, _ = read_signatures(alice.sign(artifact))
    two, _ = read_signatures(bob.sign(artifact))
    signature = artifact.with_name(f"{NAME}.asc")
    signature.write_bytes(armor(one[0] + two[0], "SIGNATURE"))
    found = judged(rule, artifact, signature, alice.public + bob.public)
    assert [each.level for each in found] == [Level.NOTE, Level.NOTE]

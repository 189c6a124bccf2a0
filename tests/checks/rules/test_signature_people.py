"""Whose key signed: what the committee's own KEYS file says of it, and what that makes of it."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from checks.engine.model import Candidate, Finding, Level
from checks.rules.signature import Signature
from keys.document import Entry, compose
from keys.openpgp import read_keys
from tests import pgp
from tests.checks.rules.test_signature import known
from tests.pgp import NOW

pytestmark = pytest.mark.once


@pytest.fixture
def rule() -> Iterator[Signature]:
    found = Signature()
    found.clock = lambda: NOW
    yield found
    found.close()


def document(public: bytes, person: str, retired_at: datetime | None = None) -> bytes:
    """The KEYS file of a committee that has this key."""
    (found,) = read_keys(public)[0].certificates
    entry = Entry(
        found.fingerprint,
        found.algorithm,
        found.length,
        found.created_at,
        found.expires_at,
        "",
        found.user_ids,
        found.armored.decode(),
    )
    return compose("Tool", [entry.told(person, retired_at)])


@pytest.fixture
def judged(rule, tmp_path):
    artifact = pgp.artifact(tmp_path)
    signature = pgp.signer().sign(artifact)

    def judge(keys: bytes) -> list[Finding]:
        candidate = Candidate((known(artifact), known(signature)), keys=keys)
        return list(rule.run(candidate.files[1], candidate))

    return judge


def test_the_person_is_stored_with_signer_key_time_and_digest(judged) -> None:
    (found,) = judged(document(pgp.signer().public, "alice"))
    assert found.level is Level.NOTE
    facts = {"person": "alice", "digest": "SHA256", "signed_at": NOW.isoformat(), "state": "good"}
    assert facts.items() <= found.data.items()
    assert found.data["fingerprint"] == pgp.signer().fingerprint
    assert found.data["certificate_fingerprint"] == pgp.signer().fingerprint
    json.dumps(found.data)


def test_nobodys_key_is_a_blocker_that_says_what_to_do(judged) -> None:
    (found,) = judged(document(pgp.signer().public, ""))
    assert found.level is Level.BLOCKER
    assert (found.data["error_kind"], found.data["state"]) == ("no_asf_uid", "no_asf_uid")
    assert "under their own account" in found.message


def test_a_file_that_says_nothing_of_people_is_not_asked(judged) -> None:
    (found,) = judged(pgp.signer().public)
    assert found.level is Level.NOTE
    assert "person" not in found.data


@pytest.mark.parametrize(("days", "level"), [(1, Level.NOTE), (-1, Level.BLOCKER)])
def test_a_retired_key_counts_for_what_it_signed_before(judged, days, level) -> None:
    (found,) = judged(document(pgp.signer().public, "alice", NOW + timedelta(days=days)))
    assert found.level is level
    if level is Level.BLOCKER:
        assert found.data["error_kind"] == "unidentified_key"
        assert "no more since 2026-05-31" in found.message


def test_a_signature_of_the_very_moment_of_retirement_does_not_count(judged) -> None:
    (found,) = judged(document(pgp.signer().public, "alice", NOW))
    assert found.level is Level.BLOCKER

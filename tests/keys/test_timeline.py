"""Bars of time: where each part of a key begins and ends, and what is said of it."""

from datetime import UTC, datetime, timedelta

import pytest

from keys import timeline
from keys.models import Certificate, PublicKey
from tests import make, pgp

AT = datetime(2026, 6, 1, tzinfo=UTC)


def part(**fields: object) -> PublicKey:
    known = {
        "fingerprint": "ab" * 20,
        "algorithm": "EdDSA",
        "length": 256,
        "capabilities": "s",
        "created_at": AT - timedelta(days=365),
    }
    return PublicKey(**known | fields)


@pytest.mark.parametrize(
    ("fields", "state", "good"),
    [
        ({}, "good", True),
        ({"expires_at": AT}, "expired", False),
        ({"expires_at": AT + timedelta(days=1)}, "good", True),
        (
            {"revoked": True, "revoked_at": AT, "revocation_reason": "retired"},
            "revoked (retired)",
            False,
        ),
        ({"revoked": True, "revoked_hard": True}, "revoked (no reason given)", False),
        ({"algorithm": "RSA", "length": 1024}, "too weak to sign", False),
        ({"algorithm": "DSA", "length": 1024}, "too weak to sign", False),
        ({"algorithm": "RSA", "length": 1024, "capabilities": "e"}, "good", True),
    ],
)
def test_what_is_said_of_a_part(fields: dict[str, object], state: str, good: bool) -> None:
    (bar,) = timeline.of_keys([part(**fields)], AT)
    assert (bar.state, bar.good) == (state, good)


def test_a_bar_lies_where_its_time_is() -> None:
    first, second = timeline.of_keys(
        [part(), part(created_at=AT, expires_at=AT + timedelta(days=365))], AT
    )
    assert (first.x, first.width) == (0, timeline.WIDTH)
    assert second.x == first.now == second.now
    assert 0 < second.x < second.x + second.width < timeline.WIDTH


def test_a_key_of_a_hundred_years_does_not_make_all_else_a_dot() -> None:
    long, short = timeline.of_keys(
        [part(expires_at=AT + timedelta(days=36_500)), part(expires_at=AT + timedelta(days=365))],
        AT,
    )
    assert long.x + long.width == timeline.WIDTH
    assert short.width > timeline.WIDTH / 3


def test_one_that_was_never_good_has_a_sliver_to_be_seen() -> None:
    (bar,) = timeline.of_keys([part(revoked=True, revoked_hard=True)], AT)
    assert bar.width > 0


def test_what_it_is_for_is_told_in_words() -> None:
    (bar,) = timeline.of_keys([part(capabilities="sca")], AT)
    assert bar.uses == "signing, certifying, logging in"
    assert timeline.of_keys([], AT) == []


@pytest.mark.django_db
def test_user_ids_are_told_with_those_that_were_revoked() -> None:
    key = Certificate.objects.add_own(
        pgp.signer().public, by=make.user("alice", email="alice@apache.org")
    )
    key.identities = [
        {
            "text": "Alice",
            "since": "2026-01-01T00:00:00+00:00",
            "revoked": None,
            "revoked_at": None,
        },
        {
            "text": "Old",
            "since": "2025-01-01T00:00:00+00:00",
            "revoked": "no longer valid",
            "revoked_at": "2026-01-01T00:00:00+00:00",
        },
    ]
    good, gone = timeline.of_identities(key, AT)
    assert (good.name, good.good, good.until) == ("Alice", True, None)
    assert (gone.state, gone.good) == ("revoked (no longer valid)", False)
    assert gone.x == 0 < good.x


@pytest.mark.django_db
def test_a_key_from_before_its_parts_were_kept_tells_of_its_primary_key() -> None:
    key = Certificate.objects.add_own(
        pgp.signer().public, by=make.user("alice", email="alice@apache.org")
    )
    assert len(timeline.parts_of(key)) == 1
    key.keys.all().delete()
    (only,) = timeline.parts_of(key)
    assert (only.fingerprint, only.is_primary) == (key.fingerprint, True)
    key.identities = []
    assert [bar.name for bar in timeline.of_identities(key, AT)] == list(key.user_ids)

"""The life of a key in words and in order."""

from datetime import UTC, datetime, timedelta

import pytest

from keys.life import life_of
from keys.models import Certificate

MADE = datetime(2020, 1, 1, tzinfo=UTC)
NOW = datetime(2025, 1, 1, tzinfo=UTC)


def key(**fields):
    return Certificate(created_at=MADE, added_at=MADE + timedelta(days=1), **fields)


def test_a_key_that_lasts_for_ever_was_made_and_added():
    assert [step.text for step in life_of(key(), NOW)] == [
        "Made by its owner",
        "Added to this platform",
    ]


@pytest.mark.parametrize(("days", "bad", "told"), [(-1, True, "Expired"), (1, False, "Expires.")])
def test_the_end_is_told_as_past_or_to_come(days, bad, told):
    last = life_of(key(expires_at=NOW + timedelta(days=days)), NOW)[-1]
    assert last.text.startswith(told)
    assert last.bad is bad


def test_a_revocation_says_why_and_stands_at_its_time():
    revoked = key(revoked=True, revoked_at=NOW, revocation_reason="compromised")
    last = life_of(revoked, NOW + timedelta(days=9))[-1]
    assert (last.text, last.at, last.bad) == ("Revoked by its owner: compromised", NOW, True)

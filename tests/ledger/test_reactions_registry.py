"""Which jobs follow from which event."""

from trusted_releases.ledger.reactions_registry import (
    all_reactions,
    react,
    react_to,
    reactions,
)
from trusted_releases.ledger.tags import Tag


def test_reactions_are_added_once_each_in_order():
    react(Tag.VOTE_CALLED, "test.event", "test.other")
    react("vote.called", "test.other", "test.event")
    react_to({Tag.VOTE_PASSED: ("test.event",), Tag.VOTE_FAILED: ()})
    assert reactions(Tag.VOTE_CALLED) == ("test.event", "test.other")
    assert reactions(Tag.VOTE_PASSED) == ("test.event",)
    assert reactions(Tag.VOTE_FAILED) == ()
    assert set(all_reactions()) == {"vote.called", "vote.passed", "vote.failed"}

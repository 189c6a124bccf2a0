"""What a closed vote has kept, as votes again."""

from datetime import UTC, datetime

from releases import tally
from releases.bundle import carried_in, casts_of, votes_in

AT = "2026-01-01T00:00:00+00:00"
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def mail(voter: str, choice: str, reason: str = "") -> dict:
    return {"voter": voter, "choice": choice, "at": AT, "reason": reason}


def test_only_mails_that_count_are_votes() -> None:
    entries = [mail("a", "+1"), mail("b", "?"), mail("c", "-1", "It came too late.")]
    assert casts_of({"entries": entries}) == [tally.Cast("a", "+1", WHEN)]
    assert casts_of({}) == []


def test_votes_of_a_bundle_are_its_ballots_and_its_mails_and_those_carried_stand_apart() -> None:
    ballot = {"voter": "b", "choice": "0", "at": AT, "order": 7}
    carried = {"voter": "c", "choice": "-1", "at": AT}
    kept = {"ballots": [ballot], "mail": {"entries": [mail("a", "+1")]}, "carried": [carried]}
    assert votes_in(kept) == [tally.Cast("b", "0", WHEN, 7), tally.Cast("a", "+1", WHEN)]
    assert carried_in(kept) == [tally.Cast("c", "-1", WHEN)]
    assert votes_in({}) == carried_in({}) == []
    assert votes_in({"mail": None}) == []

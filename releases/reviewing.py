"""Counts closed votes again, from what was kept, and says what differs."""

from collections.abc import Iterator
from typing import Any

from releases import tally
from releases.bundle import casts_of
from releases.models import Vote
from releases.recount import differences

MAIL_KEYS = ("mails", "entries")


def problems_of(vote: Vote) -> Iterator[str]:
    """What does not agree between a closed vote, its bundle, and the rows it was counted from."""
    kept = vote.counted
    if not kept:
        yield "It is closed, and has kept no count."
        return
    yield from differences(kept)
    yield from _rows(vote, kept)
    yield from _columns(vote, kept)
    yield from _rounds(vote, kept)
    if kept.get("mail"):
        yield from _mails(vote, kept["mail"])


def _rows(vote: Vote, kept: dict[str, Any]) -> Iterator[str]:
    """The ballots are rows that nobody changes: the bundle must be of them."""
    rows = vote.ballots.order_by("pk").values_list("voter__username", "choice", "cast_at")
    now = [(voter, choice, at.isoformat()) for voter, choice, at in rows]
    then = [(each["voter"], each["choice"], each["at"]) for each in kept["ballots"]]
    if sorted(now) != sorted(then):
        yield f"The bundle has {len(then)} ballots, and the rows ({len(now)}) are not the same."


def _columns(vote: Vote, kept: dict[str, Any]) -> Iterator[str]:
    told = {
        "outcome": vote.outcome,
        "manifest": vote.manifest_digest,
        "vote": vote.number,
        "mode": vote.mode,
    }
    for name, value in told.items():
        if name in kept and kept[name] != value:
            yield f"{name}: the bundle says {kept[name]!r}, the vote {value!r}."
    if vote.outcome == "passed" and not vote.is_counted_elsewhere:
        sums = kept["tally"]["binding"]
        if (vote.binding_for, vote.binding_against) != (sums["for_it"], sums["against"]):
            yield f"The vote's columns say {vote.binding_for} +1 and {vote.binding_against} -1."


def _rounds(vote: Vote, kept: dict[str, Any]) -> Iterator[str]:
    """A second round holds the whole result of the first: it must be the one that is kept."""
    if vote.round != kept.get("round"):
        yield f"round: the bundle says {kept.get('round')!r}, the vote {vote.round!r}."
    if not vote.is_second:
        return
    first = vote.first_round
    if first is None or first.outcome != "passed":
        yield "It is a second round, and no first one before it has passed."
    elif kept.get("first") != first.counted:
        yield f"The first round in the bundle is not what vote {first.number} has kept."
    elif first.manifest_digest != vote.manifest_digest:
        yield f"Vote {first.number}, its first round, was on other files."


def _mails(vote: Vote, told: dict[str, Any]) -> Iterator[str]:
    """The thread is read again from the mails that were kept."""
    reading = vote.reading
    if reading is None:
        yield "It was counted by mail, and the reading of its thread is gone."
        return
    try:
        again = reading.recount()
    except (KeyError, ValueError) as error:
        yield f"A kept mail is missing or damaged: {error}."
        return
    mine = reading.told()
    if mine["thread"] != told["thread"] or mine["read_at"] != told["read_at"]:
        yield "The kept thread is not the one that the result was counted from."
    then, now = (_sums(each) for each in (told, again))
    if then != now:
        yield f"The mails, counted again, give {now}, and not {then}."
    elif any(again[name] != told[name] for name in MAIL_KEYS):
        yield "The mails are read another way by now, with the same sums."


def _sums(counted: dict[str, Any]) -> dict[str, int]:
    last = tally.effective(casts_of(counted)).values()
    return {choice: sum(cast.choice == choice for cast in last) for choice in tally.CHOICES}

"""Who voted what in a vote, each once: by ballot or by mail, as it counts."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from projects.models import User
from releases import tally
from releases.bundle import carried_in, votes_in
from releases.models import Vote

BALLOT, MAIL = "ballot", "mail"


@dataclass(frozen=True, slots=True)
class Voice:
    """The vote of one voter that counts. `link` leads to the mail, if it was one.

    `carried_from` is the first round, where the vote was given in it and counts in the second.
    """

    voter: str
    name: str
    choice: str
    binds: bool
    at: datetime
    by: str
    link: str = ""
    said: str = ""
    carried_from: Vote | None = None


def voices(vote: Vote) -> list[Voice]:
    """As it was when the vote was resolved, else as it is now: binding votes first, by time."""
    binding = set(vote.counted["binding_voters"]) if vote.counted else vote.binding_names()
    mail = mail_of(vote)
    own = votes_in(vote.counted) if vote.counted else vote.own_casts()
    last = tally.effective(own).values()
    entries = {each["voter"]: each for each in counting(mail)}
    people = User.objects.filter(username__in=[cast.voter for cast in last])
    names = {person.username: person.get_full_name() for person in people}
    found = [_voice(cast, entries, names, cast.voter in binding) for cast in last]
    found += _carried(vote, own, binding)
    return sorted(found, key=lambda each: (not each.binds, each.at, each.voter))


def mail_of(vote: Vote) -> dict[str, Any]:
    """The thread as it was counted; empty where mails are no votes, or were not read yet."""
    if vote.counted:
        return vote.counted.get("mail") or {}
    reading = vote.reading if vote.is_by_mail else None
    return reading.told() if reading else {}


def counting(mail: dict[str, Any]) -> list[dict[str, Any]]:
    """The mails that count, one of each voter."""
    entries = mail.get("entries", ())
    return [each for each in entries if each["choice"] in tally.CHOICES and not each["reason"]]


def carried_voices(vote: Vote) -> list[Voice]:
    """Who voted what in the first round and has not voted again, where it counts in this one."""
    return [each for each in voices(vote) if each.carried_from] if vote.is_second else []


def ticked(vote: Vote) -> list[dict[str, Any]]:
    """Each point of the checklist, with the names of those whose last ballot has it ticked."""
    points: dict[str, list[str]] = {each: [] for each in vote.items}
    for ballot in vote.latest_ballots() if points else ():
        for point in ballot.ticked:
            points.setdefault(point, []).append(ballot.voter.get_full_name())
    return [{"point": point, "names": names} for point, names in points.items()]


def _carried(vote: Vote, own: list[tally.Cast], binding: set[str]) -> list[Voice]:
    first = vote.first_round
    if first is None:
        return []
    casts = carried_in(vote.counted) if vote.counted else vote.carried(own, binding)
    names = {cast.voter for cast in casts}
    return [
        replace(each, binds=True, carried_from=first)
        for each in voices(first)
        if each.voter in names
    ]


def _voice(
    cast: tally.Cast, entries: dict[str, dict[str, Any]], names: dict[str, str], binds: bool
) -> Voice:
    entry = entries.get(cast.voter) if not cast.order else None
    if entry is None:
        name = names.get(cast.voter) or cast.voter
        return Voice(cast.voter, name, cast.choice, binds, cast.at, BALLOT)
    name = names.get(cast.voter) or entry["name"] or "Somebody without an account"
    said = " // ".join(line["text"] for line in entry["lines"] if not line["reason"])
    return Voice(cast.voter, name, cast.choice, binds, cast.at, MAIL, entry["link"], said)

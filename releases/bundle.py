"""What a closed vote has kept, as votes again: the result bundle, and the thread in it."""

from datetime import datetime
from typing import Any

from releases import tally


def casts_of(counted: dict[str, Any]) -> list[tally.Cast]:
    """The votes of a counted thread, as ballots. A ballot of the same instant goes before them."""
    return [
        tally.Cast(each["voter"], each["choice"], datetime.fromisoformat(each["at"]))
        for each in counted.get("entries", ())
        if each["choice"] in tally.CHOICES and not each["reason"]
    ]


def votes_in(kept: dict[str, Any]) -> list[tally.Cast]:
    """Every vote that was given in this vote itself: by ballot, and by mail where mails count."""
    ballots = [
        tally.Cast(each["voter"], each["choice"], datetime.fromisoformat(each["at"]), each["order"])
        for each in kept.get("ballots", ())
    ]
    return ballots + casts_of(kept.get("mail") or {})


def carried_in(kept: dict[str, Any]) -> list[tally.Cast]:
    """The votes of the first round that were counted in this one."""
    return [
        tally.Cast(each["voter"], each["choice"], datetime.fromisoformat(each["at"]))
        for each in kept.get("carried", ())
    ]

"""The thread of a vote as people read it: what counts, line by line, and when it was read."""

from datetime import datetime
from typing import Any

from releases.models import Vote
from releases.voices import counting


def thread_context(vote: Vote) -> dict[str, Any]:
    """What is known of a vote's thread: as it was counted, else as it was last read."""
    rows = vote.readings.defer("mails", "directory", "terms").order_by("-pk")
    newest = rows.first()
    done = newest if newest is None or newest.state == "done" else rows.filter(state="done").first()
    told = vote.counted.get("mail") or (done.counted if done else {})
    return {
        "thread": told,
        "read_at": done.read_at if done else None,
        "reading": done,
        "mail_entries": told.get("entries", ()),
        "mail_votes": len(counting(told)),
        "under_way": bool(newest and newest.is_in_hand),
        "problem": newest.problem if newest and newest.state == "failed" else "",
    }


def shown(entries: list[dict[str, Any]], binding: set[str]) -> list[dict[str, Any]]:
    """Entries as a page shows them: with the moment, and whether they count and bind."""
    return [
        {
            **each,
            "at": datetime.fromisoformat(each["at"]) if each["at"] else None,
            "binds": each["account"] in binding,
            "counts": bool(each["choice"]) and not each["reason"],
        }
        for each in entries
    ]

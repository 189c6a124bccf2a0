"""The thread of a vote as clients know it."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from projects.models import User
from releases.api.items import A_TIME
from releases.models import Vote
from releases.thread import SEVERAL
from releases.voices import mail_of
from trusted_releases.api.answers import Item

WORDS = {"+1": "Yes", "-1": "No", "0": "-", "?": "?"}
KINDS = {"Binding": "binding", "Committer": "non_binding", "Contributor": "non_binding"}
KEPT = ("", SEVERAL)  # reasons of the mails that are the last word of their voters
SUMS = {"Yes": "yes", "No": "no", "-": "abstain", "?": "unclear"}


class MailVoteItem(Item):
    """The mail of one voter that votes, the last of them."""

    sample = {
        "name": "Alice Doe",
        "asf_uid_or_email": "alice",
        "from_email": "",
        "status": "Binding",
        "asf_eid": "https://lists.example.org/thread/o5kvk8rz0y7m1tbb4gd5x8s0qv2n3c1d",
        "iso_datetime": A_TIME,
        "vote": "Yes",
        "quotation": "+1 (binding)",
        "updated": False,
    }
    name = serializers.CharField(allow_blank=True)
    asf_uid_or_email = serializers.CharField(
        help_text="The account; for a stranger a name that stands for the address."
    )
    from_email = serializers.CharField(allow_blank=True, help_text="Empty: addresses are not told.")
    status = serializers.ChoiceField(choices=["Binding", "Committer", "Contributor", "Unknown"])
    asf_eid = serializers.CharField(allow_blank=True, help_text="Where the archive has the mail.")
    iso_datetime = serializers.CharField()
    vote = serializers.ChoiceField(choices=["Yes", "No", "-", "?"])
    quotation = serializers.CharField(allow_blank=True)
    updated = serializers.BooleanField()


class ThreadItem(Item):
    """The thread of a vote by mail, counted."""

    sample = {
        "start_unixtime": 1767225600,
        "votes": {"alice": MailVoteItem.sample},
        "summary": {"binding_votes": 1, "binding_votes_yes": 1},
        "passed": False,
        "outcome": "2 more binding +1 needed (1 of 3).",
    }
    start_unixtime = serializers.IntegerField(allow_null=True)
    votes = serializers.DictField(child=MailVoteItem())
    summary = serializers.DictField(child=serializers.IntegerField())
    passed = serializers.BooleanField()
    outcome = serializers.CharField()


def thread_details(vote: Vote) -> dict[str, Any] | None:
    """What the mails of a vote say; None where mails are no votes, or nobody has read them."""
    mail = mail_of(vote) if vote.is_by_mail else {}
    if not mail:
        return None
    binding = set(vote.counted["binding_voters"]) if vote.counted else vote.binding_names()
    voting = [each for each in mail["entries"] if each["choice"] and each["reason"] in KEPT]
    committers = set(
        User.objects.filter(
            username__in=[each["account"] for each in voting], is_committer=True
        ).values_list("username", flat=True)
    )
    votes = {each["voter"]: _vote(each, binding, committers) for each in voting}
    times = [each["at"] for each in mail["entries"] if each["at"]]
    result = vote.counted["tally"] if vote.counted else vote.tally().as_json()
    return {
        "start_unixtime": int(datetime.fromisoformat(min(times)).timestamp()) if times else None,
        "votes": votes,
        "summary": _summary(votes.values()),
        "passed": result["passes"],
        "outcome": " ".join(result["missing"]) or "It passes.",
    }


def _vote(entry: dict[str, Any], binding: set[str], committers: set[str]) -> dict[str, Any]:
    account = entry["account"]
    status = (
        "Binding"
        if account in binding
        else "Committer"
        if account in committers
        else "Contributor"
        if account
        else "Unknown"
    )
    return {
        "name": entry["name"],
        "asf_uid_or_email": account or entry["voter"],
        "from_email": "",
        "status": status,
        "asf_eid": entry["link"],
        "iso_datetime": entry["at"],
        "vote": WORDS[entry["choice"]],
        "quotation": " // ".join(line["text"] for line in entry["lines"] if not line["reason"]),
        "updated": entry["changed"],
    }


def _summary(votes: Any) -> dict[str, int]:
    """How many of each kind voted how, under the names that clients add up."""
    names = [*dict.fromkeys(KINDS.values()), "unknown"]
    counts = {
        f"{kind}_votes{word}": 0
        for kind in names
        for word in ("", *(f"_{each}" for each in SUMS.values()))
    }
    for each in votes:
        kind = KINDS.get(each["status"], "unknown")
        counts[f"{kind}_votes"] += 1
        counts[f"{kind}_votes_{SUMS[each['vote']]}"] += 1
    return counts

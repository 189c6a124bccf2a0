"""The endpoint that counts a vote."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.models import VoteMode
from releases.api.finding import find_release
from releases.api.items import A_TIME, number_of
from releases.api.starting import OfRelease
from releases.api.thread_item import ThreadItem, thread_details
from releases.counting import Count, Row
from releases.models import Vote
from releases.models.rounds import FIRST
from releases.phases import Choice
from trusted_releases.api.answers import Envelope, Item, Time
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.errors import Missing
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.mail import message_id

WORDS = {Choice.FOR: "yes", Choice.AGAINST: "no", Choice.ABSTAIN: "abstain"}


class BallotItem(Item):
    """The ballot of one voter that counts."""

    sample = {
        "voter_asf_uid": "alice",
        "voter_fullname": "Alice Doe",
        "choice": "+1",
        "comment": "Builds, and the tests pass.",
        "is_binding": True,
        "is_carried": False,
        "vote_round": None,
        "revision_number_at_cast": "00003",
        "receipt_message_id": "<event-7-5e…@releases.example.org>",
        "cast_at": A_TIME,
    }

    voter_asf_uid = serializers.CharField()
    voter_fullname = serializers.CharField()
    choice = serializers.ChoiceField(choices=Choice.choices)
    comment = serializers.CharField()
    is_binding = serializers.BooleanField()
    is_carried = serializers.BooleanField(
        help_text="Whether it was given in the first round of a podling's vote."
    )
    vote_round = serializers.IntegerField(allow_null=True, help_text="1 or 2 of a podling's vote.")
    revision_number_at_cast = serializers.CharField()
    receipt_message_id = serializers.CharField(help_text="Of the mail that the list got.")
    cast_at = Time()


class SummaryItem(Item):
    """How many voted how."""

    sample = {
        f"{kind}_votes_{word}": 3 * (kind + word == "bindingyes")
        for kind in ("binding", "non_binding")
        for word in WORDS.values()
    }

    binding_votes_yes = serializers.IntegerField()
    binding_votes_no = serializers.IntegerField()
    binding_votes_abstain = serializers.IntegerField()
    non_binding_votes_yes = serializers.IntegerField()
    non_binding_votes_no = serializers.IntegerField()
    non_binding_votes_abstain = serializers.IntegerField()


class TabulateVote(Endpoint):
    """Count the latest vote on a release: as it is now, or as it was when it was resolved.

    `details` is the thread on the list, where mails are votes and it has been read.
    """

    policy = "public"
    access = Access.BEARER
    refuses = (404,)
    Ask = OfRelease

    class Answer(Envelope):
        sample = {"details": None, "vote_mode": "trusted", "vote_seq": 1, "trusted_passed": True}
        details = ThreadItem(allow_null=True)
        vote_mode = serializers.ChoiceField(choices=VoteMode.values)
        vote_seq = serializers.IntegerField()
        trusted_ballots = BallotItem(many=True)
        trusted_summary = SummaryItem()
        trusted_passed = serializers.BooleanField(help_text="Whether the vote passes, or passed.")

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release = find_release(self, asked["project"], asked["version"])
        vote = release.vote
        if vote is None:
            raise Missing(f"No vote has been called on release {release.slug}")
        count = Count.of(vote)
        rows = [*count.rows, *carried_rows(count)]
        return self.answer(
            details=thread_details(vote),
            vote_mode=str(vote.mode),
            vote_seq=vote.number,
            trusted_ballots=_ballots(vote, rows),
            trusted_summary=_summary(rows),
            trusted_passed=_passes(count),
        )


def _passes(count: Count) -> bool:
    kept = count.vote.counted
    return bool(kept["tally"]["passes"] if kept else count.tally.passes)


def _ballots(vote: Vote, rows: list[Row]) -> list[dict[str, Any]]:
    keys = [str(row.ballot.pk) for row in rows]
    cast = Event.objects.filter(tag=Tag.BALLOT_CAST, key__in=keys).values_list("key", "pk")
    events = dict(cast)
    return [
        {
            "voter_asf_uid": row.ballot.voter.username,
            "voter_fullname": row.ballot.voter.get_full_name(),
            "choice": row.ballot.choice,
            "comment": row.ballot.comment,
            "is_binding": row.binds,
            "is_carried": row.ballot.vote_id != vote.pk,
            "vote_round": vote.round if row.ballot.vote_id == vote.pk else FIRST,
            "revision_number_at_cast": number_of(vote.revision.number),
            "receipt_message_id": _receipt(events.get(str(row.ballot.pk))),
            "cast_at": row.ballot.cast_at,
        }
        for row in rows
    ]


def carried_rows(count: Count) -> list[Row]:
    """The ballots of the first round that count in the second."""
    names = {each.voter for each in count.carried}
    first = count.vote.first_round
    ballots = first.latest_ballots() if first and names else []
    return [Row(each, binds=True) for each in ballots if each.voter.username in names]


def _summary(rows: list[Row]) -> dict[str, int]:
    counts = dict.fromkeys(SummaryItem.sample, 0)
    for row in rows:
        kind = "binding" if row.binds else "non_binding"
        counts[f"{kind}_votes_{WORDS[Choice(row.ballot.choice)]}"] += 1
    return counts


def _receipt(event: int | None) -> str:
    return "" if event is None else message_id(event)

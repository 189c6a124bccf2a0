"""Endpoints that call, cast, count and resolve votes."""

from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.models import Policy, Recipients
from releases import texts
from releases.api.finding import find_release
from releases.api.starting import YES, ForRevision, OfRelease, Success, number_in
from releases.api.task_item import VoteTaskItem, task_of
from releases.links import LONGEST_LINK
from releases.mail_text import LONGEST_MAIL
from releases.models import Release
from releases.models.ballot import LONGEST_COMMENT
from releases.models.rounds import second_lists
from releases.models.timed import Ending
from releases.permitted import may_be_told
from releases.phases import Choice, Outcome, Phase
from releases.second import second_of
from trusted_releases.api.answers import Always, Envelope
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.errors import Missing
from trusted_releases.api.fields import Address, Text
from trusted_releases.api.leads import ANSWER, Lead
from trusted_releases.lib import testing
from trusted_releases.lib.errors import BadInput, NotReady, Obstacle

MOST_ADDRESSES = 20
# Sentences that clients look for.
KNOWN = {
    "newer_revision": "A newer revision appeared, please refresh and try again.",
    "checks_running": "All checks must be completed before starting a vote",
}


class StartVote(Endpoint):
    """Put the newest revision to the vote. Its files are frozen from here on.

    The mail goes to the addresses here, which must be lists that the policy names, lists of the
    committee, or your own. `concerns_noted` are the rules whose concerns you have read. Without
    `subject` and `body` they are the project's own. A vote whose ballots are kept here can be
    resolved, and its files published, by itself when it ends.
    """

    policy = "releases.start_vote"
    access = Access.BEARER
    action = "vote.start"
    status = 201
    refuses = (404, 409)

    class Ask(ForRevision):
        sample = {
            "project": "tool",
            "version": "1.2.0",
            "revision": "00003",
            "email_to": "dev@tool.apache.org",
            "email_cc": [],
            "email_bcc": [],
            "vote_duration": 72,
            "subject": None,
            "body": None,
            "second_round_email_to": None,
            "notify_when_finished": False,
            "automatic_resolve_when_finished": False,
            "automatic_publish_when_resolved": False,
            "concerns_noted": [],
        }
        email_to = Address(help_text="A list to which votes may go.")
        email_cc = serializers.ListField(child=Address(), max_length=MOST_ADDRESSES, default=list)
        email_bcc = serializers.ListField(child=Address(), max_length=MOST_ADDRESSES, default=list)
        vote_duration = serializers.IntegerField(
            min_value=0,
            max_value=Policy.LONGEST_HOURS,
            allow_null=True,
            default=None,
            help_text="In hours; null for what the policy says, which is also the least.",
        )
        subject = Text(200, allow_null=True, default=None)
        body = Text(LONGEST_MAIL, allow_null=True, default=None)
        second_round_email_to = Address(
            allow_null=True, default=None, help_text="Of podlings: where their second vote goes."
        )
        notify_when_finished = serializers.BooleanField(default=False)
        automatic_resolve_when_finished = serializers.BooleanField(default=False)
        automatic_publish_when_resolved = serializers.BooleanField(default=False)
        concerns_noted = serializers.ListField(child=Text(200), max_length=500, default=list)

    class Answer(Envelope):
        leads = (Lead("task_get", {"number": f"{ANSWER}task/id"}),)
        task = VoteTaskItem()

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release = find_release(self, asked["project"], asked["version"])
        seen = _seen(release, number_in(asked))
        cc, bcc = tuple(asked["email_cc"]), tuple(asked["email_bcc"])
        to = Recipients((asked["email_to"],), cc, bcc)
        known = release.rules.vote_lists
        _require_known(request.user, to.everybody, known)
        second_to = asked["second_round_email_to"] or ""
        if second_to and release.committee.is_podling:
            _require_known(request.user, [second_to], second_lists(release.committee))
        hours = asked["vote_duration"]
        subject, body = texts.vote_mail(release, self.person, hours)
        try:
            vote = release.start_vote(
                by=request.user,
                revision=seen,
                subject=subject if asked["subject"] is None else asked["subject"],
                body=body if asked["body"] is None else asked["body"],
                hours=hours,
                acknowledged=_noted(release, asked["concerns_noted"]),
                recipients=to,
                ending=_ending(asked),
                second_to=second_to,
            )
        except NotReady as error:
            raise _as_known(error) from error
        task = task_of(vote, **{name: asked[name] for name in ("email_to", "vote_duration")})
        return self.answer(task=task)


class ResolveVote(Endpoint):
    """Close the vote: passed leads to publication, failed and cancelled back to the draft.

    The first round of a podling that passes leads to the second at once, which the last four keys
    are about. A vote that people have counted elsewhere passes with the addresses of its thread
    and of the thread with its result, in the archive of the list.
    """

    policy = "releases.resolve_vote"
    access = Access.BEARER
    action = "vote.resolve"
    refuses = (404, 409)

    class Answer(Success):
        """The vote is closed."""

    class Ask(OfRelease):
        sample = OfRelease.sample | {"resolution": "passed"}
        resolution = serializers.ChoiceField(
            choices=[Outcome.PASSED.value, Outcome.FAILED.value, Outcome.CANCELLED.value]
        )
        vote_thread_url = Text(LONGEST_LINK, allow_null=True, default=None)
        vote_result_url = Text(LONGEST_LINK, allow_null=True, default=None)
        second_round_email_to = Address(allow_null=True, default=None)
        notify_when_finished = serializers.BooleanField(default=False)
        automatic_resolve_when_finished = serializers.BooleanField(default=False)
        automatic_publish_when_resolved = serializers.BooleanField(default=False)

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release = find_release(self, asked["project"], asked["version"])
        if release.phase != Phase.VOTE:
            raise Missing(f"There is no open vote on release {release.slug}")
        links = [asked[name] for name in ("vote_thread_url", "vote_result_url") if asked[name]]
        second = None
        if asked["resolution"] == Outcome.PASSED:
            to = asked["second_round_email_to"] or ""
            second = second_of(release, self.person, to=to, ending=_ending(asked))
            if second is not None:
                known = second_lists(release.committee)
                _require_known(request.user, second.recipients.everybody, known)
        release.resolve_vote(asked["resolution"], by=request.user, links=links, second=second)
        return self.answer()


class CastVote(Endpoint):
    """Vote, or change your vote, in the open vote on a release. The last one counts."""

    policy = "releases.cast_vote"
    access = Access.BEARER
    action = "vote.cast"
    refuses = (404, 409)

    class Ask(OfRelease):
        sample = OfRelease.sample | {"choice": "+1", "comment": "Builds, and the tests pass."}
        choice = serializers.ChoiceField(choices=Choice.values)
        comment = Text(LONGEST_COMMENT, allow_blank=True, default="")

    class Answer(Envelope):
        sample = {"receipt_email_to": ["dev@tool.apache.org", "alice@example.org"]}
        success = Always(True, YES)
        receipt_email_to = serializers.ListField(child=serializers.CharField())

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release = find_release(self, asked["project"], asked["version"])
        vote = release.vote
        if vote is None:
            raise NotReady((Obstacle("no_vote", f"There is no open vote on {release}."),))
        vote.cast(
            asked["choice"],
            by=request.user,
            manifest_digest=vote.manifest_digest,
            comment=asked["comment"],
        )
        to = (*vote.mail_to.seen, self.person.email)
        return self.answer(receipt_email_to=[each for each in dict.fromkeys(to) if each])


def _seen(release: Release, number: int | None) -> int:
    """The revision that is to be voted on: the one that was named, else the newest."""
    newest = release.newest
    if newest is None:
        raise BadInput("There are no files yet: upload the artifacts first.")
    seen = newest.number if number is None else number
    stale = [each for each in release.vote_obstacles(seen) if each.code == "newer_revision"]
    if stale:
        raise _as_known(NotReady(tuple(stale)))
    return seen


def _ending(asked: dict[str, Any]) -> Ending:
    """What is to happen by itself when the vote ends."""
    return Ending(
        auto_resolve=asked["automatic_resolve_when_finished"],
        auto_publish=asked["automatic_publish_when_resolved"],
        tell_end=asked["notify_when_finished"],
    )


def _noted(release: Release, rules: list[str]) -> list[str]:
    """The rules whose concerns have been read."""
    newest = release.newest
    if newest is not None and testing.concerns_are_read(release.committee.slug, rules):
        return [*rules, *newest.concerns]
    return rules


def _require_known(person: Any, addresses: Iterable[str], known: Collection[str]) -> None:
    """Clients know this refusal, and it comes before what the rules say."""
    if not all(may_be_told(person, each, known) for each in addresses):
        raise PermissionDenied("Invalid mailing list choice")


def _as_known(error: NotReady) -> NotReady | BadInput:
    """The refusal with the status, and of several the sentence, that clients know."""
    by_code = {each.code: each for each in error.obstacles}
    for code, sentence in KNOWN.items():
        if code in by_code:
            return NotReady((Obstacle(code, sentence),))
    if "no_files" in by_code:
        return BadInput(by_code["no_files"].text)
    return error

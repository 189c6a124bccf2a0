"""The vote: calling it, looking and voting, resolving it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from releases import forms, texts, verifying
from releases.models import Release, Vote
from releases.phases import Outcome, Phase
from releases.views.common import ReleasePage, ReleaseVerb
from trusted_releases.lib.views import SeeOther

FILES_SHOWN = 500


class CallVote(ReleaseVerb):
    """Put the newest revision to the vote: says what will happen, shows the mail, then does it."""

    policy = "releases.start_vote"
    form_class = forms.CallVote
    template_name = "releases/call_vote.html"
    done = "The vote has begun, and the mail is on its way."

    def run(self, **data: Any) -> None:
        self.object.start_vote(by=self.request.user, **data)

    def get_form_kwargs(self) -> dict[str, Any]:
        newest = self.object.newest
        return super().get_form_kwargs() | {"concerns": newest.concerns if newest else []}

    def get_initial(self) -> dict[str, Any]:
        release = self.object
        subject, body = texts.vote_mail(release, self.request.user)
        hours = release.project.rules.hours
        newest = release.newest
        number = newest.number if newest else None
        return {"revision": number, "hours": hours, "subject": subject, "body": body}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        release = self.object
        return super().get_context_data(**kwargs) | {
            "revision": release.newest,
            "obstacles": list(release.vote_obstacles()),
            "rules": release.project.rules,
        }

    def get_success_url(self) -> str:
        return reverse("releases:vote", args=self.object.url_args)


class VotePage(ReleasePage):
    """What is voted on, how to verify it on one's own machine, who said what, and one's ballot.

    Made for a stranger with five minutes: nothing on it needs an account but the ballot itself.
    """

    tab = "vote"
    template_name = "releases/vote.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        vote = _vote(self.object)
        mine = vote.ballot_of(self.request.user)
        initial = {"manifest_digest": vote.manifest_digest}
        if mine is not None:
            initial |= {"choice": mine.choice, "comment": mine.comment}
        return (
            vote_context(vote)
            | {
                "form": forms.Ballot(initial=initial, label_suffix=""),
                "mine": mine,
                "closed": list(vote.ballot_obstacles()),
            }
            | super().get_context_data(**kwargs)
        )


class Cast(ReleaseVerb):
    """A ballot: the form stands on the vote page, and refusals are shown there."""

    policy = "releases.cast_vote"
    form_class = forms.Ballot
    tab = "vote"
    template_name = "releases/vote.html"
    done = "Your vote is counted. You can change it until the vote ends."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return SeeOther(self.get_success_url())

    def run(self, **data: Any) -> None:
        _vote(self.object).cast(by=self.request.user, **data)

    def get_success_url(self) -> str:
        return reverse("releases:vote", args=self.object.url_args)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        vote = _vote(self.object)
        return vote_context(vote) | super().get_context_data(
            mine=vote.ballot_of(self.request.user), closed=list(vote.ballot_obstacles()), **kwargs
        )


class Resolve(ReleaseVerb):
    """End the vote with an outcome. Passed leads to publication; there is no way back from it."""

    policy = "releases.resolve_vote"
    form_class = forms.Resolve
    template_name = "releases/resolve.html"

    def run(self, outcome: str, seen: int, confirmed: bool = False) -> None:
        vote = self.object.resolve_vote(
            outcome, by=self.request.user, seen=seen, confirmed=confirmed
        )
        self.done = f"The vote is resolved: {vote.get_outcome_display().lower()}."

    def get_form_kwargs(self) -> dict[str, Any]:
        vote = _vote(self.object)
        return super().get_form_kwargs() | {
            "ask_again": vote.pause_on_minus_one and vote.has_minus_one
        }

    def get_initial(self) -> dict[str, Any]:
        return {"seen": _vote(self.object).number}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        vote = _vote(self.object)
        closed = self.object.phase != Phase.VOTE
        obstacles = list(self.object.resolve_obstacles(Outcome.CANCELLED)) if closed else []
        context = vote_context(vote) | {"obstacles": obstacles}
        return context | super().get_context_data(**kwargs)


class Ballots(ReleasePage):
    """The count and the ballots as they are now, asked for every few seconds by the vote page."""

    template_name = "releases/_ballots.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return vote_context(_vote(self.object)) | super().get_context_data(**kwargs)


def _vote(release: Release) -> Vote:
    """The latest vote; an address of a vote that was never called is not found."""
    vote = release.vote
    if vote is None:
        raise Http404(f"No vote has been called on {release}.")
    vote.release = release
    vote.revision.release = release
    return vote


def vote_context(vote: Vote) -> dict[str, Any]:
    """What every page about a vote shows: its files, its ballots, its count."""
    binding = vote.binding_names() if not vote.counted else set(vote.counted["binding_voters"])
    ballots = [
        {"ballot": each, "binding": each.voter.username in binding}
        for each in vote.latest_ballots()
    ]
    entries = list(vote.revision.entries[:FILES_SHOWN])
    return {
        "vote": vote,
        "revision": vote.revision,
        "entries": entries,
        "verify": verifying.of_candidate(vote.release, vote.revision, entries),
        "ballots": ballots,
        "tally": vote.counted["tally"] if vote.counted else vote.tally(),
        "earlier": vote.release.votes.exclude(pk=vote.pk),
        "is_open": vote.outcome == Outcome.OPEN,
        "over": vote.is_over(),
    }

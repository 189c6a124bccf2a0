"""The page of a vote: what is voted on, the ballots, and one's own."""

import hashlib
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.generic import DetailView

from releases import forms, texts, verifying
from releases.comparing import Comparison, compare
from releases.counting import Count, Standing
from releases.models import Release, Vote
from releases.phases import Outcome, Phase
from releases.querysets import ReleaseQuerySet
from releases.reading_page import thread_context
from releases.views.common import SOURCE, OneRelease, ReleaseVerb
from trusted_releases.lib.views import STOP_POLLING, SeeOther

FILES_SHOWN = 12  # rows of the table of files; the revision's page has more
SAME = 204  # htmx leaves the page as it is


class OneVote(OneRelease):
    """Finds the vote with the number of the address, or the latest one.

    A vote is public for good: who followed the link in a mail still finds its result when the
    release has gone back to composing, and is not public itself any more.
    """

    vote: Vote

    def get_queryset(self) -> ReleaseQuerySet:
        called = Vote.objects.filter(release=OuterRef("pk"))
        known = Release.objects.known_to(self.request.user)
        return known.filter(Exists(called)).select_related(
            "project__committee__parent", "project__policy", "candidate", SOURCE
        )

    def get_object(self, queryset: Any = None) -> Release:
        release = super().get_object(queryset)
        self.vote = vote_of(release, self.kwargs.get("number"))
        return release

    @property
    def is_hidden(self) -> bool:
        """Whether the release itself may not be seen by who sees its vote."""
        if self.object.phase != Phase.COMPOSE:
            return False
        visible = Release.objects.visible_to(self.request.user)
        return not visible.filter(pk=self.object.pk).exists()


def asked_in(vote: Vote) -> dict[str, Any]:
    """What the form of a ballot says and asks in this vote alone."""
    return {"items": vote.items, "embargoed": vote.release.embargoed}


class VotePage(OneVote, DetailView):
    """What is voted on, how to verify it on one's own machine, who said what, and one's ballot.

    Made for a stranger with five minutes: nothing on it needs an account but the ballot itself.
    """

    policy: ClassVar[str] = "public"
    tab = "vote"
    template_name = "releases/vote.html"
    context_object_name = "release"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = self.vote.ballot_of(self.request.user)
        initial: dict[str, Any] = {"manifest_digest": self.vote.manifest_digest}
        if mine is not None:
            initial |= mine.says
        else:
            initial["comment"] = texts.comment_of(self.vote)
        form = forms.Ballot(initial=initial, label_suffix="", **asked_in(self.vote))
        return page_context(self) | {"form": form} | super().get_context_data(**kwargs)


class Cast(OneVote, ReleaseVerb):
    """A ballot: the form stands on the vote page, and refusals are shown there."""

    policy = "releases.cast_vote"
    action = "vote.cast"
    form_class = forms.Ballot
    tab = "vote"
    template_name = "releases/vote.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return SeeOther(self.vote.get_absolute_url())

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | asked_in(self.vote)

    def run(self, **data: Any) -> None:
        ballot = self.vote.cast(by=self.request.user, **data)
        self.done = (
            f"Your {ballot.choice} is counted in vote {self.vote.number}, and is on its way to "
            "the list. To change it, vote again before the vote ends: the last one counts."
        )

    def get_success_url(self) -> str:
        return f"{self.vote.get_absolute_url()}#ballot"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return page_context(self) | super().get_context_data(**kwargs)


class Ballots(OneVote, DetailView):
    """The count and the ballots as they are now, asked for every few seconds by the vote page.

    When nothing has changed there is nothing to swap; when the vote is resolved, nothing more to
    ask.
    """

    policy: ClassVar[str] = "public"
    template_name = "releases/_ballots.html"
    context_object_name = "release"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return count_context(self) | super().get_context_data(**kwargs)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if self.request.GET.get("seen") == context["seen"]:
            return HttpResponse(status=SAME)
        response = super().render_to_response(context, **kwargs)
        if not context["is_open"]:
            response.status_code = STOP_POLLING
        return response


class Script(OneVote, DetailView):
    """The script that verifies the files of this vote, as a file."""

    policy: ClassVar[str] = "public"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if self.is_hidden:
            raise Http404("The files of this vote are not public any more.")
        entries = list(self.vote.revision.entries)
        return as_script(verifying.script_of_candidate(self.vote, entries))


def as_script(script: verifying.Script) -> HttpResponse:
    """A script to read before one runs it: text, with a name for those who keep it."""
    headers = {
        "Content-Disposition": 'inline; filename="verify.sh"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(script.text, "text/plain; charset=utf-8", headers=headers)


def vote_of(release: Release, number: int | None = None) -> Vote:
    """The vote of this number, or the latest; a vote that was never called is not found."""
    votes = release.votes.select_related("revision", "called_by", "resolved_by")
    if number is None:
        vote = votes.order_by("-number").first()
        if vote is None:
            raise Http404(f"No vote has been called on {release}.")
    else:
        vote = get_object_or_404(votes, number=number)
    vote.release = release
    vote.revision.release = release
    return vote


def count_context(page: OneVote) -> dict[str, Any]:
    """What changes while people vote: the count, the ballots, the time that is left."""
    vote, asked = page.vote, page.request.GET
    count = Count.of(vote)
    rows = count.page(asked.get("page"), asked.get("ballot"))
    return {
        "vote": vote,
        "count": count,
        "tally": count.tally,
        "page_obj": rows,
        "is_open": vote.outcome == Outcome.OPEN,
        "over": vote.is_over(),
        "seen": hashlib.sha256(f"{count.told}{rows.number}".encode()).hexdigest()[:16],
    }


def page_context(page: OneVote) -> dict[str, Any]:
    """What a page about a vote shows: its files, its ballots, its count, its neighbours."""
    vote = page.vote
    hidden = page.is_hidden
    entries = list(vote.revision.entries[: verifying.MOST + 1])
    context = count_context(page)
    others = list(vote.release.votes.exclude(pk=vote.pk).select_related("revision"))
    before = next((each for each in others if each.number < vote.number), None)
    return context | {
        "revision": vote.revision,
        "entries": entries[:FILES_SHOWN],
        "verify": verifying.of_candidate(vote.release, vote.revision, entries),
        "script": verifying.script_of_candidate(vote, entries),
        "script_commands": verifying.fetched(
            "releases:vote-script", *vote.release.url_args, vote.number
        ),
        "mine": vote.ballot_of(page.request.user),
        "closed": list(vote.ballot_obstacles()),
        "carried": context["count"].carried_of(page.request.user),
        "standing": Standing.of(vote, page.request.user, context["count"].binding),
        "others": others,
        "newer": next((each for each in others if each.number > vote.number), None),
        "before": before,
        "changes": _since(vote, before),
        "again": vote.earlier_ballot_of(page.request.user) if is_open_for(context) else None,
        "hidden": hidden,
        **mail_context(page),
    }


def is_open_for(context: dict[str, Any]) -> bool:
    """Whether ballots may still come."""
    return bool(context["is_open"] and not context["over"])


def mail_context(page: OneVote) -> dict[str, Any]:
    """The thread on the list, and the mail of the person who looks, if it is a vote."""
    vote = page.vote
    context = thread_context(vote)
    reading, person = context["reading"], page.request.user
    entry = reading.entry_of(person.username) if reading and person.is_authenticated else None
    return context | {
        "my_mail": entry,
        "may_read": not any(vote.reading_obstacles()),
    }


def _since(vote: Vote, before: Vote | None) -> Comparison | None:
    if before is None:
        return None
    return compare(vote.release, before.revision.number, vote.revision.number)

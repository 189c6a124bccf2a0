"""Calling a vote: the page says what will happen and shows the mail, then it is done."""

from typing import Any

from django.core.mail import EmailMessage
from django.urls import reverse

from projects.models import VoteMode
from releases import forms_calling
from releases.comparing import compare
from releases.views.mails import MailVerb, Preview, as_email

UNDO = (
    "cancel the vote. The files can then be changed again, and the list is told. The mail itself "
    "cannot be called back, and the number of the vote is not used again."
)
UNDO_AMONG_PEOPLE = (
    "cancel the vote, and tell the list. The files can then be changed again; the number of the "
    "vote is not used again."
)


class CallVote(MailVerb):
    """Put the newest revision to the vote: says what will happen, shows the mail, then does it."""

    policy = "releases.start_vote"
    action = "vote.start"
    form_class = forms_calling.CallVote
    template_name = "releases/call_vote.html"

    def run(self, **data: Any) -> None:
        vote = self.object.start_vote(by=self.request.user, **data)
        self.done = (
            f"Vote {vote.number} has begun, and the mail is on its way. To take it back, cancel "
            "the vote: the files can then be changed again, and the list is told."
        )

    def email(self, form: Any) -> EmailMessage | None:
        return as_email(form, form.recipients(), thread=True)

    def get_form_kwargs(self) -> dict[str, Any]:
        newest = self.object.newest
        return super().get_form_kwargs() | {
            "release": self.object,
            "person": self.request.user,
            "concerns": newest.concerns if newest else [],
        }

    def get_initial(self) -> dict[str, Any]:
        release = self.object
        newest = release.newest
        return {
            "revision": newest.number if newest else None,
            "number": release.last_vote + 1,
            "hours": release.rules.hours,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        release = self.object
        rules = release.rules
        before = release.vote
        since = (before.revision.number, release.last_revision) if before else None
        return super().get_context_data(
            revision=release.newest,
            obstacles=list(release.vote_obstacles()),
            rules=rules,
            number=release.last_vote + 1,
            people_send=rules.vote_mode == VoteMode.MANUAL,
            undo=UNDO_AMONG_PEOPLE if rules.vote_mode == VoteMode.MANUAL else UNDO,
            before=before,
            changes=compare(release, *since) if since else None,
            **kwargs,
        )

    def get_success_url(self) -> str:
        return reverse("releases:vote", args=self.object.url_args)


class CallVotePreview(Preview, CallVote):
    """The mail that would call the vote, as it is being written."""

    def page(self) -> str:
        return reverse("releases:call-vote", args=self.object.url_args)

"""Resolving a vote: the count, what is missing, and the mail that tells the result."""

import copy
from typing import Any

from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.timezone import now

from releases import mail, texts
from releases.forms_resolve import Resolve
from releases.phases import Outcome, Phase
from releases.reading_page import shown, thread_context
from releases.second import second_of
from releases.views.mails import MailVerb, Preview
from releases.views.vote import OneVote, count_context

MAILS_SHOWN = 50  # the page of the thread has them all

# What each outcome leads to, and what becomes of the numbers.
FOLLOWS = {
    Outcome.PASSED: "These files, and no others, can be published. There is no way back.",
    Outcome.FAILED: "The release is a draft again. Change its files and call another vote; this "
    "vote keeps its number and its page, and no number is used twice.",
    Outcome.CANCELLED: "The release is a draft again, as after a failed vote, but no result is "
    "claimed: for a wrong file, or a mail that went out too early.",
}
NEXT = {
    Outcome.PASSED: "The files can be published now.",
    Outcome.FAILED: "The release is a draft again: change its files, and call another vote.",
    Outcome.CANCELLED: "The release is a draft again, and another vote can be called.",
}


class ResolveVote(OneVote, MailVerb):
    """End the vote with an outcome. Passed leads to publication; there is no way back from it."""

    policy = "releases.resolve_vote"
    action = "vote.resolve"
    form_class = Resolve
    template_name = "releases/resolve.html"
    tab = "vote"

    def run(self, outcome: str, seen: int, typed: str = "", **said: Any) -> None:
        asked = {"to": said.pop("second_to", ""), "ending": said.pop("ending")}
        if outcome == Outcome.PASSED:
            said["second"] = second_of(self.object, self.request.user, **asked)
        vote = self.object.resolve_vote(outcome, by=self.request.user, seen=seen, **said)
        told = vote.get_outcome_display().lower()
        follows = NEXT[Outcome(outcome)]
        if said.get("second"):
            above = self.object.committee.parent
            follows = f"The second round has begun, as vote {vote.number + 1}: {above} votes now."
        self.done = f"Vote {vote.number} is resolved: {told}. {follows}"

    def email(self, form: Any) -> EmailMessage | None:
        """The result as the list would read it, counted at this moment."""
        asked = form["outcome"].value()
        if asked not in FOLLOWS or self.vote.outcome != Outcome.OPEN:
            return None
        vote = copy.copy(self.vote)
        vote.settle(asked, self.request.user, now())
        if asked == Outcome.PASSED:
            form.second_email = self.second_email(
                form["second_to"].value() if vote.is_first else ""
            )
        told = texts.result_mail(vote)
        return mail.preview(self.request.user, *told, vote.mail_to, thread=True)

    def second_email(self, to: str | None) -> EmailMessage | None:
        """The mail that would call the second round, where one follows."""
        second = second_of(self.object, self.request.user, to=to or "")
        if second is None:
            return None
        told = second.subject, second.body
        return mail.preview(self.request.user, *told, second.recipients, thread=True)

    def get_form_kwargs(self) -> dict[str, Any]:
        ask_again = self.vote.pause_on_minus_one and self.vote.has_minus_one
        return super().get_form_kwargs() | {
            "release": self.object,
            "vote": self.vote,
            "person": self.request.user,
            "ask_again": ask_again,
        }

    def get_initial(self) -> dict[str, Any]:
        """What the count suggests: a pass where there is one, a failure when it is over."""
        passes = self.vote.outcome == Outcome.OPEN and self.vote.tally().passes
        likely = Outcome.PASSED if passes else Outcome.FAILED if self.vote.is_over() else ""
        reading = self.vote.reading
        seen = {"seen": self.vote.number, "reading": reading.pk if reading else None}
        return seen | {"outcome": likely}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        closed = self.object.phase != Phase.VOTE
        obstacles = list(self.object.resolve_obstacles(Outcome.CANCELLED)) if closed else []
        return super().get_context_data(
            **count_context(self),
            **self.mails(),
            obstacles=obstacles,
            follows=self.follows(),
            people_send=self.vote.is_counted_elsewhere,
            **kwargs,
        )

    def mails(self) -> dict[str, Any]:
        """What counts of the thread and what does not, before anybody ends the vote on it."""
        if not self.vote.is_by_mail:
            return {}
        context = thread_context(self.vote)
        entries = shown(context["mail_entries"][:MAILS_SHOWN], self.vote.binding_names())
        return context | {
            "mails": entries,
            "more_mails": len(context["mail_entries"]) - len(entries),
            "may_read": not any(self.vote.reading_obstacles()),
        }

    def follows(self) -> list[dict[str, Any]]:
        """Each outcome: what it leads to, and what stands in its way at this moment."""
        return [
            {
                "outcome": outcome,
                "label": outcome.label,
                "leads": self.leads(outcome, leads),
                "obstacles": list(self.object.resolve_obstacles(outcome)),
            }
            for outcome, leads in FOLLOWS.items()
        ]

    def leads(self, outcome: Outcome, otherwise: str) -> str:
        above = self.object.committee.parent
        if outcome == Outcome.PASSED and self.vote.is_first:
            return (
                f"The second round begins at once: {above} votes on these files. Nothing is "
                "published before that has passed as well."
            )
        return otherwise


class ResolvePreview(Preview, ResolveVote):
    """The mail that would tell the result, for the outcome that is chosen."""

    def page(self) -> str:
        return reverse("releases:resolve", args=self.object.url_args)

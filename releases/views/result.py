"""The result of a vote: a page for good, the bundle it follows from, and a script to count it."""

from pathlib import Path
from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.generic import DetailView

from releases import recount
from releases.texts import absolute
from releases.views.vote import OneVote
from releases.voices import counting, mail_of, ticked, voices

SCRIPT = Path(recount.__file__)


class ResultPage(OneVote, DetailView):
    """How a vote ended, who voted what, on what, by which rule; and how to count it again."""

    policy: ClassVar[str] = "public"
    tab = "vote"
    template_name = "releases/result.html"
    context_object_name = "release"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        vote = self.vote
        if not vote.counted:
            raise Http404("This vote is open: there is no result yet.")
        mail = mail_of(vote)
        return super().get_context_data(**kwargs) | {
            "vote": vote,
            "kept": vote.counted,
            "tally": vote.counted["tally"],
            "digest": vote.bundle_digest,
            "voices": voices(vote),
            "first": vote.first_round,
            "first_voices": voices(vote.first_round) if vote.first_round else [],
            "second": vote.second_round,
            "points": ticked(vote),
            "mail": mail,
            "mail_votes": len(counting(mail)),
            "commands": self.commands(),
            "hidden": self.is_hidden,
        }

    def commands(self) -> str:
        args = [*self.object.url_args, self.vote.number]
        bundle = absolute(reverse("releases:bundle", args=args))
        script = absolute(reverse("releases:recount", args=args))
        return f"curl -fsSO {bundle}\ncurl -fsSO {script}\npython3 -I recount.py result.json"


class Bundle(OneVote, DetailView):
    """The result with all that it follows from, in canonical JSON: the bytes that its digest is of.

    It never changes, so that who has it need not ask again.
    """

    policy: ClassVar[str] = "public"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if not self.vote.counted:
            raise Http404("This vote is open: there is no result yet.")
        digest = self.vote.bundle_digest
        headers = {
            "Content-Disposition": 'inline; filename="result.json"',
            "X-Content-Type-Options": "nosniff",
            "ETag": f'"{digest}"',
            "Access-Control-Allow-Origin": "*",
        }
        return HttpResponse(self.vote.bundle, "application/json", headers=headers)


class RecountScript(OneVote, DetailView):
    """The script that counts a bundle again, to read before one runs it."""

    policy: ClassVar[str] = "public"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        headers = {
            "Content-Disposition": 'inline; filename="recount.py"',
            "X-Content-Type-Options": "nosniff",
        }
        return HttpResponse(SCRIPT.read_bytes(), "text/plain; charset=utf-8", headers=headers)

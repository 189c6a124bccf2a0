"""The thread of a vote, line by line: what counts, what does not, and why."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.views.generic import DetailView

from projects.roles import SEES_EMBARGOED
from releases.models import Release
from releases.reading_page import shown, thread_context
from releases.views.common import ReleaseVerb
from releases.views.vote import OneVote
from trusted_releases.lib.views import granted

PER_PAGE = 50


class ThreadPage(OneVote, DetailView):
    """Every mail of the thread that holds a vote, or what looks like one."""

    policy: ClassVar[str] = "public"
    tab = "vote"
    template_name = "releases/thread.html"
    context_object_name = "release"

    def get_object(self, queryset: Any = None) -> Release:
        release = super().get_object(queryset)
        person, committee = self.request.user, release.committee
        if self.vote.is_on_private_list and not granted(person, SEES_EMBARGOED, committee):
            raise PermissionDenied(
                f"This thread is on the private list of {committee}: its members read it. The vote "
                "and its result stand on their own pages."
            )
        return release

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | page_context(self, self.request.GET.get("page"))


class ReadThread(OneVote, ReleaseVerb):
    """Have the thread read now; the page of the thread tells what came of it."""

    policy = "releases.resolve_vote"
    tab = "vote"
    template_name = "releases/thread.html"
    done = "The thread is being read. This page shows what counts as soon as that is done."

    def run(self) -> None:
        self.vote.read_thread(by=self.request.user)

    def get_success_url(self) -> str:
        return f"{self.vote.get_absolute_url()}thread/"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | page_context(self)


def page_context(page: OneVote, number: Any = None) -> dict[str, Any]:
    """The thread, and a page of its mails."""
    vote = page.vote
    context = thread_context(vote)
    pages = Paginator(context["mail_entries"], PER_PAGE)
    rows = pages.get_page(number)
    binding = set(vote.counted["binding_voters"]) if vote.counted else vote.binding_names()
    rows.object_list = shown(list(rows.object_list), binding)
    return context | {
        "vote": vote,
        "page_obj": rows,
        "may_read": not any(vote.reading_obstacles()),
        "hidden": page.is_hidden,
    }

"""What differs inside an archive between two revisions, member by member."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import FormView

from checks.engine.inside.child import MOST
from checks.models import Comparison
from checks.models.inside import MAY, WORDS
from checks.pairs import NoPair, pair_of
from releases.models import Revision
from releases.views.common import ReleaseVerb
from trusted_releases.lib.paging import CappedPaginator
from trusted_releases.lib.views import PER_PAGE, granted


class Inside(ReleaseVerb):
    """Everybody who sees the two revisions sees what was found; accounts can have it looked for.

    Of an archive under another name than before, `?was=` has the old one.
    """

    policy = MAY
    action = "archives.compare"
    template_name = "checks/inside.html"
    tab = "revisions"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return FormView.get(self, request, *args, **kwargs)  # who may ask is said on the page

    def run(self) -> None:
        self.comparison.ask(self.object, self.kwargs["path"], by=self.request.user)

    def get_success_url(self) -> str:
        there = reverse(
            "checks:inside", args=[*self.object.url_args, self.number, self.kwargs["path"]]
        )
        query = self.request.GET.urlencode()
        return f"{there}?{query}" if query else there

    @cached_property
    def number(self) -> int:
        number: int = self.kwargs["number"]
        if not Revision.objects.filter(release=self.object, number=number).exists():
            raise Http404(f"{self.object} has no revision {number}.")
        return number

    @cached_property
    def against(self) -> int:
        """The older revision: `?against=`, else the one before."""
        asked = self.request.GET.get("against", "")
        if not asked:
            return self.number - 1
        if not asked.isdecimal() or len(asked) > 9 or int(asked) > self.object.last_revision:
            raise Http404(f"{self.object} has no revision {asked[:20]} to compare with.")
        return int(asked)

    @cached_property
    def was(self) -> str:
        """The archive's path in the older revision."""
        path: str = self.kwargs["path"]
        asked = self.request.GET.get("was", "").replace("\0", "")  # which no database takes
        return asked[:1024] or path

    @cached_property
    def comparison(self) -> Comparison:
        try:
            return pair_of(self.object, self.number, self.kwargs["path"], self.against, self.was)
        except NoPair as error:
            raise Http404(str(error)) from error

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, show = self.comparison, self.request.GET.get("show", "")
        page = None
        if row.is_done:
            lines = row.lines.filter(change=show) if show in WORDS else row.lines.all()
            page = CappedPaginator(lines, PER_PAGE).get_page(self.request.GET.get("page"))
        kept = self.request.GET.copy()
        kept.pop("page", None)
        return super().get_context_data(**kwargs) | {
            "path": self.kwargs["path"],
            "was": self.was,
            "number": self.number,
            "against": self.against,
            "comparison": row,
            "same": row.old_id == row.new_id,
            "in_hand": row.is_in_hand,
            "page_obj": page,
            "kept": kept.urlencode(),
            "chips": self._chips(show),
            "told": min(row.count, MOST),
            "most": MOST if row.count > MOST else 0,
            "may_ask": granted(self.request.user, MAY, self.object),
            "here": self.get_success_url(),
        }

    def _chips(self, show: str) -> list[dict[str, Any]]:
        """The kinds of difference to choose from, and all of them."""
        query = self.request.GET.copy()
        for name in ("page", "show"):
            query.pop(name, None)
        row = self.comparison
        found = [("", "all", row.count), *row.named]
        return [
            {
                "label": word,
                "url": f"?{urlencode({**query.dict(), **({'show': kind} if kind else {})})}",
                "count": count,
                "current": kind == show,
            }
            for kind, word, count in found
        ]

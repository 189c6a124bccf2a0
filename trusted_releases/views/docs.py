"""The guides as pages: a start page, one page for each, and search in them."""

from typing import Any, ClassVar

from django.http import Http404
from django.views.generic import TemplateView

from trusted_releases import guides

LONGEST_QUESTION = 200  # characters
MOST_HITS = 30


class Guides(TemplateView):
    """One guide with its place among the others; without a name, the first page."""

    policy: ClassVar[str] = "public"
    template_name = "site/docs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            shown = guides.guide(self.kwargs.get("page", guides.START))
        except KeyError:
            raise Http404("There is no such guide. All of them are listed at /docs/.") from None
        asked = self.request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUESTION]
        return super().get_context_data(**kwargs) | {
            "guide": shown,
            "sections": guides.sections(),
            "asked": asked,
            "hits": guides.search(asked.casefold().split(), MOST_HITS),
            **shown.neighbours,
        }

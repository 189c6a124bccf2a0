"""Search over all that has a name or a digest."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.views.generic import TemplateView

from trusted_releases import guides
from trusted_releases.lookup import KINDS, Lookup
from trusted_releases.questions import LONGEST, read

GUIDES_SHOWN = 3
LONGEST_SHOWN = 40  # characters of the question in a message


class Search(TemplateView):
    """Results by kind. What is named exactly, and by nothing else, is gone to at once.

    `all` shows the results all the same; `kind` and `page` show more of one kind.
    """

    policy: ClassVar[str] = "public"
    template_name = "site/search.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.lookup = Lookup(read(request.GET.get("q", "")), request.user)
        if not {"all", "kind"} & set(request.GET):
            landings = self.lookup.landings()
            if len(landings) == 1:
                return self.land(*landings.popitem())
        return super().get(request, *args, **kwargs)

    def land(self, url: str, what: str) -> HttpResponse:
        text = self.lookup.question.text
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
        others = f"{reverse('search')}?{urlencode({'q': text, 'all': 1})}"
        said = format_html('“{}” is {}. <a href="{}">Other results</a>', shown, what, others)
        messages.info(self.request, said)
        return HttpResponseRedirect(url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        question = self.lookup.question
        kind = self.request.GET.get("kind")
        one = self.lookup.group(kind, self.page) if kind in KINDS else None
        groups = ([one] if one.rows else []) if one else self.lookup.groups()
        return super().get_context_data(**kwargs) | {
            "question": question,
            "searched": question.text,
            "longest": LONGEST,
            "groups": groups if question.text else [],
            "one": one,
            "other_content": self.lookup.is_other_content,
            "hits": guides.search([word.casefold() for word in question.words], GUIDES_SHOWN),
        }

    @property
    def page(self) -> int:
        asked = self.request.GET.get("page", "")
        return int(asked) if asked.isdecimal() and len(asked) < 4 else 1

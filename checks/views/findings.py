"""The findings of a revision: what is new first, filtered as the reader likes, page by page."""

from typing import Any

from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from checks.asking import WHOLE, Asked
from checks.comparing import Comparison, comparisons_of, kept
from checks.listing import ITEMS, Listing, blocks_of
from checks.models import WORST_FIRST, Run, ignored_in
from checks.views.common import OneRevision

FIXED = 20  # sentences; the page of the other revision has them all


class Findings(OneRevision):
    """All findings of one revision, each with where, why, and how to see it oneself."""

    tab = "findings"
    template_name = "checks/findings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        asked = Asked.of(self.request.GET)
        if self.run is None:
            return context | {"asked": asked}
        # What is ignored is looked at as it is: nobody asks which of it is new.
        comparisons = [] if asked.ignored else list(comparisons_of(self.run))
        comparison = _chosen(comparisons, asked.since)
        listing = Listing(self.run, asked, comparison)
        page = listing.page(self.request.GET.get("page"))
        return context | {
            "asked": listing.asked,
            "everything": asked.wider(),
            "counting": asked.but(ignored=""),
            "gathered": asked.but(every=""),
            "all": listing.number,
            "ignored": ignored_in(self.run),
            "choose_file": True,
            "comparison": comparison,
            "comparisons": [(each, asked.but(since=each.kind)) for each in comparisons],
            "listing": listing,
            "blocks": blocks_of(list(page.object_list), listing),
            "page_obj": page,
            "kept": listing.asked.but()[1:],
            "fixed": _gathered(comparison) if comparison else (),
            "errors": self.run.errors(),
        }


def _gathered(comparison: Comparison) -> list[dict[str, Any]]:
    """What was fixed, each sentence about a file once, with how many members it was about."""
    runs = [comparison.run, comparison.other]
    found: list[dict[str, Any]] = kept(runs, "gathered", lambda: _gather(comparison))
    return found


def _gather(comparison: Comparison) -> list[dict[str, Any]]:
    rows = comparison.fixed().order_by().values("level", "path", "message")
    rows = rows.annotate(count=Count("pk"), member=Min("member"), rank=WORST_FIRST)
    return list(rows.order_by("rank", "path", "message")[:FIXED])


def _chosen(comparisons: list[Comparison], kind: str) -> Comparison | None:
    """The one that was asked for; else the first, which is with the previous revision."""
    wanted = [each for each in comparisons if each.kind == kind]
    return next(iter(wanted or comparisons), None)


class OneFinding(OneRevision):
    """A short address for one finding, which stays good: it leads to the finding on its page.

    Where the revision no longer has it, it leads to the latest one that had it.
    """

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        mark = self.kwargs["mark"]
        runs = Run.objects.filter(revision__release=self.object)
        if self.revision is not None:
            runs = runs.filter(revision__number__lte=self.revision.number)
        run = (
            runs.filter(results__findings__mark=mark)
            .select_related("revision")
            .order_by("-revision__number")
            .first()
        )
        if run is None:
            raise Http404(f"No revision of {self.object} has this finding.")
        return HttpResponseRedirect(self._address(run, mark))

    def _address(self, run: Run, mark: str) -> str:
        """The page of the file's findings of this rule, one by one, where this one is."""
        finding = run.findings.filter(mark=mark).order_by("pk")[0]
        asked = Asked(
            rule=finding.rule,
            file=finding.path or WHOLE,
            every="yes",
            ignored="yes" if run.findings.filter(run.hidden, pk=finding.pk).exists() else "",
            revision=str(run.revision.number),
        )
        comparison = None if asked.ignored else next(comparisons_of(run), None)
        listing = Listing(run, asked, comparison)
        page = listing.place_of(finding) // ITEMS + 1
        where = reverse("checks:findings", args=self.object.url_args)
        return f"{where}{asked.but()}&page={page}#finding-{mark}"

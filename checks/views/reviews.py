"""A person's own reviews: having a candidate from elsewhere checked, and what was found."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import DetailView, View

from checks import review_files
from checks.asking import WHOLE
from checks.engine.model import Finding, Level
from checks.forms_review import FetchForReview, UploadForReview
from checks.models import Review
from checks.models.review import MAY, ReviewQuerySet, new_key
from checks.review_files import Stored
from checks.review_report import Report
from projects.lifecycle import authorise, require
from releases.intake import Receiver, parse, placed, require_token
from releases.texts import absolute
from trusted_releases.ledger.models import Event
from trusted_releases.lib.errors import Refused
from trusted_releases.lib.views import Listing, Refusing, SeeOther

ITEMS = 25  # findings on a page
FILES = 100  # that are listed at once; all can be chosen by their findings
HIDDEN = "noindex, nofollow"


class Own(LoginRequiredMixin):
    """For the person themself: nobody reads it who acts in their name, and no robot."""

    policy: ClassVar[str] = MAY
    request: HttpRequest
    kwargs: dict[str, Any]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not request.user.has_perm(self.policy, request.user):
            raise PermissionDenied(
                "Reports on candidates are for the person alone. End acting on behalf first."
            )
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        answer.headers["X-Robots-Tag"] = HIDDEN
        return answer

    def mine(self) -> ReviewQuerySet:
        return Review.objects.of(self.request.user)

    def one(self) -> Review:
        """The review of this key, if it is this person's. Else there is none."""
        found: Review = get_object_or_404(self.mine(), key=self.kwargs["key"])
        return found


class Reviews(Own, Listing):
    """What the person has had checked, newest first, and the two ways to have more."""

    template_name = "checks/reviews.html"
    context_object_name = "reviews"

    def get_queryset(self) -> ReviewQuerySet:
        return self.mine().for_listing()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | limits()


def limits() -> dict[str, Any]:
    """What pages tell of how much may be checked."""
    return {
        "most": settings.MAX_REVIEW_SIZE,
        "most_files": settings.MAX_REVIEW_FILES,
        "most_reviews": settings.MAX_REVIEWS,
        "days": settings.REVIEW_DAYS,
        "hosts": settings.IMPORT_HOSTS,
    }


class AskForReview(Own, Refusing):
    """One of the two forms. What cannot be done now is said before anything is filled in."""

    action = "review.ask"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        obstacles = () if self.refused else tuple(Review.obstacles(self.request.user))
        return super().get_context_data(**kwargs) | limits() | {"obstacles": obstacles}

    def ask(self, review: Review, *files: Stored) -> None:
        self.asked = review.ask(by=self.request.user, files=files)

    def get_success_url(self) -> str:
        return self.asked.address


class FetchReview(AskForReview):
    """Have a worker fetch what is at an address, and check it."""

    form_class = FetchForReview
    template_name = "checks/review_fetch.html"

    def run(self, **asked: Any) -> None:
        self.ask(Review(**asked))


@method_decorator(csrf_exempt, name="dispatch")
class UploadReview(AskForReview):
    """Take files, and have them checked.

    Exempt from Django's check against cross-site requests because that would read the body first;
    it is made here, when it is known who sends it and that they may.
    """

    form_class = UploadForReview
    template_name = "checks/review_upload.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Django's 403 and 404 look into the body for a token. They too must not read it.
        request.csrf_processing_done = True  # type: ignore[attr-defined]
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        receiver = Receiver(request, settings.MAX_REVIEW_SIZE)
        try:
            self._require_ready()
            parse(request, receiver)
            require_token(request)
            self._arrived = placed(receiver.arrived, {})
            form = self.get_form()
            return self.form_valid(form) if form.is_valid() else self.form_invalid(form)
        except Refused as error:
            return self.form_refused(self.form_class(label_suffix=""), error)
        finally:
            receiver.discard()

    def _require_ready(self) -> None:
        """Refuse what would be refused afterwards, before its bytes are read."""
        person = self.request.user
        try:
            authorise(person, MAY, person)  # type: ignore[arg-type]
            require(Review.obstacles(person))
        except Exception as error:
            about: Any = person
            Event.objects.record_refusal("ask", by=person, subject=about, error=error)
            raise

    def run(self, **asked: Any) -> None:
        key = new_key()
        try:
            files = [
                review_files.put(key, path, each.location, each.digest)
                for path, each in self._arrived
            ]
            self.ask(Review(key=key, **asked), *files)
        except BaseException:
            review_files.remove(key)
            raise


class ReviewPage(Own, DetailView):
    """The report, or how far it is."""

    template_name = "checks/review.html"
    context_object_name = "review"

    def get_object(self, queryset: Any = None) -> Review:
        return self.one()

    @cached_property
    def level(self) -> str:
        asked = self.request.GET.get("level", "")
        return asked if asked in list(Level) else ""

    @cached_property
    def path(self) -> str | None:
        """The file whose findings are asked for: `.` for the candidate as a whole."""
        asked = self.request.GET.get("file", "")[:1024]
        return None if not asked else "" if asked == WHOLE else asked

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | limits()
        review: Review = self.object
        if review.found is None:
            return context | {"in_hand": review.is_in_hand}
        return context | self._found(review.found)

    def _found(self, report: Report) -> dict[str, Any]:
        listed = report.asked_for(self.level, self.path)
        page = Paginator(listed, ITEMS).get_page(self.request.GET.get("page"))
        return {
            "report": report,
            "errors": list(report.errors),
            "files": report.files[:FILES],
            "more_files": max(0, len(report.files) - FILES),
            "chips": self._chips(report),
            "asked_file": self.path,
            "asked_level": self.level,
            "all_files": self._query(file=""),
            "found_all": len(report.findings),
            "page_obj": page,
            "findings": _under_files(list(page.object_list)),
            "kept": self._query()[1:],
        }

    def _query(self, **changes: str) -> str:
        asked = {"level": self.level, "file": "" if self.path is None else self.path or WHOLE}
        return "?" + urlencode({name: value for name, value in (asked | changes).items() if value})

    def _chips(self, report: Report) -> list[dict[str, Any]]:
        """Levels to choose from, and how many findings each would list."""
        return [
            {
                "label": str(level) or "all",
                "url": self._query(level=str(level)) + "#findings",
                "count": len(report.asked_for(str(level), self.path)),
                "current": level == self.level,
            }
            for level in ("", *reversed(Level))
        ]


def _under_files(findings: list[Finding]) -> list[tuple[str, list[Finding]]]:
    """The findings of a page under the file and level they are of, in their order."""
    found: list[tuple[str, list[Finding]]] = []
    for each in findings:
        if not found or (found[-1][0], found[-1][1][0].level) != (each.path, each.level):
            found.append((each.path, []))
        found[-1][1].append(each)
    return found


class ReviewJson(Own, View):
    """The report for programs, as the offline checks print it, marked as what it is."""

    kind: ClassVar[str] = "application/json"
    ending: ClassVar[str] = "json"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        review = self.one()
        if review.found is None:
            raise Http404("There is no report yet.")
        name = f"not-a-release-{review.pk}.{self.ending}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(self.content(review, review.found), self.kind, headers=headers)

    def content(self, review: Review, report: Report) -> bytes:
        return report.as_bytes()


class ReviewSarif(ReviewJson):
    """In the format that editors, code hosts and dashboards read."""

    kind = "application/sarif+json"
    ending = "sarif"

    def content(self, review: Review, report: Report) -> bytes:
        address = absolute(reverse("checks:rules"))
        run = f"not-a-release/{review.pk}"
        return report.as_sarif(version=settings.VERSION, address=address, run=run)


class DeleteReview(Own, Refusing):
    """Delete it now, after asking."""

    template_name = "checks/review_delete.html"
    done = "The report is deleted, with all that was kept of the files."

    @cached_property
    def review(self) -> Review:
        return self.one()

    def run(self) -> None:
        self.review.discard(by=self.request.user)

    def form_refused(self, form: Any, error: Refused) -> HttpResponse:
        return SeeOther(self.get_success_url())  # it was deleted meanwhile, which was the wish

    def get_success_url(self) -> str:
        return reverse("checks:reviews")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"review": self.review}

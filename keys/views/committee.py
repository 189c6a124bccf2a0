"""The pages about the keys of a committee: which there are, what they lack, coming and going."""

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.utils.timezone import now
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import TemplateView

from keys.care import ORDER, care_for
from keys.forms import ImportKeys
from keys.models import Certificate, KeyLink
from keys.report import ImportReport, Outcome
from keys.views.common import OfCommittee, keys_file_of
from projects.models import Committee
from trusted_releases.lib.views import Listing, VerbView, rights

CARES_SHOWN = 20


class CommitteeKeys(OfCommittee, Listing):
    """The keys that may sign a committee's releases; by fingerprint, key id or user id."""

    policy: ClassVar[str] = "public"
    template_name = "keys/committee.html"
    context_object_name = "links"

    def get_queryset(self) -> QuerySet[KeyLink]:
        self.committee = self.get_committee()
        links = self.committee.key_links.select_related("certificate__owner", "added_by")
        if words := self.asked():
            links = links.filter(certificate__in=Certificate.objects.known_as(words))
        return links.defer("certificate__armored").order_by("certificate__fingerprint")

    def asked(self) -> str:
        return self.request.GET.get("q", "").replace("\0", "").strip()[:200]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may = rights(self.request.user, self.committee, "keys.add_keys", "keys.manage_keys")
        frame = {
            "committee": self.committee,
            "may": may,
            "now": now(),
            "asked": self.asked(),
            "keys_file": keys_file_of(self.committee),
        }
        return super().get_context_data(**kwargs) | frame


class CommitteeCare(OfCommittee, TemplateView):
    """What there is to do for the keys of a committee: the worst first, each with its command."""

    policy: ClassVar[str] = "public"
    template_name = "keys/care.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        committee, at = self.get_committee(), now()
        links = committee.key_links.filter(retired_at=None).select_related("certificate__owner")
        # As many as a KEYS file may have, 500, and each is cheap: so all are looked at.
        rows: list[dict[str, Any]] = [
            {"key": link.certificate, "care": care}
            for link in links.defer("certificate__armored").order_by("certificate__fingerprint")
            if (care := care_for(link.certificate, at))
        ]
        rows.sort(key=lambda row: ORDER.index(row["care"][0].level))
        page = Paginator(rows, CARES_SHOWN).get_page(self.request.GET.get("page"))
        counts = {level: sum(row["care"][0].level == level for row in rows) for level in ORDER}
        frame = {
            "committee": committee,
            "page_obj": page,
            "counts": counts.items(),
            "total": len(links),
            "lacking": len(rows),
            "now": at,
        }
        return super().get_context_data(**kwargs) | frame


@method_decorator(sensitive_post_parameters("text"), name="dispatch")
class ImportPage(OfCommittee, VerbView):
    """Import keys, and see for each block of the file what became of it."""

    policy: ClassVar[str] = "keys.add_keys"
    action = "keys.upload"
    form_class = ImportKeys
    template_name = "keys/import.html"
    report: ImportReport | None = None

    def get_object(self, queryset: Any = None) -> Committee:
        return self.get_committee()

    def run(self, data: bytes, **rest: Any) -> None:
        self.report = Certificate.objects.import_keys(
            data, committee=self.object, by=self.request.user
        )

    def succeeded(self) -> HttpResponse:
        """The report is the page's answer: it is about this file, and kept nowhere."""
        return self.render_to_response(self.get_context_data(form=ImportKeys(label_suffix="")))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        frame: dict[str, Any] = {
            "committee": self.object,
            "report": self.report,
            "keys_file": keys_file_of(self.object),
        }
        if self.report:
            frame["refused_rows"] = self.report.of(Outcome.REFUSED)
        return super().get_context_data(**kwargs) | frame


class OneLink(VerbView):
    """A key of a committee, and something done to it."""

    def get_object(self, queryset: Any = None) -> KeyLink:
        links = KeyLink.objects.select_related("certificate", "committee")
        return get_object_or_404(
            links,
            committee__slug=self.kwargs["committee"],
            certificate__fingerprint=self.kwargs["fingerprint"].lower(),
        )

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class Unlink(OneLink):
    """Take a key from a committee, after asking."""

    policy: ClassVar[str] = "keys.manage_keys"
    template_name = "keys/unlink.html"
    done = (
        "The key may no longer sign this committee's releases. To undo this, let it sign again: "
        "the way there is on the key's own page."
    )

    def run(self, **data: Any) -> None:
        self.object.unlink(by=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"kept": self.object.signed_releases()}


class Link(OfCommittee, VerbView):
    """Let a key that is known sign for a committee, also one that had been taken from it."""

    policy: ClassVar[str] = "keys.add_keys"
    template_name = "keys/link.html"
    done = "The key signs for this committee from now on. To undo this, unlink it."

    def get_object(self, queryset: Any = None) -> Committee:
        known = Certificate.objects.select_related("owner")
        fingerprint = self.kwargs["fingerprint"].lower()
        self.certificate = get_object_or_404(known, fingerprint=fingerprint)
        return self.get_committee()

    def run(self, **data: Any) -> None:
        self.certificate.link(self.object, by=self.request.user)

    def get_success_url(self) -> str:
        return self.certificate.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        frame = {"committee": self.object, "certificate": self.certificate, "now": now()}
        return super().get_context_data(**kwargs) | frame

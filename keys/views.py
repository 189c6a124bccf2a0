"""The pages about keys: a committee's, one key's, import, unlink, and the KEYS file itself."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.utils.timezone import now
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import DetailView, View

from keys.forms import ImportKeys
from keys.models import Certificate, KeyLink, keys_document
from keys.report import ImportReport
from projects.models import Committee
from trusted_releases.ledger.models import Event
from trusted_releases.lib.errors import Refused
from trusted_releases.lib.views import Listing, VerbView, rights


class OfCommittee:
    """Finds the committee that the address names."""

    kwargs: dict[str, Any]

    def get_committee(self) -> Committee:
        return get_object_or_404(Committee, slug=self.kwargs["committee"])


class CommitteeKeys(OfCommittee, Listing):
    """The keys that may sign a committee's releases."""

    policy: ClassVar[str] = "public"
    template_name = "keys/committee.html"
    context_object_name = "links"

    def get_queryset(self) -> QuerySet[KeyLink]:
        self.committee = self.get_committee()
        links = self.committee.key_links.select_related("certificate", "added_by")
        return links.order_by("certificate__fingerprint")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may = rights(self.request.user, self.committee, "keys.add_keys", "keys.manage_keys")
        frame = {"committee": self.committee, "may": may, "now": now()}
        return super().get_context_data(**kwargs) | frame


class KeysDocument(OfCommittee, View):
    """The committee's KEYS file."""

    policy: ClassVar[str] = "public"

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        content = keys_document(self.get_committee())
        return HttpResponse(content, content_type="text/plain; charset=utf-8")


@method_decorator(sensitive_post_parameters("text"), name="dispatch")
class ImportPage(OfCommittee, VerbView):
    """Import keys, and see for each block of the file what became of it."""

    policy: ClassVar[str] = "keys.add_keys"
    form_class = ImportKeys
    template_name = "keys/import.html"
    report: ImportReport | None = None

    def get_object(self, queryset: Any = None) -> Committee:
        return self.get_committee()

    def form_valid(self, form: ImportKeys) -> HttpResponse:
        """The report is the page's answer: it is about this file, and kept nowhere."""
        try:
            self.report = Certificate.objects.import_keys(
                form.cleaned_data["data"], committee=self.object, by=self.request.user
            )
        except Refused as error:
            return self.form_refused(form, error)
        return self.render_to_response(self.get_context_data(form=ImportKeys(label_suffix="")))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        frame = {"committee": self.object, "report": self.report}
        return super().get_context_data(**kwargs) | frame


class Unlink(VerbView):
    """Take a key from a committee, after asking."""

    policy: ClassVar[str] = "keys.manage_keys"
    template_name = "keys/unlink.html"
    done = "The key may no longer sign this committee's releases."

    def get_object(self, queryset: Any = None) -> KeyLink:
        links = KeyLink.objects.select_related("certificate", "committee")
        return get_object_or_404(
            links,
            committee__slug=self.kwargs["committee"],
            certificate__fingerprint=self.kwargs["fingerprint"],
        )

    def run(self, **data: Any) -> None:
        self.object.unlink(by=self.request.user)

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class KeyDetail(DetailView):
    """One key: what it is, whose releases it may sign, and what happened to it."""

    policy: ClassVar[str] = "public"
    template_name = "keys/detail.html"
    context_object_name = "certificate"

    def get_object(self, queryset: Any = None) -> Certificate:
        return get_object_or_404(Certificate, fingerprint=self.kwargs["fingerprint"].lower())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        frame = {
            "links": self.object.links.select_related("committee", "added_by"),
            "events": Event.objects.about(self.object)[:20],
            "now": now(),
        }
        return super().get_context_data(**kwargs) | frame

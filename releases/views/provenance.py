"""The page that answers, for a signature that somebody has in their hands: whose is it?"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.generic import FormView

from keys.openpgp_judge import State
from releases.forms_provenance import ProvenanceForm
from releases.provenance import Claim, Provenance, trace
from trusted_releases.ledger.limits import TooMany, actor_of, spend
from trusted_releases.lib.addresses import address_of
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.views import UNUSABLE

ACTION = "provenance.page"
TOO_LARGE, TOO_OFTEN = 413, 429


@dataclass(frozen=True, slots=True)
class Answer:
    """One signature of the file in words: `level` as findings have it, a title, a sentence."""

    claim: Claim
    level: str
    title: str
    text: str


@method_decorator(csrf_exempt, name="dispatch")  # what is below asks, once the body may be read
class ProvenancePage(FormView):
    """Who signed this, with which key, for which committee and release. Nothing sent is kept.

    How often somebody may ask, and how much they may send, is looked at before the body is read.
    """

    policy: ClassVar[str] = "public"
    form_class = ProvenanceForm
    template_name = "releases/provenance.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            return super().dispatch(request, *args, **kwargs)
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_PROVENANCE_SIZE:
            return self.turned_away(_too_large(), TOO_LARGE)
        try:
            spend(actor_of(None, address_of(request)), ACTION)
        except TooMany as error:
            return self.turned_away(str(error), TOO_OFTEN)
        # Always on disk, never in memory, and gone with the request.
        request.upload_handlers = [TemporaryFileUploadHandler(request)]
        return self.guarded(request, *args, **kwargs)

    @method_decorator(csrf_protect)
    def guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **kwargs)

    def turned_away(self, said: str, status: int) -> HttpResponse:
        """The page with a sentence; what was sent has not been read."""
        frame = {"form": ProvenanceForm(label_suffix=""), "said": said, "view": self}
        return self.render_to_response(frame | self.limits(), status=status)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"label_suffix": ""}

    def form_valid(self, form: ProvenanceForm) -> HttpResponse:
        asked = form.cleaned_data
        artifact = asked["artifact"]
        path = Path(artifact.temporary_file_path()) if artifact is not None else None
        try:
            found = trace(asked["content"], by=self.request.user, artifact=path)
        except BadInput as error:
            form.add_error("signature" if asked["signature"] is not None else "text", str(error))
            return self.form_invalid(form)
        return self.render_to_response(
            self.get_context_data(
                form=ProvenanceForm(label_suffix=""),
                found=found,
                answers=list(answers(found)),
                name=artifact.name if artifact is not None else "",
            )
        )

    def form_invalid(self, form: ProvenanceForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=UNUSABLE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | self.limits()

    def limits(self) -> dict[str, Any]:
        return {"most": settings.MAX_PROVENANCE_SIZE}


def answers(found: Provenance) -> Iterator[Answer]:
    """What to say of each signature."""
    for claim in found.claims:
        yield Answer(claim, *_said(claim))


def _said(claim: Claim) -> tuple[str, str, str]:
    verdict = claim.verdict
    if claim.certificate is None:
        return (
            "concern",
            "By a key that is not known here",
            "No committee has the key that this signature names, so nobody here can say whose it "
            "is. It counts for no release of this platform.",
        )
    if verdict is None:
        return (
            "suggestion",
            "Not verified yet",
            "This is what the signature says of itself; anybody can write that. Add the file that "
            "was signed, and it is verified.",
        )
    if verdict.state is State.GOOD:
        remarks = " ".join(remark.text for remark in verdict.remarks)
        said = "The file is just as it was when the owner of this key signed it."
        return "good", "Genuine", f"{said} {remarks}".strip()
    if verdict.state is State.BAD:
        return (
            "blocker",
            "Not of this file",
            "The file is another one than was signed: damaged, changed, or of another release. Do "
            "not use it.",
        )
    return "blocker", "Does not count", verdict.reason


def _too_large() -> str:
    most = settings.MAX_PROVENANCE_SIZE >> 20
    return (
        f"That is more than the {most} MiB which this page takes. Leave the large file away to "
        "learn whose signature it is, and verify it on your own machine: gpg --import KEYS, then "
        "gpg --verify FILE.asc FILE."
    )

"""The KEYS file of a committee: itself, as it was on a day, and where it comes from."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.views.generic import View

from keys.forms import ChangeMode, DayForm
from keys.models import KeysFile, keys_document, keys_on, public_document
from keys.views.common import OfCommittee, keys_file_of
from projects.models import Committee
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.views import Listing, VerbView

TEXT = "text/plain; charset=utf-8"
CHANGES = (
    *(Tag.KEYS_IMPORTED, Tag.KEYS_SYNCED, Tag.KEYS_PUBLISHED, Tag.KEYS_MODE_CHANGED),
    *(Tag.KEY_LINKED, Tag.KEY_UPDATED, Tag.KEY_RETIRED, Tag.KEY_UNLINKED),
)


class KeysDocument(OfCommittee, View):
    """The committee's KEYS file, as it stands in the download area too."""

    policy: ClassVar[str] = "public"

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        content = public_document(self.get_committee())
        return HttpResponse(content, content_type=TEXT)


class KeysExport(OfCommittee, View):
    """The same bytes as a file to save, and to give to `gpg --import`."""

    policy: ClassVar[str] = "public"

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        committee = self.get_committee()
        return attached(public_document(committee), f"{committee.slug}-KEYS.asc")


class KeysHistory(OfCommittee, Listing):
    """Who was in the KEYS file on a day, and what has changed in it."""

    policy: ClassVar[str] = "public"
    template_name = "keys/history.html"
    context_object_name = "events"

    def get_queryset(self) -> QuerySet[Event]:
        self.committee = self.get_committee()
        theirs = Event.objects.of_committee(self.committee.slug).accepted()
        return theirs.filter(tag__in=CHANGES).order_by("-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = DayForm(self.request.GET or None, label_suffix="")
        found: dict[str, Any] = {"committee": self.committee, "form": form, "now": now()}
        if form.is_bound and form.is_valid():
            day = form.cleaned_data["on"]
            found |= {"on": day, "certificates": keys_on(self.committee, _end_of(day))}
        return super().get_context_data(**kwargs) | found


class KeysOn(OfCommittee, View):
    """The KEYS file as it was at the end of a day (UTC): the very bytes."""

    policy: ClassVar[str] = "public"

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        committee, form = self.get_committee(), DayForm(request.GET)
        if not form.is_valid():
            said = " ".join(map(str, form["on"].errors)) or "Say which day: ?on=2026-06-30"
            return HttpResponse(said, content_type=TEXT, status=400)
        day = form.cleaned_data["on"]
        content = keys_document(committee, _end_of(day))
        return attached(content, f"{committee.slug}-KEYS-{day:%Y-%m-%d}.asc")


class OfKeysFile(OfCommittee, VerbView):
    """Something that those do who manage the keys of a committee."""

    policy: ClassVar[str] = "keys.manage_keys"

    def get_object(self, queryset: Any = None) -> Committee:
        return self.get_committee()

    def get_success_url(self) -> str:
        return keys_file_of(self.object).get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        frame = {"committee": self.object, "keys_file": keys_file_of(self.object)}
        return super().get_context_data(**kwargs) | frame


class SetMode(OfKeysFile):
    """Say where the KEYS file comes from."""

    form_class = ChangeMode
    template_name = "keys/mode.html"
    done = "The KEYS file comes from there from now on. To undo this, change it back."

    def get_initial(self) -> dict[str, Any]:
        known = keys_file_of(self.object)
        return {"mode": known.mode, "address": known.address}

    def run(self, *, mode: str, address: str) -> None:
        KeysFile.objects.of(self.object).set_mode(mode, by=self.request.user, address=address)


class PublishKeys(OfKeysFile):
    """Generate the public file anew."""

    template_name = "keys/publish.html"
    done = "The KEYS file has the keys of this moment."

    def run(self, **data: Any) -> None:
        KeysFile.objects.of(self.object).publish(by=self.request.user)


class AskKeys(OfKeysFile):
    """Have the file that is kept elsewhere imported now."""

    template_name = "keys/ask.html"
    done = "The file is fetched within a minute. What it brings is told on the page of its history."

    def run(self, **data: Any) -> None:
        KeysFile.objects.of(self.object).ask(by=self.request.user)


def attached(content: bytes, name: str) -> HttpResponse:
    """A file that browsers save rather than show."""
    answer = HttpResponse(content, content_type="application/pgp-keys")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _end_of(day: Any) -> datetime:
    """The last moment of the day, and no later than now: what is to come is not known."""
    end = datetime.combine(day, time.min, UTC) + timedelta(days=1, microseconds=-1)
    return min(end, now())

"""Where a committee's KEYS file comes from: from here, from elsewhere, or by hand."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import now

from projects.lifecycle import Held, authorise, verb
from projects.models import Committee
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Obstacle
from trusted_releases.lib.text import given_reason

if TYPE_CHECKING:
    from keys.models.certificate import KeyLink

LONGEST_ADDRESS = 500


class KeysFileManager(models.Manager["KeysFile"]):
    def of(self, committee: Committee) -> "KeysFile":
        """The committee's; one that it has said nothing about is generated here."""
        return self.get_or_create(committee=committee)[0]

    def due(self, every: float) -> "models.QuerySet[KeysFile]":
        """External files that were not asked for within this many seconds."""
        late = Q(asked_at__isnull=True) | Q(asked_at__lte=now() - timedelta(seconds=every))
        rows = self.filter(late, mode=KeysFile.Mode.EXTERNAL)
        return rows.select_related("committee").order_by("asked_at")

    def complete(self) -> None:
        """Have a row for each committee with keys, as `of` makes it when somebody asks."""
        lacking = Committee.objects.filter(keys_file=None, key_links__isnull=False).distinct()
        self.bulk_create(
            [KeysFile(committee=committee) for committee in lacking], ignore_conflicts=True
        )

    def obstacles(self, committees: Iterable[Committee]) -> Iterator[Obstacle]:
        """What keeps people from changing here which keys these committees have."""
        rows = self.filter(committee__in=list(committees), mode=KeysFile.Mode.EXTERNAL)
        for each in rows.select_related("committee"):
            yield Obstacle(
                "keys_owned_elsewhere",
                f"The KEYS file of {each.committee} is kept at {each.address} and imported from "
                "there. Change it there, or have the committee keep its keys here.",
            )


class KeysFile(Held):
    """How the KEYS file of a committee comes to be, and when it did last.

    Ours: generated here at each change. External: a file elsewhere says which keys there are; it
    is imported on a schedule, and nobody adds or takes keys here. Manual: generated when somebody
    says so; until then the public file stays as it was.
    """

    class Mode(models.TextChoices):
        OURS = "ours", "Generated here at each change"
        EXTERNAL = "external", "Imported from a file elsewhere"
        MANUAL = "manual", "Generated here when somebody says so"

    committee = models.OneToOneField(Committee, models.CASCADE, related_name="keys_file")
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.OURS, editable=False)
    address = models.CharField(max_length=LONGEST_ADDRESS, blank=True, editable=False)
    # Of a manual file: what it holds is what was there at that moment.
    published_at = models.DateTimeField(null=True, editable=False)
    # Of an external file.
    asked_at = models.DateTimeField(null=True, editable=False)
    imported_at = models.DateTimeField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    failure = models.CharField(max_length=500, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)

    objects = KeysFileManager()

    class Meta:
        ordering = ["committee"]
        indexes = [models.Index(fields=["mode", "asked_at"], name="keys_file_due")]

    def __str__(self) -> str:
        return f"KEYS file of {self.committee}"

    def get_absolute_url(self) -> str:
        return reverse("keys:committee", args=[self.committee.slug])

    @property
    def is_external(self) -> bool:
        return self.mode == self.Mode.EXTERNAL

    @property
    def shown_at(self) -> datetime | None:
        """The moment whose keys the public file has; None for "now"."""
        return self.published_at if self.mode == self.Mode.MANUAL else None

    @verb
    def set_mode(self, mode: str, *, by: Person, address: str = "") -> None:
        """Say where the file comes from. An external one is imported soon; others change nothing
        that the file has at this moment."""
        person = authorise(by, "keys.manage_keys", self.committee)
        if mode not in self.Mode.values:
            raise BadInput(f"{mode!r} is no mode. There are: {', '.join(self.Mode.values)}.")
        address = _address(address) if mode == self.Mode.EXTERNAL else ""
        with self.held():
            self.mode, self.address = mode, address
            self.published_at = now() if mode == self.Mode.MANUAL else None
            self.asked_at = self.imported_at = self.failing_since = None
            self.sha256 = self.failure = ""
            self.save()
            self._record(Tag.KEYS_MODE_CHANGED, person, mode=str(mode), address=address)

    @verb
    def publish(self, *, by: Person, reason: str = "") -> None:
        """Generate the public file anew, with the keys there are now."""
        person = authorise(by, "keys.manage_keys", self.committee)
        facts = {"reason": given_reason(reason)} if reason else {}
        with self.held():
            if self.mode == self.Mode.MANUAL:
                self.published_at = now()
                self.save(update_fields=["published_at"])
            self._record(Tag.KEYS_PUBLISHED, person, **facts)

    @verb
    def ask(self, *, by: Person) -> None:
        """Have an external file imported now, rather than when it is due."""
        person = authorise(by, "keys.manage_keys", self.committee)
        with self.held():
            if not self.is_external:
                text = f"The KEYS file of {self.committee} is kept here: there is nothing to ask."
                raise NotReady([Obstacle("keys_are_ours", text)])
            self._record(Tag.KEYS_ASKED, person)

    # --- for the worker that imports external files ---

    def record_imported(self, sha256: str, **diff: Any) -> None:
        """The file elsewhere was taken in. What it changed (added, removed, kept) is an event."""
        with self.held():
            self.asked_at = self.imported_at = now()
            self.sha256, self.failure, self.failing_since = sha256, "", None
            self.save()
            if any(diff.values()):
                self._record(Tag.KEYS_SYNCED, None, **diff)

    def record_failed(self, address: str, sentence: str) -> None:
        """It could not be. The committee is told when this is news."""
        with self.held():
            if not self.is_at(address):
                return
            is_news = self.failure != sentence[:500]
            self.asked_at, self.failure = now(), sentence[:500]
            self.failing_since = self.failing_since or self.asked_at
            self.save()
            if is_news:
                self._record(Tag.KEYS_SYNC_FAILED, None, problem=self.failure)

    def record_unchanged(self, address: str) -> None:
        """It is as it was."""
        rows = type(self).objects.filter(pk=self.pk, mode=self.Mode.EXTERNAL, address=address)
        rows.update(asked_at=now(), failure="", failing_since=None)

    def is_at(self, address: str) -> bool:
        """Whether it is still imported from there: people may change that during a fetch."""
        return self.is_external and self.address == address

    def links_without(self, fingerprints: Iterable[str]) -> "models.QuerySet[KeyLink]":
        """The committee's keys that are not among these."""
        links = self.committee.key_links.select_related("certificate", "committee")
        return links.exclude(certificate__fingerprint__in=list(fingerprints))

    def _record(self, tag: Tag, by: Any, **facts: Any) -> None:
        Event.objects.record(tag, by=by, subject=self.committee, committee=self.committee, **facts)


def _split(text: str) -> SplitResult:
    """The parts of an address. BadInput where it is none: only reading the port tells."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise BadInput(f"{text[:100]!r} is no address: {error}.") from None
    return parts


def _address(text: str) -> str:
    """An address that a file may be fetched from, or BadInput with what to change."""
    text = text.strip()
    parts = _split(text)
    schemes = ("https", "http") if settings.KEYS_PRIVATE else ("https",)
    if len(text) > LONGEST_ADDRESS or parts.scheme not in schemes or not parts.hostname:
        raise BadInput(
            "The address of a KEYS file begins with https:// and names a host, such as "
            "https://downloads.apache.org/tool/KEYS."
        )
    if parts.username or parts.password or parts.fragment or not text.isascii():
        raise BadInput("The address of a KEYS file holds no user, password or fragment.")
    return text

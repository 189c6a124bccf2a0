"""Candidates that people have checked for themselves: no release, no vote, and gone soon."""

import secrets
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import now

from checks import review_files
from checks.review_files import Stored
from checks.review_report import Report
from projects.lifecycle import authorise, require, verb
from projects.models import Committee, User
from projects.roles import Person
from releases.importing.address import check_address
from releases.models.awaited import LONGEST_PROBLEM
from releases.models.importing import allowed_here
from trusted_releases.ledger.facts import clean
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Obstacle, Stale
from trusted_releases.lib.text import one_line

MAY = "checks.review_candidates"
LONGEST_TITLE, LONGEST_VERSION = 200, 100  # characters
LARGEST_REPORT = 64 << 20  # bytes of JSON: far more than `review_report` makes
LOST = "The worker that had it was lost, and nothing was kept. Have it checked again."


def new_key() -> str:
    return secrets.token_hex(16)


class ReviewQuerySet(models.QuerySet["Review"]):
    def of(self, person: Person) -> Self:
        """The person's own that have not expired, newest first: nobody sees another one."""
        mine = self.filter(owner=person.pk, expires_at__gt=now())
        return mine.select_related("keys_committee").order_by("-pk")

    def for_listing(self) -> Self:
        """Without what only their own pages show."""
        return self.defer("report", "files")

    def unended(self) -> Self:
        """Those that a worker has, or will."""
        return self.filter(state__in=UNENDED)

    def expired(self, at: datetime | None = None) -> Self:
        return self.filter(expires_at__lte=at or now())


class Review(models.Model):
    """One candidate from elsewhere, and the report on it, for the person who asked and nobody else.

    waiting (-> fetching) -> checking -> done, or failed from any of these. The files are gone as
    soon as it ends; the row goes when it expires, with its owner, or when the owner says so.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waits"
        FETCHING = "fetching", "Being fetched"
        CHECKING = "checking", "Being checked"
        DONE = "done", "Checked"
        FAILED = "failed", "Failed"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, editable=False, related_name="reviews"
    )
    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    title = models.CharField(max_length=LONGEST_TITLE, blank=True, editable=False)
    url = models.CharField(max_length=500, blank=True, editable=False)
    keys_url = models.CharField(max_length=500, blank=True, editable=False)
    # Not `committee`: the review is nothing of theirs, and its events are not told there.
    keys_committee = models.ForeignKey(
        Committee, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    version = models.CharField(max_length=LONGEST_VERSION, blank=True, editable=False)
    podling = models.BooleanField(default=False, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    problem = models.TextField(blank=True, editable=False)
    files = models.JSONField(default=list, editable=False)  # `Stored`, while they are there
    file_count = models.PositiveIntegerField(default=0, editable=False)
    size = models.PositiveBigIntegerField(default=0, editable=False)
    bytes_done = models.PositiveBigIntegerField(default=0, editable=False)
    bytes_total = models.PositiveBigIntegerField(default=0, editable=False)
    report = models.BinaryField(null=True, editable=False)  # see `Report`, packed
    counts = models.JSONField(default=dict, editable=False)
    asked_at = models.DateTimeField(default=now, editable=False)
    settled_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(editable=False)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        permissions = [("review_candidates", "Can have candidates from elsewhere checked")]
        indexes = [
            models.Index(fields=["owner", "-id"], name="checks_review_owner"),
            models.Index(fields=["expires_at"], name="checks_review_expires"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["owner"],
                condition=Q(state__in=["waiting", "fetching", "checking"]),
                name="checks_review_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"Review {self.pk}"  # operators read this: it tells nothing of what is in it

    @property
    def address(self) -> str:
        """Its page, which is there for its owner only."""
        return reverse("checks:review", args=[self.key])

    @property
    def is_ended(self) -> bool:
        return self.state not in UNENDED

    @property
    def is_in_hand(self) -> bool:
        """Whether a worker has it, or will. One that died for good leaves it as it was."""
        return not self.is_ended and Job.objects.about(self).unsettled().exists()

    @property
    def stored(self) -> list[Stored]:
        return [Stored(**each) for each in self.files]

    @cached_property
    def found(self) -> Report | None:
        """The report; None while there is none."""
        if self.report is None:
            return None
        return Report.read(zlib.decompressobj().decompress(bytes(self.report), LARGEST_REPORT))

    # --- What people decide ---

    @staticmethod
    def obstacles(person: Person) -> Iterator[Obstacle]:
        """What stands in the way of one more for this person."""
        mine = Review.objects.filter(owner=person.pk)
        if any(each.is_in_hand for each in mine.unended().for_listing()):
            yield Obstacle(
                "review_running", "One of yours is being checked. Wait until that is done."
            )
        if mine.filter(expires_at__gt=now()).count() >= settings.MAX_REVIEWS:
            yield Obstacle(
                "too_many_reviews",
                f"You have {settings.MAX_REVIEWS} reports already. Delete one that you do not need "
                "any more.",
            )
        if Review.objects.unended().count() >= settings.MAX_REVIEWS_WAITING:
            yield Obstacle(
                "reviews_busy",
                "Too many candidates of other people wait to be checked. Try again in an hour, or "
                "check it on your own machine with trusted-check.",
            )

    @verb
    def ask(self, *, by: Person, files: Iterable[Stored] = ()) -> Self:
        """Have it checked: what was stored under its key, or what is at its address."""
        by = authorise(by, MAY, by)  # type: ignore[arg-type]
        self.owner = by
        self._judge(list(files))
        # The account's row is the lock: how many there are is counted below.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        for lost in Review.objects.filter(owner=by).unended():
            if not lost.is_in_hand:
                lost.record_failed(LOST)
        require(self.obstacles(by))
        self.expires_at = self.asked_at + timedelta(days=settings.REVIEW_DAYS)
        self.save(force_insert=True)
        way = "address" if self.url else "upload"
        self._tell(Tag.REVIEW_ASKED, by=by, way=way, files=self.file_count, size=self.size)
        return self

    def _judge(self, files: list[Stored]) -> None:
        """BadInput for what cannot be checked."""
        if bool(self.url) == bool(files):
            raise BadInput("Choose files, or give an address: one of the two.")
        if self.keys_url and self.keys_committee:
            raise BadInput("Choose a committee's keys, or an address of KEYS: one of the two.")
        if self.url:
            self.url = check_address(self.url, allowed_here())
        if self.keys_url:
            self.keys_url = check_address(self.keys_url, allowed_here())
        if len(files) > settings.MAX_REVIEW_FILES:
            raise BadInput(
                f"These are {len(files)} files; {settings.MAX_REVIEW_FILES} are checked at once."
            )
        if files and all(each.path == review_files.KEYS for each in files):
            raise BadInput("There is nothing to check beside KEYS. Choose the artifacts as well.")
        self._keep(files)
        first = max(files, key=lambda each: each.size).path if files else self.url
        self.title = one_line(self.title)[:LONGEST_TITLE] or first[:LONGEST_TITLE]
        self.version = one_line(self.version)[:LONGEST_VERSION]

    @verb
    def discard(self, *, by: Person) -> None:
        """Delete it now. There is no way back."""
        by = authorise(by, MAY, by)  # type: ignore[arg-type]
        if self.owner_id != by.pk:
            raise PermissionDenied("This report is somebody else's.")
        if not self._remove(by=by, why="their own wish"):
            raise Stale("It is gone already.")

    # --- What workers record ---

    @contextmanager
    def _held(self) -> Iterator[bool]:
        """Hold the row to the end of the block: whether it is there, and has not ended."""
        with transaction.atomic():
            rows = Review.objects.select_for_update(of=("self",)).filter(pk=self.pk)
            yield rows.unended().exists()

    def record_progress(self, done: int, total: int) -> bool:
        """How far it is, for the page. False when nobody waits for it any more."""
        mine = Review.objects.unended().filter(pk=self.pk)
        return bool(mine.update(bytes_done=done, bytes_total=total))

    def record_begun(self, state: str) -> bool:
        """A worker fetches, or checks, from the start. False when it has ended meanwhile."""
        self.state, self.bytes_done, self.bytes_total = state, 0, 0
        mine = Review.objects.unended().filter(pk=self.pk)
        return bool(mine.update(state=state, bytes_done=0, bytes_total=0))

    def record_fetched(self, files: list[Stored]) -> bool:
        """All has come. False when it has ended meanwhile."""
        with self._held() as waits:
            if waits:
                self._keep(files)
                self.save(update_fields=["files", "file_count", "size"])
        return waits

    def record_done(self, report: Report) -> bool:
        """What was found; the files are not needed any more. False when it had ended before."""
        with self._held() as waits:
            if waits:
                self.counts = dict(report.counts)
                self._settle(self.State.DONE, report=zlib.compress(report.as_bytes()))
                self._tell(Tag.REVIEW_DONE, files=self.file_count, size=self.size)
        return waits

    def record_failed(self, problem: str) -> bool:
        """Nothing came of it. False when it had ended before."""
        with self._held() as waits:
            if waits:
                self._settle(self.State.FAILED, problem=clean(problem, LONGEST_PROBLEM))
                self._tell(Tag.REVIEW_FAILED)
        return waits

    def record_expired(self) -> bool:
        """Its time is over: it is deleted. False when it was gone already."""
        return self._remove(by=None, why="it has expired")

    def _keep(self, files: list[Stored]) -> None:
        self.files = [each.as_json() for each in files]
        self.file_count, self.size = len(files), sum(each.size for each in files)

    def _settle(self, state: str, **changes: Any) -> None:
        changes = {"state": state, "settled_at": now(), "files": [], **changes}
        for name, value in changes.items():
            setattr(self, name, value)
        self.save(update_fields=[*changes, "counts"])
        self._clear()

    def _remove(self, *, by: Person | None, why: str) -> bool:
        with transaction.atomic():
            rows = Review.objects.select_for_update(of=("self",)).filter(pk=self.pk)
            if not rows.exists():
                return False
            self._tell(Tag.REVIEW_DELETED, by=by, why=why)
            Review.objects.filter(pk=self.pk).delete()
            self._clear()
        return True

    def _clear(self) -> None:
        """The files go once this is certain; where that fails, the next sweep does it."""
        transaction.on_commit(lambda: review_files.remove(self.key), robust=True)

    def _tell(self, tag: Tag, *, by: Person | None = None, **facts: Any) -> None:
        """Write an event, which says that it was, and nothing of what was in it."""
        asked_by = self.owner.get_username()
        Event.objects.record(tag, by=by, subject=self, asked_by=asked_by, **facts)


UNENDED = (Review.State.WAITING, Review.State.FETCHING, Review.State.CHECKING)

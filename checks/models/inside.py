"""What differs inside two archives: asked for by people, found by a worker, kept for everybody."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.timezone import now

from checks.engine.inside.child import Outcome
from checks.engine.inside.members import LONGEST_NAME, Change
from checks.engine.inside.members import Line as FoundLine
from checks.engine.names import shown
from projects.lifecycle import authorise, verb
from projects.roles import Person
from releases.models import Blob, Release
from releases.models.awaited import LONGEST_PROBLEM
from trusted_releases.ledger.facts import clean
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.archive_names import format_of
from trusted_releases.lib.errors import BadInput, Stale

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

MAY = "checks.compare_archives"


class ComparisonManager(models.Manager["Comparison"]):
    def of(self, old: Blob, new: Blob, path: str) -> "Comparison":
        """The one of these bytes, as it is; not saved where nobody has asked for it yet."""
        known = self.filter(old=old, new=new, format=format_of(path)).first()
        return known or Comparison(old=old, new=new, format=format_of(path))


class Comparison(models.Model):
    """One comparison of the bytes of two archives of a format: the same for every release.

    waiting -> done, or waiting -> failed, which can be asked for again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    old = models.ForeignKey(Blob, models.CASCADE, editable=False, related_name="+")
    new = models.ForeignKey(Blob, models.CASCADE, editable=False, related_name="+")
    format = models.CharField(max_length=10, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    problem = models.TextField(blank=True, editable=False)
    counts = models.JSONField(default=dict, editable=False)  # differences by kind, all of them
    old_root = models.CharField(max_length=LONGEST_NAME, blank=True, editable=False)
    new_root = models.CharField(max_length=LONGEST_NAME, blank=True, editable=False)
    bytes_done = models.PositiveBigIntegerField(default=0, editable=False)
    bytes_total = models.PositiveBigIntegerField(default=0, editable=False)
    asked_at = models.DateTimeField(default=now, editable=False)
    settled_at = models.DateTimeField(null=True, editable=False)

    objects = ComparisonManager()

    if TYPE_CHECKING:
        lines: RelatedManager["MemberChange"]

    class Meta:
        permissions = [("compare_archives", "Can have archives compared")]
        constraints = [
            models.UniqueConstraint(fields=["old", "new", "format"], name="checks_comparison_once")
        ]

    def __str__(self) -> str:
        return f"{self.old.sha256[:12]}… against {self.new.sha256[:12]}…"

    @property
    def is_done(self) -> bool:
        return self.state == self.State.DONE

    @property
    def is_failed(self) -> bool:
        return self.state == self.State.FAILED

    @property
    def is_in_hand(self) -> bool:
        """Whether a worker has it, or will."""
        if self.pk is None or self.state != self.State.WAITING:
            return False
        return Job.objects.about(self).unsettled().exists()

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    @property
    def named(self) -> list[tuple[str, str, int]]:
        """The kinds of difference that there are: their code, the words for it, how many."""
        return [
            (str(each), WORDS[each], self.counts[each]) for each in Change if self.counts.get(each)
        ]

    @verb
    def ask(self, release: Release, path: str, *, by: Person) -> "Comparison":
        """Have a worker compare them, unless that is done already.

        Both are files of a release that the person may see: nobody learns by asking what bytes
        of others have inside.
        """
        by = authorise(by, MAY, release)
        if not Release.objects.visible_to(by).filter(pk=release.pk).exists():
            raise PermissionDenied("You may not have archives compared that you may not see.")
        if not self.format:
            raise BadInput(f"{path} is no archive: there is nothing inside to compare.")
        pair = {self.old_id, self.new_id}
        theirs = release.entries.filter(blob__in=pair).values_list("blob_id", flat=True)
        if set(theirs) != pair:
            raise BadInput(f"{path} is compared with a file that is not one of this release.")
        row, made = Comparison.objects.get_or_create(old=self.old, new=self.new, format=self.format)
        row = Comparison.objects.select_for_update().get(pk=row.pk)
        if not made and (row.is_done or row.is_in_hand):
            raise Stale(f"{path} is being compared already, or has been.")
        row.state, row.problem, row.asked_at = self.State.WAITING, "", now()
        row.bytes_done = row.bytes_total = 0
        row.save()
        Event.objects.record(
            Tag.COMPARISON_ASKED,
            by=by,
            subject=row,
            project=release.project,
            release=release,
            path=path,
            old=f"sha256:{self.old.sha256}",
            new=f"sha256:{self.new.sha256}",
        )
        return row

    def record_progress(self, done: int, total: int) -> None:
        """How far the worker is, for the page."""
        Comparison.objects.filter(pk=self.pk).update(bytes_done=done, bytes_total=total)

    def record_done(self, lines: Iterable[FoundLine], outcome: Outcome) -> bool:
        """Keep what was found, all of it or nothing. False when it was settled before."""
        with transaction.atomic():
            if not self._settle(
                self.State.DONE,
                counts=outcome.counts,
                old_root=clean(outcome.old_root, LONGEST_NAME),
                new_root=clean(outcome.new_root, LONGEST_NAME),
            ):
                return False
            MemberChange.objects.bulk_create(
                (MemberChange.of(self, place, line) for place, line in enumerate(lines)),
                batch_size=1000,
            )
        return True

    def record_failed(self, problem: str) -> bool:
        """Nothing came of it. False when it was settled before."""
        return self._settle(self.State.FAILED, problem=clean(problem, LONGEST_PROBLEM))

    def _settle(self, state: str, **changes: Any) -> bool:
        waiting = Comparison.objects.filter(pk=self.pk, state=self.State.WAITING)
        settled = bool(waiting.update(state=state, settled_at=now(), **changes))
        if settled:
            self.refresh_from_db()
        return settled


WORDS = {
    Change.ADDED: "added",
    Change.REMOVED: "removed",
    Change.RENAMED: "renamed",
    Change.CHANGED: "changed",
    Change.MODE: "other permissions",
}


class MemberChange(models.Model):
    """One member that differs. Names are hostile text, with what no page takes replaced."""

    comparison = models.ForeignKey(Comparison, models.CASCADE, related_name="lines")
    place = models.PositiveIntegerField(editable=False)
    change = models.CharField(max_length=10, editable=False)
    path = models.CharField(max_length=LONGEST_NAME, editable=False)
    was = models.CharField(max_length=LONGEST_NAME, blank=True, editable=False)
    kind = models.CharField(max_length=10, editable=False)
    old_size = models.PositiveBigIntegerField(null=True, editable=False)
    new_size = models.PositiveBigIntegerField(null=True, editable=False)
    old_mode = models.PositiveIntegerField(null=True, editable=False)
    new_mode = models.PositiveIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(
                fields=["comparison", "place"], name="checks_member_change_once"
            )
        ]
        indexes = [
            models.Index(fields=["comparison", "change", "place"], name="checks_member_kind")
        ]

    def __str__(self) -> str:
        return self.path

    @classmethod
    def of(cls, comparison: Comparison, place: int, line: FoundLine) -> "MemberChange":
        told = line.as_json()
        told["path"] = clean(shown(line.path, LONGEST_NAME), LONGEST_NAME)
        told["was"] = clean(shown(line.was, LONGEST_NAME), LONGEST_NAME)
        return cls(comparison=comparison, place=place, **told)

    @property
    def word(self) -> str:
        return WORDS[Change(self.change)]

    @property
    def modes(self) -> str:
        """The permissions, as chmod takes them: the old ones and the new, where they differ."""
        if self.old_mode is None or self.new_mode is None or self.old_mode == self.new_mode:
            known = self.old_mode if self.new_mode is None else self.new_mode
            return "" if known is None else f"{known:04o}"
        return f"{self.old_mode:04o} → {self.new_mode:04o}"

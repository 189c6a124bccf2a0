"""Files that the platform makes of other files of a draft, and what each was made of."""

from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from releases.models.awaited import Awaited
from releases.models.blob import Blob
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Obstacle

SBOM = ".cdx.json"  # what follows the name of an archive in that of its bill of materials


class GeneratedQuerySet(models.QuerySet["Generated"]):
    def waiting(self) -> Self:
        return self.filter(state=Generated.State.WAITING)

    def made(self) -> Self:
        return self.filter(state=Generated.State.MADE)

    def newest_first(self) -> Self:
        return self.select_related("asked_by").order_by("-pk")


class Generated(Awaited):
    """A bill of materials that a worker makes of an archive: from which bytes, and into which.

    waiting -> made, or waiting -> failed. Whoever asks again makes another row. What was made is a
    file of the draft like any other; this row says that it is ours, and what it speaks of.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Being generated"
        MADE = "made", "Generated"
        FAILED = "failed", "Could not be generated"

    SETTLED_AT = "finished_at"
    FAILED_TAG = Tag.SBOM_FAILED

    release = models.ForeignKey("Release", models.CASCADE, related_name="generated")
    path = models.CharField(max_length=1024, editable=False)
    input = models.ForeignKey(Blob, models.PROTECT, editable=False, related_name="+")
    output = models.ForeignKey(Blob, models.PROTECT, null=True, editable=False, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    told = models.JSONField(default=dict, editable=False)
    revision = models.PositiveIntegerField(null=True, editable=False)
    bytes_done = models.PositiveBigIntegerField(default=0, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    asked_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = GeneratedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "generated"
        constraints = [
            models.UniqueConstraint(
                fields=["release", "path"],
                condition=Q(state="waiting"),
                name="releases_generated_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="made", output__isnull=False, revision__isnull=False)
                | ~Q(state="made"),
                name="releases_generated_is_kept",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} of {self.release}"

    @property
    def target(self) -> str:
        """The path of the file that is made."""
        return self.path + SBOM

    def record_progress(self, bytes_done: int, total: int = 0) -> None:
        """How far the worker is, for the page. Decides nothing, locks nothing."""
        Generated.objects.filter(pk=self.pk).update(bytes_done=bytes_done)

    def tell(self, tag: Tag, **facts: Any) -> None:
        """Write an event about it: which file, from which bytes, who had asked."""
        Event.objects.record(
            tag,
            by=None,
            subject=self,
            project=self.project,
            release=self.release,
            path=self.path,
            target=self.target,
            input=f"sha256:{self.input.sha256}",
            asked_by=self.asked_by.get_username() if self.asked_by else "",
            **facts,
        )


def outdated(made: Iterable[Generated], files: dict[str, Blob]) -> list[Obstacle]:
    """Bills of materials of ours that would lie beside an archive they were not made of.

    They say of one file what is true of another, and nobody would see it.
    """
    inputs: dict[int | None, set[int]] = {}
    for each in made:
        inputs.setdefault(each.output_id, set()).add(each.input_id)
    return [
        Obstacle(
            "regenerate",
            f"{path.removesuffix(SBOM)} would be another file than the one that {path} was "
            f"generated from. Delete {path} first, then repeat this, and generate it anew.",
        )
        for path, blob in sorted(files.items())
        if blob.pk in inputs and path.endswith(SBOM)
        if (archive := files.get(path.removesuffix(SBOM))) is not None
        if archive.pk not in inputs[blob.pk]
    ]

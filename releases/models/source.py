"""Which commit a release was made from: recorded by people, fetched by a worker."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Optional

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from projects.lifecycle import authorise, require, verb
from projects.roles import Person
from releases.models.awaited import LONGEST_PROBLEM, Waiting
from releases.models.blob import Blob
from releases.models.importing import Importing
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Obstacle
from trusted_releases.lib.repositories import (
    check_commit,
    check_repository,
    check_tag,
    host_of,
)

if TYPE_CHECKING:
    from projects.models import Project


def hosts_of(project: "Project") -> tuple[str, ...]:
    """The hosts whose repositories are looked at: those of the settings, and the project's own."""
    own = host_of(project.repository)
    return tuple(dict.fromkeys([*settings.SOURCE_HOSTS, *([own] if own else [])]))


class Source(Waiting):
    """The commit that the source archives of a release were made from.

    waiting -> fetched, or waiting -> failed; recording it anew, or asking again, makes it wait.
    What was fetched is kept: the inventory of the commit, as a blob.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Being fetched"
        FETCHED = "fetched", "Fetched"
        FAILED = "failed", "Could not be fetched"

    release = models.OneToOneField("Release", models.CASCADE, related_name="recorded_source")
    repository = models.CharField(max_length=500, editable=False)
    commit = models.CharField(max_length=64, blank=True, editable=False)
    tag = models.CharField(max_length=200, blank=True, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    found = models.CharField(max_length=64, blank=True, editable=False)
    inventory = models.ForeignKey(
        Blob, models.PROTECT, null=True, editable=False, related_name="sources"
    )
    asked = models.PositiveIntegerField(
        default=1, editable=False, help_text="How many times it was recorded or asked for."
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    recorded_at = models.DateTimeField(default=now, editable=False)
    fetched_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(commit="") | ~models.Q(tag=""),
                name="releases_source_names_a_commit",
            ),
            models.CheckConstraint(
                condition=models.Q(state="fetched", inventory__isnull=False)
                | (~models.Q(state="fetched") & models.Q(inventory__isnull=True)),
                name="releases_source_fetched_is_kept",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.repository}"

    @property
    def what(self) -> str:
        """The commit, the tag, or both, as a sentence names them."""
        commit = f"commit {(self.commit or self.found)[:12]}" if self.commit or self.found else ""
        tag = f"tag {self.tag}" if self.tag else ""
        return f"{commit} ({tag})" if commit and tag else commit or tag

    @property
    def basis(self) -> list[str]:
        """What a verdict depends on, of all this."""
        kept = self.inventory.sha256 if self.inventory else ""
        return [self.repository, self.commit, self.tag, self.state, kept, self.problem]

    @property
    def is_elsewhere(self) -> bool:
        """Whether the project names another repository as its own."""
        ours = self.project.repository.rstrip("/").removesuffix(".git").casefold()
        return bool(ours) and ours != self.repository.removesuffix(".git").casefold()

    def record_awaited(self) -> bool:
        """A worker tries again what has failed, because the release is checked again. False
        where nothing has failed."""
        with self.release.held():
            failed = Source.objects.filter(pk=self.pk, state=self.State.FAILED)
            waits = {"state": self.State.WAITING, "problem": "", "asked": models.F("asked") + 1}
            changed = bool(failed.update(**waits))
        self.refresh_from_db()
        return changed

    def record_fetched(self, asked: int, *, commit: str, inventory: Blob) -> bool:
        """A worker has the inventory. False, and nothing kept, when it was recorded anew."""
        return self._record(
            asked,
            Tag.SOURCE_FETCHED,
            {"state": self.State.FETCHED, "found": commit, "inventory": inventory},
            commit=commit,
            inventory=f"sha256:{inventory.sha256}",
        )

    def record_failed(self, asked: int, *, problem: str) -> bool:
        """A worker could not have it, and says why. False when it was recorded anew."""
        problem = problem[:LONGEST_PROBLEM]
        changes = {"state": self.State.FAILED, "problem": problem, "inventory": None}
        return self._record(asked, Tag.SOURCE_FAILED, changes, problem=problem)

    def _record(self, asked: int, tag: Tag, changes: dict[str, Any], **told: str) -> bool:
        with self.release.held():
            mine = Source.objects.filter(pk=self.pk, asked=asked, state=self.State.WAITING)
            if not mine.update(fetched_at=now(), **changes):
                return False
            self.refresh_from_db()
            Event.objects.record(
                tag,
                by=None,
                subject=self.release,
                project=self.project,
                release=self.release,
                repository=self.repository,
                what=self.what,
                **told,
            )
        return True


class Sourcing(Importing):
    """The part of `Release` that says from which commit its files were made."""

    if TYPE_CHECKING:
        project: "Project"

    class Meta:
        abstract = True

    @property
    def source(self) -> Optional["Source"]:
        """What was recorded; None where nobody has."""
        return getattr(self, "recorded_source", None)

    def source_obstacles(self) -> Iterator[Obstacle]:
        """What stands between the release and a vote while its commit is not compared."""
        source = self.source
        if source is not None and source.is_waiting:
            yield Obstacle(
                "source_pending",
                f"The source, {source.what}, is being fetched, to be compared with the archives. "
                "The page says when it is done.",
            )
        if source is not None and source.is_failed:
            yield Obstacle(
                "source_failed",
                f"The source, {source.what}, could not be fetched, so nothing was compared with "
                "it.",
            )

    @verb
    def record_source(
        self, *, by: Person, repository: str, commit: str = "", tag: str = ""
    ) -> "Source":
        """Say from which commit, by its id, its tag or both, the source archives were made.

        A worker fetches it and the checks compare. It can be recorded anew while files can change.
        """
        by = authorise(by, "releases.change_files", self)
        if not (commit.strip() or tag.strip()):
            raise BadInput("Name the commit, the tag, or both.")
        given = {
            "repository": check_repository(
                repository,
                hosts_of(self.project),
                settings.SOURCE_SCHEMES,
            ),
            "commit": check_commit(commit) if commit.strip() else "",
            "tag": check_tag(tag) if tag.strip() else "",
        }
        with self.held():
            require(self.compose_obstacles())
            return self._ask(by=by, **given)

    @verb
    def fetch_source_again(self, *, by: Person) -> "Source":
        """Have the commit fetched again, after something was mended elsewhere, or a tag moved."""
        by = authorise(by, "releases.change_files", self)
        with self.held():
            require(self.compose_obstacles())
            source = Source.objects.filter(release_id=self.pk).first()
            if source is None:
                raise BadInput(f"No source is recorded for {self}.")
            if source.is_waiting:
                raise BadInput("It is being fetched already.")
            return self._ask(
                by=by, repository=source.repository, commit=source.commit, tag=source.tag
            )

    @verb
    def forget_source(self, *, by: Person) -> None:
        """Take the record away: nothing is compared any more. It can be recorded again."""
        by = authorise(by, "releases.change_files", self)
        with self.held():
            require(self.compose_obstacles())
            source = Source.objects.filter(release_id=self.pk).first()
            if source is None:
                raise BadInput(f"No source is recorded for {self}.")
            source.delete()
            self._forget_known()
            self._tell(Tag.SOURCE_FORGOTTEN, by, source)

    def _ask(self, *, by: Any, **given: str) -> "Source":
        """Write it down, and have it fetched. Call it inside held()."""
        fresh = {"state": Source.State.WAITING, "problem": "", "found": "", "inventory": None}
        source = Source.objects.filter(release_id=self.pk).first()
        if source is None:
            source = Source(release_id=self.pk, asked=0)
        for name, value in {**given, **fresh, "recorded_by": by, "recorded_at": now()}.items():
            setattr(source, name, value)
        source.asked += 1
        source.fetched_at = None
        source.save()
        self._forget_known()
        self._tell(Tag.SOURCE_RECORDED, by, source)
        return source

    def _forget_known(self) -> None:
        """The row that was read before is not the one that is there now."""
        self._state.fields_cache.pop("recorded_source", None)

    def _tell(self, tag: Tag, by: Any, source: "Source") -> None:
        Event.objects.record(
            tag,
            by=by,
            subject=self,
            project=self.project,
            release=self,
            repository=source.repository,
            commit=source.commit,
            source_tag=source.tag,
            what=source.what,
        )

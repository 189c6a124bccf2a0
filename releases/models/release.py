"""Release: one version of a project, from files to announcement."""

import re
import shutil
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import now

from projects.lifecycle import authorise, require, verb
from projects.models import Committee, Cycle, Project, Rules
from projects.models.rules import rules_of
from projects.roles import Person
from releases.models.embargo import SecretRules
from releases.models.finishing import Publication
from releases.models.repair import Repair
from releases.phases import Phase
from releases.querysets import ReleaseQuerySet
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib import testing
from trusted_releases.lib.errors import BadInput, Obstacle

VERSION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|[.+-](?=[A-Za-z0-9]))*\Z")


class ReleaseManager(models.Manager.from_queryset(ReleaseQuerySet)):  # type: ignore[misc]
    def start(
        self,
        project: Project,
        version: str,
        *,
        by: Person,
        revised: bool = False,
        expedited: bool = False,
    ) -> "Release":
        """Begin a release: an empty draft that takes files."""
        new = Release(project=project, version=version, expedited=expedited)
        return new.start(by=by, revised=revised)


class Numbers(models.Model):
    """The last numbers given out for a version, kept when its draft is deleted: never reused."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    version = models.CharField(max_length=64)
    revision = models.PositiveIntegerField(default=0)
    vote = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "numbers"
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="releases_numbers_once")
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.version}: revision {self.revision}, vote {self.vote}"


class Release(Repair):
    """One version of a project on its way from files to announcement.

    compose -> vote -> finish -> released. A vote that fails or is cancelled leads back to compose.
    From finish there is no way back: what was voted on is what goes out.
    """

    MOVES = {
        Phase.COMPOSE: frozenset({Phase.VOTE}),
        Phase.VOTE: frozenset({Phase.FINISH, Phase.COMPOSE}),
        Phase.FINISH: frozenset({Phase.RELEASED}),
        Phase.RELEASED: frozenset(),
    }

    project = models.ForeignKey(Project, models.PROTECT, related_name="releases")
    version = models.CharField(max_length=64, editable=False)
    cycle = models.ForeignKey(
        Cycle, models.PROTECT, null=True, editable=False, related_name="releases"
    )
    phase = models.CharField(max_length=24, choices=Phase, default=Phase.COMPOSE, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    released_at = models.DateTimeField(null=True, editable=False)

    objects = ReleaseManager()

    class Meta:
        indexes = [
            models.Index(fields=["-created_at"], name="releases_newest"),
            models.Index(fields=["phase", "-created_at"], name="releases_newest_in_phase"),
            models.Index(fields=["phase", "-released_at"], name="releases_newest_released"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="releases_version_once"),
            models.CheckConstraint(
                condition=Q(phase=Phase.COMPOSE, candidate__isnull=True)
                | (~Q(phase=Phase.COMPOSE) & Q(candidate__isnull=False)),
                name="releases_candidate_unless_composing",
            ),
            models.CheckConstraint(
                condition=Q(embargoed=False) | (Q(expedited=True) & ~Q(phase=Phase.RELEASED)),
                name="releases_embargo_ends",
            ),
            models.CheckConstraint(
                condition=Q(phase=Phase.RELEASED, released_at__isnull=False)
                | (~Q(phase=Phase.RELEASED) & Q(released_at__isnull=True)),
                name="releases_released_has_date",
            ),
        ]
        permissions = [
            ("start_release", "Can start a release"),
            ("change_files", "Can change the files of a draft"),
            ("view_draft", "Can see drafts"),
            ("start_expedited", "Can start a release under embargo"),
            ("view_embargoed", "Can see releases under embargo"),
            ("lift_embargo", "Can lift the embargo on a release"),
            ("start_vote", "Can put a release to the vote"),
            ("cast_vote", "Can vote"),
            ("resolve_vote", "Can resolve a vote"),
            ("publish", "Can publish what was voted"),
            ("announce", "Can announce a release"),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.version}"

    @cached_property
    def rules(self) -> Rules:
        """What holds for this release: what it says itself, else its project, and so on."""
        found = rules_of(self.project, self)
        return (
            SecretRules(found.own, found.layers[1:], found.committee) if self.embargoed else found
        )

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Rules are read afresh with it, so that a verb that holds the row judges by today's."""
        self.__dict__.pop("rules", None)
        super().refresh_from_db(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("releases:detail", args=self.url_args)

    @property
    def url_args(self) -> list[str]:
        return [self.project.slug, self.version]

    @property
    def slug(self) -> str:
        """The release in one word, which the API knows it by: `tool-1.2.0`."""
        return f"{self.project.slug}-{self.version}"

    @property
    def committee(self) -> Committee:
        return self.project.committee

    def clean_version(self) -> None:
        if len(self.version) > 64 or not VERSION.match(self.version):
            raise BadInput(
                f"{self.version[:64]!r} is no version: up to 64 letters and digits, with single "
                "'.', '-' or '+' between them, such as 1.2.0 or 2.0.0-alpha.1."
            )

    def start_obstacles(self) -> Iterator[Obstacle]:
        yield from self.project.start_obstacles()
        yield from self.expedited_obstacles()
        taken = Release.objects.of_key(self.project.slug, self.version).first()
        if taken is not None and taken.embargoed:  # refusals are on record, for others to read
            yield Obstacle("version_exists", "This version is taken. Choose another one.")
        elif taken is not None:
            yield Obstacle(
                "version_exists",
                f"{taken} exists already, in phase “{taken.get_phase_display()}”. "
                "Go on with that one, or choose another version.",
            )

    @verb
    def start(self, *, by: Person, revised: bool = False) -> "Release":
        """Begin this release as an empty draft.

        `revised`: that it is empty is its first revision, as clients of the API count them.
        """
        by = authorise(by, "releases.start_release", self.project)
        if self.expedited:
            by = authorise(by, "releases.start_expedited", self.project)
        self.clean_version()
        # Two people who start the same version at once meet here, not at a unique constraint.
        self.project = Project.objects.select_for_update().get(pk=self.project_id)
        require(self.start_obstacles())
        numbers, _ = Numbers.objects.get_or_create(project=self.project, version=self.version)
        self.last_revision, self.last_vote = numbers.revision, numbers.vote
        # A line that is new would tell everybody of the release: it begins when the embargo ends.
        self.embargoed = self.expedited
        self.cycle = None if self.embargoed else self.project.cycle_for(self.version)
        self.created_by = by
        self.save()
        self._begin_embargo()
        Event.objects.record(
            Tag.RELEASE_STARTED,
            by=by,
            subject=self,
            project=self.project,
            release=self,
            version=self.version,
        )
        if revised:
            self._seal({}, set(), by=by, description="Started without files")
        return self

    @verb
    def delete_draft(
        self, *, by: Person, seen: int | None = None, whatever_phase: bool = False
    ) -> None:
        """Throw the draft away: its revisions, files and past votes. The events stay.

        `whatever_phase` asks for a release that is no draft any more, which only tests may have.
        """
        by = authorise(by, "releases.delete_draft", self)
        with self.held():
            at_will = testing.releases_go_without_a_trace(self.committee.slug)
            if not (at_will and whatever_phase):
                require(self.compose_obstacles(seen))
            Numbers.objects.filter(project=self.project, version=self.version).update(
                revision=0 if at_will else self.last_revision,
                vote=0 if at_will else self.last_vote,
            )
            Event.objects.record(
                Tag.RELEASE_DELETED,
                by=by,
                subject=self,
                project=self.project,
                release=self,
                version=self.version,
            )
            self.votes.all().delete()
            if at_will:
                self._let_go()
            self.delete()

    def _let_go(self) -> None:
        """Take away what keeps a release that is more than a draft. Nobody but tests gets here."""
        known = Publication.objects.filter(release_id=self.pk)
        for place in known.exclude(location="").values_list("location", flat=True):
            folder = storages["downloads"].path(place)
            transaction.on_commit(partial(shutil.rmtree, folder, ignore_errors=True))
        known.delete()
        # The row itself, which holds on to what was voted on: the rest of it follows by `delete`,
        # and the database looks at all of it when that is done.
        Release.objects.filter(pk=self.pk)._raw_delete(using=self._state.db)

    def facts(self) -> dict[str, Any]:
        """What mails and documents say of a release."""
        return {"project": self.project.slug, "version": self.version, "phase": str(self.phase)}

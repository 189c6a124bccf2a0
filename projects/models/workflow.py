"""Which workflows of which repositories act for a project: a grant, given and taken by people."""

import re
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils.timezone import now

from projects.lifecycle import authorise, require, verb
from projects.models.people import Committee, User
from projects.models.project import Project
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Obstacle, Stale
from trusted_releases.lib.text import given_reason

REPOSITORY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38})/[a-z0-9._-]{1,100}", re.ASCII)
PATH = re.compile(r"\.github/workflows/[A-Za-z0-9._-]{1,100}\.ya?ml", re.ASCII)


class Workflow(models.Model):
    """A workflow that may act for a project in one phase, in the name of whoever starts it.

    What it may do there is what that person may. A workflow acts in a phase for one project only,
    so a run never says which project it means: the grant does.
    """

    class Phase(models.TextChoices):
        COMPOSE = "compose", "Compose: upload files"
        VOTE = "vote", "Vote: resolve the vote"
        FINISH = "finish", "Finish: announce"

    project = models.ForeignKey(Project, models.CASCADE, related_name="workflows")
    repository = models.CharField(max_length=140, help_text="owner/name, in lower case.")
    path = models.CharField(max_length=130, help_text="Of the workflow's file in the repository.")
    phase = models.CharField(max_length=10, choices=Phase)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )
    granted_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["repository", "path", "phase"]
        constraints = [
            models.UniqueConstraint(
                fields=["repository", "path", "phase"], name="projects_workflow_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.path} in {self.repository}, phase {self.phase}"

    def get_absolute_url(self) -> str:
        return reverse("projects:workflows", args=[self.project.slug])

    @property
    def committee(self) -> Committee:
        return self.project.committee

    @verb
    def grant(self, *, by: Person, also: Collection[str] = ()) -> "Workflow":
        """Let runs of this workflow act for the project in this phase, from now on.

        `also` are other phases that it is granted in the same step: all of them, or none.
        """
        by = authorise(by, "projects.change_policy", self.project)
        same = {"project": self.project, "repository": self.repository, "path": self.path}
        for row in [self, *(Workflow(phase=phase, **same) for phase in also)]:
            row._give(by)
        return self

    def _give(self, by: User) -> None:
        self._clean()
        taken = Workflow.objects.filter(
            repository=self.repository, path=self.path, phase=self.phase
        ).select_related("project")
        require(map(_taken, taken))
        self.granted_by = by
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError as error:  # two people at the same moment
            raise NotReady(tuple(map(_taken, taken.all()))) from error
        self._tell(Tag.WORKFLOW_GRANTED, by)

    @verb
    def revoke(self, *, by: Person, reason: str = "") -> None:
        """Take the grant back: runs of the workflow are refused from now on."""
        by = authorise(by, "projects.change_policy", self.project)
        facts = {"reason": given_reason(reason)} if reason else {}
        if not Workflow.objects.filter(pk=self.pk).exists():
            raise Stale("This grant has been taken back already.")
        self._tell(Tag.WORKFLOW_REVOKED, by, **facts)
        self.delete()

    def _clean(self) -> None:
        self.repository = self.repository.strip().lower()
        self.path = self.path.strip()
        if not REPOSITORY.fullmatch(self.repository):
            raise BadInput("Name the repository as owner/name, such as apache/tool.")
        owner = settings.GITHUB_OIDC_CLAIMS.get("repository_owner", "").lower()
        if owner and not self.repository.startswith(f"{owner}/"):
            raise BadInput(f"Only repositories of {owner} act here: {owner}/name.")
        if not PATH.fullmatch(self.path):
            raise BadInput(
                "Name the workflow's file as it lies in the repository, such as "
                ".github/workflows/release.yml."
            )
        if self.phase not in self.Phase.values:
            raise BadInput(f"A workflow acts in {', '.join(self.Phase.values)}.")

    def _tell(self, tag: Tag, by: User, **facts: Any) -> None:
        told = {"repository": self.repository, "path": self.path, "phase": str(self.phase)}
        Event.objects.record(tag, by=by, subject=self, project=self.project, **told, **facts)


def _taken(known: Workflow) -> Obstacle:
    return Obstacle("workflow_taken", f"{known} acts for {known.project} already.")

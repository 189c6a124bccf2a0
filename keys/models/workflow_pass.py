"""What a run of a workflow was given to upload with: what both kinds of it have in common."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.timezone import now

from projects.lifecycle import authorise, verb
from projects.models import Committee, Project, Workflow
from projects.roles import Person, may
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Stale
from trusted_releases.lib.text import given_reason

if TYPE_CHECKING:
    from keys.visits import Visit

LASTS = timedelta(minutes=20)
KEPT = timedelta(days=30)  # for which people can look at what a run was given
RIGHT = "releases.change_files"


class WorkflowPassQuerySet(models.QuerySet):
    def standing(self) -> Self:
        """Neither revoked, nor has the grant ended under which it was given."""
        return self.filter(revoked_at__isnull=True, grant__isnull=False)

    def good(self, at: datetime | None = None) -> Self:
        """Those that open something, as far as a row can say."""
        return self.standing().filter(expires_at__gt=at or now())

    def over(self, at: datetime | None = None) -> Self:
        """Those that nobody needs to look at any more: the log has what they were."""
        return self.filter(expires_at__lt=(at or now()) - KEPT)

    def for_listing(self) -> Self:
        return self.select_related("owner", "grant", "project", "revoked_by").order_by("-pk")


class WorkflowPass(models.Model):
    """What lets one run of a workflow upload, in the name of who started it, for twenty minutes.

    It is for the project, and under the grant, that the run had when it asked. It ends with its
    time, with the grant, with whatever ends the person's right, or when somebody revokes it.
    """

    if TYPE_CHECKING:
        project_id: int
        owner_id: int
        grant_id: int | None
        objects: Any

    project = models.ForeignKey(Project, models.CASCADE, editable=False, related_name="%(class)ss")
    grant = models.ForeignKey(
        Workflow, models.SET_NULL, null=True, editable=False, related_name="%(class)ss"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name="started by",
        editable=False,
        related_name="%(class)ss",
    )
    repository = models.CharField(max_length=140, editable=False)
    path = models.CharField(max_length=255, editable=False)
    phase = models.CharField(max_length=10, choices=Workflow.Phase, editable=False)
    run_id = models.CharField("run", max_length=40, editable=False)
    actor_id = models.PositiveBigIntegerField("GitHub id", editable=False)
    claims = models.JSONField(default=dict, editable=False)
    made_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField(editable=False, db_index=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    REVOKED: Tag
    KIND: str
    REVOKE: str  # the name of the page that does

    class Meta:
        abstract = True
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="keys_%(class)s_ends_later"
            )
        ]

    def get_absolute_url(self) -> str:
        return reverse("projects:workflows", args=[self.project.slug])

    @property
    def committee(self) -> Committee:
        return self.project.committee

    @property
    def name(self) -> str:
        """What it is called where there are others."""
        raise NotImplementedError

    @property
    def run(self) -> str:
        """Which run it was given to, as events name it."""
        return f"run {self.run_id} of {self.path} in {self.repository}"

    @property
    def run_address(self) -> str:
        """Where GitHub shows the run. Its parts were judged when the token was read."""
        return f"https://github.com/{self.repository}/actions/runs/{self.run_id}"

    @property
    def revoke_address(self) -> str:
        return reverse(self.REVOKE, args=[self.project.slug, self.pk])

    @property
    def is_good(self) -> bool:
        """Whether its row says that it opens something: `keys.passes` asks the rest."""
        ended = self.revoked_at is not None or self.grant_id is None
        return not ended and self.expires_at > now()

    @property
    def ended_how(self) -> str:
        """Why it opens nothing, in a few words; "" while it does."""
        if self.revoked_at is not None:
            who = self.revoked_by
            return f"revoked by {who}" if who else "revoked with all that its person came in by"
        if self.grant_id is None:
            return "the workflow may act no more"
        return "" if self.expires_at > now() else "its time is over"

    def facts(self) -> dict[str, Any]:
        """What events tell of it; nothing of a secret."""
        return {
            "person": self.owner.username,
            "repository": self.repository,
            "path": self.path,
            "phase": str(self.phase),
            "run": self.run_id,
            "expires_at": self.expires_at,
        }

    @verb
    def revoke(self, *, by: Person, reason: str) -> None:
        """Have it open nothing from now on. There is no way back; a run asks for a new one.

        Everybody may who may upload there themselves, and who revokes tokens of others.
        """
        person = authorise(by, _right_to_end(self, by), self)
        reason = given_reason(reason)
        stood = type(self).objects.filter(pk=self.pk, revoked_at__isnull=True)
        self.revoked_at, self.revoked_by = now(), person
        if not stood.update(revoked_at=self.revoked_at, revoked_by=person):
            raise Stale(f"{self} has been revoked already.")
        facts = self.facts() | {"reason": reason}
        Event.objects.record(self.REVOKED, by=person, subject=self, project=self.project, **facts)

    def record_used(self) -> None:
        """Somebody came in by it. Decides nothing."""
        type(self).objects.filter(pk=self.pk).update(last_used_at=now())


def given_to(visit: "Visit") -> dict[str, Any]:
    """What any pass keeps of the run that asks for it. PermissionDenied when it may not upload."""
    owner = authorise(visit.person, RIGHT, visit.project)
    at, run = now(), visit.run
    return {
        "project": visit.project,
        "grant": visit.grant,
        "owner_id": owner.pk,
        "repository": run.repository,
        "path": run.path,
        "phase": visit.grant.phase,
        "run_id": run.run_id,
        "actor_id": run.actor_id,
        "claims": run.claims,
        "made_at": at,
        "expires_at": at + LASTS,
    }


def _right_to_end(given: WorkflowPass, by: Person) -> str:
    """The right by which this person may end it, or the one that they would need."""
    return "keys.revoke_tokens" if may(by, "keys.revoke_tokens", given) else RIGHT

"""SSH keys of workflows: how one run of a workflow sends files by rsync."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, models, transaction
from django.utils.timezone import now

from keys import ssh_text
from keys.models.owning import on_record
from keys.models.ssh import SshKey
from keys.models.workflow_pass import WorkflowPass, WorkflowPassQuerySet, given_to
from projects.credentials import Ended, credential
from projects.lifecycle import require
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import NotReady, Obstacle

if TYPE_CHECKING:
    from keys.visits import Visit


class WorkflowSshKeyManager(models.Manager.from_queryset(WorkflowPassQuerySet)):  # type: ignore[misc]
    def register(self, visit: "Visit", text: str) -> "WorkflowSshKey":
        """Let whoever has the private part of this key send files for this run."""
        with on_record("register_workflow_key", visit.person), transaction.atomic():
            given = given_to(visit)
            found = ssh_text.read(text)
            require(visit.project.start_obstacles())
            require(self._obstacles(found.fingerprint))
            try:
                with transaction.atomic():
                    key: WorkflowSshKey = self.create(
                        **given, fingerprint=found.fingerprint, key=found.line
                    )
            except IntegrityError:  # two runs with one key, at the same moment
                raise NotReady([_known(found.fingerprint)]) from None
            facts = key.facts()
            Event.objects.record(
                Tag.WORKFLOW_KEY_ADDED,
                by=visit.person,
                subject=key,
                project=visit.project,
                **facts,
            )
            return key

    def _obstacles(self, fingerprint: str) -> Iterator[Obstacle]:
        """One key is one run's: who comes with it is known by it."""
        known = self.filter(fingerprint=fingerprint).exists()
        if known or SshKey.objects.filter(fingerprint=fingerprint).exists():
            yield _known(fingerprint)


class WorkflowSshKey(WorkflowPass):
    """A public key of SSH that a run of a workflow has made, and brought with its token."""

    fingerprint = models.CharField(max_length=60, unique=True, editable=False)
    key = models.TextField(max_length=ssh_text.LONGEST, editable=False)

    objects = WorkflowSshKeyManager()
    REVOKED = Tag.WORKFLOW_KEY_REVOKED
    KIND = "SSH key"
    REVOKE = "keys:revoke-workflow-key"

    class Meta(WorkflowPass.Meta):
        verbose_name = "SSH key of a workflow"
        verbose_name_plural = "SSH keys of workflows"

    def __str__(self) -> str:
        return self.fingerprint

    @property
    def name(self) -> str:
        return f"SSH key {self.fingerprint}"

    def facts(self) -> dict[str, Any]:
        return super().facts() | {"fingerprint": self.fingerprint}


def _known(fingerprint: str) -> Obstacle:
    return Obstacle(
        "ssh_key_known",
        f"The SSH key {fingerprint} is known already. Make a new one in each run.",
    )


@credential("workflow_ssh_keys")
def revoke_all(person: Any) -> list[Ended]:
    """What a security officer's revocation of everything takes along."""
    good = WorkflowSshKey.objects.filter(owner=person.pk).good()
    ended = [
        Ended(Tag.WORKFLOW_KEY_REVOKED, key, key.facts()) for key in good.select_related("owner")
    ]
    good.update(revoked_at=now())
    return ended

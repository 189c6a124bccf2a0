"""Upload tickets: how one run of a workflow sends files over HTTP, once."""

from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils.timezone import now

from keys import token_text
from keys.models.owning import on_record
from keys.models.workflow_pass import WorkflowPass, WorkflowPassQuerySet, given_to
from projects.credentials import Ended, credential
from projects.lifecycle import require
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

if TYPE_CHECKING:
    from keys.visits import Visit


class UploadTicketQuerySet(WorkflowPassQuerySet):
    def standing(self) -> "UploadTicketQuerySet":
        return super().standing().filter(last_used_at__isnull=True)


class UploadTicketManager(models.Manager.from_queryset(UploadTicketQuerySet)):  # type: ignore[misc]
    def make(self, visit: "Visit", version: str) -> "tuple[UploadTicket, str]":
        """A ticket for one upload into this version, and its secret, shown this once."""
        with on_record("make_upload_ticket", visit.person), transaction.atomic():
            given = given_to(visit)
            require(visit.project.start_obstacles())
            secret = token_text.make(token_text.TICKET)
            ticket: UploadTicket = self.create(
                **given, version=version, digest=token_text.digest(secret)
            )
            facts = ticket.facts()
            Event.objects.record(
                Tag.TICKET_MADE, by=visit.person, subject=ticket, project=visit.project, **facts
            )
            return ticket, secret

    def of_secret(self, secret: str) -> "UploadTicket | None":
        """The ticket with this secret, however it stands; whoever has the secret may know that."""
        if not token_text.is_token(secret):
            return None
        rows = self.select_related("owner", "project__committee", "grant")
        found: UploadTicket | None = rows.filter(digest=token_text.digest(secret)).first()
        return found


class UploadTicket(WorkflowPass):
    """A secret that is good for one upload into one version. Only a digest of it is kept."""

    version = models.CharField(max_length=64, editable=False)
    digest = models.CharField(
        max_length=64, unique=True, editable=False, help_text="SHA3-256 of the secret."
    )

    objects = UploadTicketManager()
    REVOKED = Tag.TICKET_REVOKED
    KIND = "Upload ticket"
    REVOKE = "keys:revoke-ticket"

    class Meta(WorkflowPass.Meta):
        verbose_name = "upload ticket"

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"Upload ticket {self.pk} for {self.version}"

    @property
    def is_good(self) -> bool:
        return self.last_used_at is None and super().is_good

    @property
    def ended_how(self) -> str:
        used = self.last_used_at is not None and self.revoked_at is None
        return "it was used" if used else super().ended_how

    def use(self) -> bool:
        """Use it up; False when it is too late: of two at once, one comes too late."""
        mine = UploadTicket.objects.good().filter(pk=self.pk)
        self.last_used_at = now()
        return bool(mine.update(last_used_at=self.last_used_at))


@credential("upload_tickets")
def revoke_all(person: Any) -> list[Ended]:
    """What a security officer's revocation of everything takes along."""
    good = UploadTicket.objects.filter(owner=person.pk).good()
    ended = [
        Ended(Tag.TICKET_REVOKED, ticket, ticket.facts()) for ticket in good.select_related("owner")
    ]
    good.update(revoked_at=now())
    return ended

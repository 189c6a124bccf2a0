"""Mails about releases, and what became of each for each recipient."""

from typing import TYPE_CHECKING

from django.db import models
from django.utils.timezone import now

from projects.lifecycle import authorise, require, verb
from projects.models import Recipients
from projects.roles import Person
from releases.models.part import PartOfRelease
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Obstacle
from trusted_releases.lib.text import given_reason

if TYPE_CHECKING:
    from releases.models.release import Release

SENDS = "releases.send_mail"  # the job


class MessageQuerySet(models.QuerySet["Message"]):
    def shown_to(self, person: Person, release: "Release") -> "MessageQuerySet":
        """Those who work on a release see all its mails; others those that they sent."""
        if person.has_perm("releases.change_files", release) or person.has_perm(
            "projects.search_events"
        ):
            return self
        if not person.is_authenticated:
            return self.none()
        return self.filter(sender=person.get_username())


class Message(PartOfRelease):
    """One mail, made from one event: the same event never makes a second one.

    `message_id` follows from the event, so that a mail which a dying worker sent twice is
    recognisable as one. `recipients` are those it is to; `cc` are named in it too, `bcc` are not.
    """

    release = models.ForeignKey("Release", models.CASCADE, related_name="messages")
    event = models.PositiveBigIntegerField(unique=True, editable=False)
    message_id = models.CharField(max_length=255, unique=True, editable=False)
    in_reply_to = models.CharField(max_length=255, blank=True, editable=False)
    subject = models.CharField(max_length=250, editable=False)
    body = models.TextField(editable=False)
    sender = models.CharField(max_length=150, blank=True, editable=False)
    sender_name = models.CharField(max_length=200, blank=True, editable=False)
    reply_to = models.EmailField(blank=True, editable=False)
    recipients = models.JSONField(default=list, editable=False)
    cc = models.JSONField(default=list, editable=False)
    bcc = models.JSONField(default=list, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        permissions = [("resend_mail", "Can send a mail again to those who did not get it")]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="releases_message_unsent",
                condition=models.Q(sent_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def everybody(self) -> Recipients:
        return Recipients(tuple(self.recipients), tuple(self.cc), tuple(self.bcc)).once()

    def expect(self) -> None:
        """Make a row for each recipient, once: what becomes of the mail there."""
        known = set(self.deliveries.values_list("address", flat=True))
        new = [each for each in self.everybody.everybody if each not in known]
        self.deliveries.bulk_create(
            [Delivery(message=self, address=each) for each in new], ignore_conflicts=True
        )

    @property
    def jobs(self) -> models.QuerySet[Job]:
        """What sends it, or has sent it; the newest first."""
        jobs = Job.objects.of_release(self.release_id).filter(name=SENDS, args__event=self.event)
        return jobs.order_by("-pk")

    @property
    def job(self) -> Job | None:
        return self.jobs.first()

    def is_sent_by_another(self, job: int) -> bool:
        """Whether a job beside this one hands it over just now."""
        running = self.jobs.filter(state=Job.State.RUNNING, lease_until__gt=now())
        return running.exclude(pk=job).exists()

    def resend_obstacles(self) -> "list[Obstacle]":
        """What stands between this mail and being sent to those who did not get it."""
        if self.deliveries.missed().exists():
            return []
        said = "Everybody has got it, or gets it still: there is nobody to send it to again."
        return [Obstacle("all_sent", said)]

    @verb
    def resend(self, *, by: Person, reason: str = "") -> int:
        """Send it again to those who did not get it, and to nobody else; to how many.

        It is the same mail, with the same Message-ID: who has it already shows it once.
        """
        by = authorise(by, "releases.resend_mail", self.release)
        with self.release.held():
            require(self.resend_obstacles())
            # Held, so that nobody takes it between this look and the end of the transaction; and
            # before the deliveries, as those who write down what became of them do.
            job = self.jobs.select_for_update().first()
            missed = self.deliveries.missed()
            count = missed.update(state=Delivery.State.WAITING, since=now())
            if job is not None and job.state == Job.State.QUEUED:
                job.due_at = now()
                job.wake()
            else:  # also while one runs: it has read already to whom it sends
                Job.objects.enqueue(
                    SENDS, release=self.release_id, subject=self, args={"event": self.event}
                )
            facts = {"reason": given_reason(reason)} if reason else {}
            told = {"subject_line": self.subject, "recipients": count, **facts}
            Event.objects.record(Tag.MAIL_RESENT, by=by, subject=self, **told)
            return count


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> "DeliveryQuerySet":
        return self.filter(state=Delivery.State.WAITING)

    def missed(self) -> "DeliveryQuerySet":
        """Those whom somebody would want to send it to again."""
        late = models.Q(state=Delivery.State.WAITING) & ~models.Q(said="")
        return self.filter(
            late | models.Q(state__in=[Delivery.State.REFUSED, Delivery.State.BOUNCED])
        )


class Delivery(models.Model):
    """One mail on its way to one recipient."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Taken by the server"
        REFUSED = "refused", "Refused"
        BOUNCED = "bounced", "Came back"

    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries")
    address = models.CharField(max_length=254, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    said = models.CharField(max_length=520, blank=True, editable=False)
    attempts = models.PositiveIntegerField(default=0, editable=False)
    # When it was last handed over: written before, so that a worker's death there is known.
    tried_at = models.DateTimeField(null=True, editable=False)
    since = models.DateTimeField(default=now, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["message", "address"], name="releases_delivery_once")
        ]

    def __str__(self) -> str:
        return f"{self.message} to {self.address}: {self.get_state_display().lower()}"

    @property
    def release(self) -> "Release":
        return self.message.release

"""SSH keys: how files come in by rsync in a person's name."""

from collections.abc import Iterator
from typing import Any, Self

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils.timezone import now

from keys import ssh_text
from keys.models.owning import on_record
from projects.credentials import Ended, credential
from projects.lifecycle import authorise, require, verb
from projects.models import User
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Obstacle, Stale

MOST_SSH_KEYS = 50  # of one person


class SshKeyQuerySet(models.QuerySet):
    def of(self, person: Person) -> Self:
        """The person's own, by fingerprint."""
        return self.filter(owner=person.pk).order_by("fingerprint")


class SshKeyManager(models.Manager.from_queryset(SshKeyQuerySet)):  # type: ignore[misc]
    def add(self, text: str, *, by: Person) -> "SshKey":
        """Let whoever has the private part of this key come in as the person who asks."""
        with on_record("add_ssh_key", by), transaction.atomic():
            owner = authorise(by, "keys.own_ssh_keys", by)  # type: ignore[arg-type]
            found = ssh_text.read(text)
            # The account's row is the lock: how many there are is counted below.
            User.objects.select_for_update(no_key=True).get(pk=owner.pk)
            require(self._obstacles(owner, found.fingerprint))
            try:
                with transaction.atomic():
                    key: SshKey = self.create(
                        owner=owner, fingerprint=found.fingerprint, key=found.line
                    )
            except IntegrityError:  # somebody else has added it at this very moment
                raise NotReady([_known(found.fingerprint)]) from None
            Event.objects.record(Tag.SSH_KEY_ADDED, by=owner, subject=key, **key.facts())
            return key

    def _obstacles(self, owner: User, fingerprint: str) -> Iterator[Obstacle]:
        if self.filter(fingerprint=fingerprint).exists():
            yield _known(fingerprint)
        if self.filter(owner=owner).count() >= MOST_SSH_KEYS:
            yield Obstacle(
                "too_many_ssh_keys",
                f"You have {MOST_SSH_KEYS} SSH keys already. Remove those you do not use.",
            )


class SshKey(models.Model):
    """A public key of SSH, which lets whoever has its private part come in as its owner.

    One key is one person's: who comes with it is known by it. It is good while it is here and its
    owner's account is not switched off.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, editable=False, related_name="ssh_keys"
    )
    fingerprint = models.CharField(max_length=60, unique=True, editable=False)
    key = models.TextField(max_length=ssh_text.LONGEST, editable=False)
    added_at = models.DateTimeField(default=now, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)

    objects = SshKeyManager()

    class Meta:
        verbose_name = "SSH key"
        ordering = ["fingerprint"]
        permissions = [("own_ssh_keys", "Can add SSH keys, and remove their own")]

    def __str__(self) -> str:
        return self.fingerprint

    def get_absolute_url(self) -> str:
        return reverse("keys:credentials")

    @property
    def kind(self) -> str:
        return self.key.split(None, 1)[0]

    @property
    def comment(self) -> str:
        return " ".join(self.key.split(None, 2)[2:])

    def facts(self) -> dict[str, Any]:
        """What events tell of it."""
        return {"fingerprint": self.fingerprint, "kind": self.kind, "person": self.owner.username}

    def record_used(self) -> None:
        """Somebody came in by it. Decides nothing."""
        type(self).objects.filter(pk=self.pk).update(last_used_at=now())

    @verb
    def remove(self, *, by: Person) -> None:
        """Let nobody in by it any more. It can be added again."""
        person = authorise(by, "keys.own_ssh_keys", self)
        if self.owner_id != person.pk:
            raise BadInput(f"The key {self} is not yours.")
        facts, subject = self.facts(), self.owner
        gone, _ = type(self).objects.filter(pk=self.pk).delete()
        if not gone:
            raise Stale(f"The key {self} has been removed already.")
        Event.objects.record(Tag.SSH_KEY_REMOVED, by=person, subject=subject, **facts)


def _known(fingerprint: str) -> Obstacle:
    return Obstacle("ssh_key_known", f"The SSH key {fingerprint} is known already.")


@credential("ssh_keys")
def remove_all(person: Any) -> list[Ended]:
    """What a security officer's revocation of everything takes along."""
    theirs = SshKey.objects.filter(owner=person.pk).select_related("owner")
    ended = [Ended(Tag.SSH_KEY_REMOVED, person, key.facts()) for key in theirs]
    theirs.delete()
    return ended

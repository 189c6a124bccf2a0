"""Certificates and the committees whose releases they sign."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils.timezone import now

from keys.models.history import FormerLink
from keys.models.importing import CertificateManager, refuse_too_many
from keys.models.keys_file import KeysFile
from keys.openpgp_listing import Revocation
from projects.lifecycle import authorise, require, verb
from projects.models import Committee
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Stale
from trusted_releases.lib.text import given_reason


class Certificate(models.Model):
    """An OpenPGP certificate: public, known by the fingerprint of its primary key.

    Stored once, linked to the committees whose releases it may sign. It is never deleted: what it
    signed stays verifiable, also when no committee links to it any more.
    """

    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    key_id = models.CharField(max_length=16, db_index=True, editable=False)
    algorithm = models.CharField(max_length=30, editable=False)
    length = models.PositiveIntegerField(editable=False, help_text="In bits.")
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(null=True, editable=False)
    revoked = models.BooleanField(default=False, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revocation_reason = models.CharField(max_length=200, blank=True, editable=False)
    revoked_hard = models.BooleanField(
        default=False, editable=False, help_text="Nothing that it signed can be relied on."
    )
    weakly_bound = models.BooleanField(
        default=False, editable=False, help_text="Bound to its user ids by SHA-1 or MD5 only."
    )
    user_ids = models.JSONField(default=list, editable=False)
    identities = models.JSONField(
        default=list, editable=False, help_text="All user ids, also those that were revoked."
    )
    photos = models.PositiveIntegerField(default=0, editable=False)
    subkeys = models.JSONField(default=list, editable=False)
    armored = models.TextField(editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(
        null=True, editable=False, help_text="When it last took something in."
    )
    committees = models.ManyToManyField(Committee, through="KeyLink", related_name="certificates")

    objects = CertificateManager()

    class Meta:
        ordering = ["fingerprint"]
        permissions = [
            ("add_keys", "Can add keys to a committee"),
            ("manage_keys", "Can manage the keys of a committee"),
            ("own_certificates", "Can add keys of their own, and take them back"),
        ]

    def __str__(self) -> str:
        return self.fingerprint.upper()

    def get_absolute_url(self) -> str:
        return reverse("keys:detail", args=[self.fingerprint])

    @property
    def revocation(self) -> Revocation | None:
        """That it was declared void, as far as anybody here has ever seen."""
        if not self.revoked:
            return None
        return Revocation(self.revoked_at, self.revocation_reason, self.revoked_hard)

    @verb
    def link(self, committee: Committee, *, by: Person) -> "KeyLink":
        """Let the key sign for this committee, also if it had been taken from it."""
        person = authorise(by, "keys.add_keys", committee)
        require(KeysFile.objects.obstacles([committee]))
        Committee.objects.select_for_update(no_key=True).get(pk=committee.pk)
        link, made = KeyLink.objects.get_or_create(
            committee=committee, certificate=self, defaults={"added_by": person}
        )
        if not made and not link.is_retired:
            raise Stale(f"{self} signs for {committee} already.")
        link.retired_at = link.retired_by = None
        link.save(update_fields=["retired_at", "retired_by"])
        refuse_too_many(committee)
        Event.objects.record(
            Tag.KEY_LINKED,
            by=person,
            subject=self,
            committee=committee,
            fingerprint=self.fingerprint,
        )
        return link

    @property
    def user_id(self) -> str:
        """The user id that gpg shows first."""
        return self.user_ids[0] if self.user_ids else "(no user id)"

    @property
    def spaced(self) -> str:
        """The fingerprint in groups of four, as people compare it."""
        digits = self.fingerprint.upper()
        return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


class KeyLink(models.Model):
    """This committee's releases may be signed by this certificate.

    Taken from the committee, it is gone, and stays in the history of the KEYS file (`FormerLink`);
    unless it has signed a published release. Then it stays in the file, for those who verify that
    release, and is retired: what it signs from now on does not count.
    """

    committee = models.ForeignKey(Committee, models.CASCADE, related_name="key_links")
    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="links")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, editable=False)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["committee", "certificate"], name="keys_link_once")
        ]

    def __str__(self) -> str:
        return f"{self.certificate} for {self.committee}"

    def get_absolute_url(self) -> str:
        return reverse("keys:committee", args=[self.committee.slug])

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    def signed_releases(self) -> bool:
        """Whether a published release of the committee rests on it."""
        return self.certificate.uses.filter(committee=self.committee_id).exists()

    @verb
    def unlink(self, *, by: Person, reason: str = "") -> None:
        """Take the key from the committee; say which became of it by `is_retired` afterwards.

        The owner of a key may, and who manages the committee's keys.
        """
        if by.pk is None or self.certificate.owner_id != by.pk:
            authorise(by, "keys.manage_keys", self)
        else:
            authorise(by, "keys.own_certificates", by)
        require(KeysFile.objects.obstacles([self.committee]))
        self.end(by=by, **({"reason": given_reason(reason)} if reason else {}))

    @classmethod
    def keep(cls, certificate: Certificate, committee: Committee) -> None:
        """A published release rests on the key: it stands in the KEYS file, retired where it was
        taken from the committee while nobody had written that down."""
        with transaction.atomic():
            Committee.objects.select_for_update(no_key=True).get(pk=committee.pk)
            _, made = cls.objects.get_or_create(
                committee=committee, certificate=certificate, defaults={"retired_at": now()}
            )
            if made:
                Event.objects.record(
                    Tag.KEY_RETIRED,
                    by=None,
                    subject=certificate,
                    committee=committee,
                    fingerprint=certificate.fingerprint,
                )

    def end(self, *, by: Any, **facts: str) -> None:
        """What unlinking does, for those who have decided that it may be done."""
        rows = KeyLink.objects.select_for_update(of=("self",)).filter(pk=self.pk)
        link = rows.filter(retired_at=None).first()
        if link is None:
            raise Stale(f"{self.certificate} has been taken from {self.committee} meanwhile.")
        at = now()
        if kept := link.signed_releases():
            self.retired_at, self.retired_by = at, by
            self.save(update_fields=["retired_at", "retired_by"])
        else:
            FormerLink.objects.create(
                committee=self.committee,
                certificate=self.certificate,
                since=link.added_at,
                until=at,
                added_by_id=link.added_by_id,
                ended_by=by,
            )
            rows.delete()
        Event.objects.record(
            Tag.KEY_RETIRED if kept else Tag.KEY_UNLINKED,
            by=by,
            subject=self.certificate,
            committee=self.committee,
            fingerprint=self.certificate.fingerprint,
            **facts,
        )

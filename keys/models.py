"""Certificates and the committees whose releases they sign."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models.functions import Length
from django.urls import reverse

from keys import openpgp
from keys.document import Entry, compose
from keys.querysets import CertificateQuerySet
from keys.report import ImportReport, Outcome, Row
from projects.lifecycle import authorise, verb
from projects.models import Committee
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Refused, Stale


class CertificateManager(models.Manager.from_queryset(CertificateQuerySet)):  # type: ignore[misc]
    def import_keys(self, data: bytes, *, committee: Committee, by: Person) -> ImportReport:
        """Store the certificates of a KEYS document and link them to the committee.

        What can be used is stored; what cannot is refused block by block, with the reason in the
        report. A certificate that is known already takes in what is new, and loses nothing. A
        document with private key material in it is refused whole, and nothing of it is kept.
        """
        try:
            authorise(by, "keys.add_keys", committee)
            blocks = openpgp.read_keys(data)
            _refuse_private(blocks)
            newest = self._newest(blocks)
            with transaction.atomic():
                return self._take(blocks, newest, committee, by)
        except (Refused, PermissionDenied) as error:
            Event.objects.record_refusal("import_keys", by=by, subject=committee, error=error)
            raise

    def _newest(self, blocks: tuple[openpgp.Block, ...]) -> dict[tuple[str, str], Any]:
        """Known certificates with what the document adds, by old text and fingerprint.

        gpg takes its time over each, so this happens before the transaction.
        """
        given = {each.fingerprint: each for block in blocks for each in block.certificates}
        known = self.filter(fingerprint__in=given).values_list("fingerprint", "armored")
        return {
            (name, old): openpgp.merge(old.encode(), given[name].armored)
            for name, old in known
            if old.encode() != given[name].armored
        }

    def _take(
        self,
        blocks: tuple[openpgp.Block, ...],
        newest: dict[tuple[str, str], Any],
        committee: Committee,
        by: Person,
    ) -> ImportReport:
        # How many keys there may be is counted below; two imports at once would both be in bounds.
        Committee.objects.select_for_update(no_key=True).get(pk=committee.pk)
        found = {each.fingerprint: each for block in blocks for each in block.certificates}
        # In one order, whatever that of the file: else two imports of the same keys into two
        # committees wait for each other for ever.
        taken = {name: self._take_one(found[name], newest, committee, by) for name in sorted(found)}
        rows: list[Row] = []
        for block in blocks:
            said = " ".join(block.problems)
            for given in block.certificates:
                outcome = taken.pop(given.fingerprint, Outcome.UNCHANGED)
                rows.append(Row(block.line, outcome, given.fingerprint, given.user_id, said))
                said = ""
            if not block.certificates:
                rows.append(Row(block.line, Outcome.REFUSED, text=said))
        report = ImportReport(tuple(rows))
        _refuse_too_many(committee)
        if report.changed:
            facts = {
                str(outcome): report.fingerprints(outcome)
                for outcome in (Outcome.STORED, Outcome.LINKED, Outcome.UPDATED)
            }
            refused = len(report.of(Outcome.REFUSED))
            Event.objects.record(
                Tag.KEYS_IMPORTED,
                by=by,
                subject=committee,
                committee=committee,
                refused_blocks=refused,
                **facts,
            )
        return report

    def _take_one(
        self,
        given: openpgp.Certificate,
        newest: dict[tuple[str, str], Any],
        committee: Committee,
        by: Person,
    ) -> Outcome:
        row, stored = self.get_or_create(
            fingerprint=given.fingerprint, defaults={"added_by": by, **columns(given)}
        )
        updated = not stored and self._update(row, given, newest)
        added: dict[str, Any] = {"added_by": by}
        _, linked = KeyLink.objects.get_or_create(
            committee=committee, certificate=row, defaults=added
        )
        if stored:
            return Outcome.STORED
        if linked:
            return Outcome.LINKED
        return Outcome.UPDATED if updated else Outcome.UNCHANGED

    def _update(
        self,
        row: "Certificate",
        given: openpgp.Certificate,
        newest: dict[tuple[str, str], Any],
    ) -> bool:
        """Take what is new into a stored certificate; say whether there was anything."""
        row = self.select_for_update().get(pk=row.pk)
        old = row.armored
        if old.encode() == given.armored:
            return False
        merged = newest.get((row.fingerprint, old))
        if merged is None:  # somebody imported another version meanwhile
            merged = openpgp.merge(old.encode(), given.armored)
        if merged.armored == old.encode():
            return False
        for name, value in columns(merged).items():
            setattr(row, name, value)
        row.save()
        return True


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
    weakly_bound = models.BooleanField(
        default=False, editable=False, help_text="Bound to its user ids by SHA-1 or MD5 only."
    )
    user_ids = models.JSONField(default=list, editable=False)
    subkeys = models.JSONField(default=list, editable=False)
    armored = models.TextField(editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)
    committees = models.ManyToManyField(Committee, through="KeyLink", related_name="certificates")

    objects = CertificateManager()

    class Meta:
        ordering = ["fingerprint"]
        permissions = [
            ("add_keys", "Can add keys to a committee"),
            ("manage_keys", "Can manage the keys of a committee"),
        ]

    def __str__(self) -> str:
        return self.fingerprint.upper()

    def get_absolute_url(self) -> str:
        return reverse("keys:detail", args=[self.fingerprint])

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
    """This committee's releases may be signed by this certificate."""

    committee = models.ForeignKey(Committee, models.CASCADE, related_name="key_links")
    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="links")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["committee", "certificate"], name="keys_link_once")
        ]

    def __str__(self) -> str:
        return f"{self.certificate} for {self.committee}"

    def get_absolute_url(self) -> str:
        return reverse("keys:committee", args=[self.committee.slug])

    @verb
    def unlink(self, *, by: Person) -> None:
        """Take the key from the committee. The certificate itself stays on the platform."""
        authorise(by, "keys.manage_keys", self)
        gone, _ = KeyLink.objects.filter(pk=self.pk).delete()
        if not gone:
            raise Stale(f"{self.certificate} has been taken from {self.committee} meanwhile.")
        Event.objects.record(
            Tag.KEY_UNLINKED,
            by=by,
            subject=self.certificate,
            committee=self.committee,
            fingerprint=self.certificate.fingerprint,
        )


def columns(found: openpgp.Certificate) -> dict[str, Any]:
    """What gpg says of a certificate, as the columns of its row."""
    revocation = found.revocation
    return {
        "key_id": found.key_id,
        "algorithm": found.algorithm,
        "length": found.length,
        "created_at": found.created_at,
        "expires_at": found.expires_at,
        "revoked": revocation is not None,
        "revoked_at": revocation.at if revocation else None,
        "revocation_reason": revocation.reason if revocation else "",
        "weakly_bound": found.weakly_bound,
        "user_ids": list(found.user_ids),
        "subkeys": [_subkey(each) for each in found.subkeys],
        "armored": found.armored.decode("ascii"),
    }


def _subkey(found: openpgp.Subkey) -> dict[str, Any]:
    """A subkey as JSON; times are ISO 8601 in UTC, None for never."""
    return {
        "fingerprint": found.fingerprint,
        "algorithm": found.algorithm,
        "length": found.length,
        "capabilities": found.capabilities,
        "created_at": found.created_at.isoformat(),
        "expires_at": found.expires_at.isoformat() if found.expires_at else None,
        "revoked": found.revocation.reason if found.revocation else None,
    }


def _refuse_private(blocks: tuple[openpgp.Block, ...]) -> None:
    lines = [str(block.line) for block in blocks if block.private]
    if lines:
        raise BadInput(
            f"This file holds a PRIVATE KEY (line {', '.join(lines)}). Nothing of it was stored. "
            "Whoever has read the file can sign as you: revoke the key. Publish public keys only: "
            "gpg --armor --export."
        )


def _refuse_too_many(committee: Committee) -> None:
    """A KEYS file that this platform generates can be read by it, and by gpg in a moment."""
    sizes = committee.certificates.annotate(size=Length("armored")).values_list("size", flat=True)
    total = sum(sizes)
    if len(sizes) > openpgp.MAX_BLOCKS or total > openpgp.MAX_DOCUMENT * 3 // 4:
        raise BadInput(
            f"{committee} would have {len(sizes)} keys of {total:,} bytes, which is more than a "
            f"KEYS file may have ({openpgp.MAX_BLOCKS} keys). Unlink keys that sign no more."
        )
    if any(size > openpgp.MAX_BLOCK for size in sizes):
        raise BadInput("A key would grow beyond 1 MiB, which is more than KEYS files may hold.")


def keys_document(committee: Committee) -> bytes:
    """The committee's KEYS file: the same certificates give the same bytes."""
    rows = committee.certificates.order_by("fingerprint")
    return compose(committee.name, [Entry.of(each) for each in rows])

"""Whose keys sign the releases of which committee."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings

from keys.models import Certificate, KeyLink
from trusted_releases.seeding import pgp
from trusted_releases.seeding.people import Someone
from trusted_releases.seeding.writer import Table


class Signers:
    """Certificates, one a person, and which committees' releases they sign."""

    def __init__(self) -> None:
        self.certificates = Table(
            Certificate,
            *("fingerprint", "key_id", "algorithm", "length", "created_at", "user_ids"),
            *("armored", "owner_id", "added_by_id", "added_at"),
        )
        self.links = Table(KeyLink, "committee_id", "certificate_id", "added_by_id", "added_at")
        self.tables = (self.certificates, self.links)
        self.known = dict(Certificate.objects.values_list("fingerprint", "pk"))

    def link(self, committee: int, person: Someone, at: datetime, seed: int) -> str:
        """The fingerprint of the person's key, which may sign for the committee from now on."""
        secret = sha256(f"{seed}:{person.username}".encode()).digest()
        made = datetime(2015, 1, 1, tzinfo=at.tzinfo) + timedelta(
            seconds=int.from_bytes(secret[:3])
        )
        user_id = f"{person.name} <{person.username}@{settings.MAIL_DOMAIN}>"
        columns = pgp.certificate(secret, user_id, made)
        key = self.known.get(columns["fingerprint"])
        if key is None:
            key = self.certificates.add(*columns.values(), person.pk, person.pk, at)
            self.known[columns["fingerprint"]] = key
        self.links.add(committee, key, person.pk, at)
        return str(columns["fingerprint"])

    def flush(self) -> None:
        for table in self.tables:
            table.flush()

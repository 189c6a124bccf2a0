"""One's own OpenPGP keys: adding one, and taking it back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from keys import openpgp
from keys.models.keys_file import KeysFile
from keys.persons import address_in
from projects.lifecycle import authorise, require
from projects.models import Committee, User
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib import testing
from trusted_releases.lib.errors import BadInput, Obstacle, Refused

if TYPE_CHECKING:
    from keys.models.certificate import Certificate

MOST_KEYS = 50  # of one person


class OwnKeys(models.Manager[Any]):
    """The part of the certificates' manager that is about a person's own."""

    def add_own(
        self, data: bytes, *, by: Person, committees: Sequence[Committee] = ()
    ) -> "Certificate":
        """Store one's own key, and link it to these committees. The same again changes nothing.

        A key is one's own when one of its user ids has the account's mail address, or its name at
        the foundation's domain.
        """
        with on_record("add_own", by):
            owner = authorise(by, "keys.own_certificates", by)  # type: ignore[arg-type]
            for committee in committees:
                authorise(by, "keys.add_keys", committee)
            require(KeysFile.objects.obstacles(committees))
            blocks = openpgp.read_keys(data)
            self._refuse_private(blocks)
            given = _the_one(blocks)
            _require_own(given, owner)
            newest = self._newest(blocks)
            with transaction.atomic():
                # In one order: two who add keys to the same committees do not wait for each other.
                for committee in sorted(committees, key=lambda each: each.pk):
                    self._take(blocks, newest, committee, by)
                return self._own(given, newest, owner, committees)

    def take_back(self, certificate: "Certificate", *, by: Person) -> list[Committee]:
        """Give up one's own key: it signs no more for any committee. The committees it was in.

        The certificate itself stays, so that what it has signed can be verified; and where that
        was published, it stays in the KEYS file as well.
        """
        with on_record("take_back", by), transaction.atomic():
            owner = authorise(by, "keys.own_certificates", by)  # type: ignore[arg-type]
            row = self.select_for_update().get(pk=certificate.pk)
            if row.owner_id != owner.pk:
                raise BadInput(f"The key {certificate} is not yours.")
            links = list(
                row.links.filter(retired_at=None)
                .select_related("committee")
                .order_by("committee__slug")
            )
            require(KeysFile.objects.obstacles([link.committee for link in links]))
            for link in links:
                link.end(by=owner)
            row.owner = None
            row.save(update_fields=["owner"])
            self._record(Tag.KEY_DISOWNED, row, owner)
            return [link.committee for link in links]

    def _refuse_private(self, blocks: tuple[openpgp.Block, ...]) -> None:
        lines = [str(block.line) for block in blocks if block.private]
        if lines:
            raise BadInput(
                f"This file holds a PRIVATE KEY (line {', '.join(lines)}). Nothing of it was "
                "stored. Whoever has read the file can sign as you: revoke the key. Publish public "
                "keys only: gpg --armor --export."
            )

    def _own(
        self,
        given: openpgp.Certificate,
        newest: dict[tuple[str, str], Any],
        owner: User,
        committees: Sequence[Committee],
    ) -> "Certificate":
        # The account's row is the lock: how many there are is counted below.
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        rows, stored = self._store({given.fingerprint: given}, owner)
        row = rows[given.fingerprint]
        if not stored:
            self._update(row, given, newest, owner, None)
        if row.owner_id == owner.pk:
            return row
        require(self._obstacles(row, owner))
        row.owner = owner
        row.save(update_fields=["owner"])
        self._record(Tag.KEY_OWNED, row, owner)
        # Their KEYS files say whose it is; of the others, an import has just told.
        for link in row.links.exclude(committee__in=committees).select_related("committee"):
            self._record(Tag.KEY_UPDATED, row, owner, committee=link.committee)
        return row

    def _obstacles(self, row: "Certificate", owner: User) -> Iterator[Obstacle]:
        if row.owner_id is not None:
            yield Obstacle("owned_by_another", f"The key {row} belongs to another account.")
        if self.filter(owner=owner).count() >= MOST_KEYS:
            yield Obstacle(
                "too_many_keys", f"You have {MOST_KEYS} keys already. Delete those you do not use."
            )

    def _record(self, tag: Tag, row: "Certificate", by: User, **places: Any) -> None:
        Event.objects.record(tag, by=by, subject=row, fingerprint=row.fingerprint, **places)

    if TYPE_CHECKING:  # what the manager of certificates adds

        def _newest(self, blocks: tuple[openpgp.Block, ...]) -> dict[tuple[str, str], Any]: ...
        def _take(self, *args: Any) -> Any: ...
        def _store(self, *args: Any) -> "tuple[dict[str, Certificate], set[str]]": ...
        def _update(self, *args: Any) -> bool: ...


@contextmanager
def on_record(what: str, by: Any) -> Iterator[None]:
    """What is refused within is on record, about the account of whoever asked."""
    try:
        yield
    except (Refused, PermissionDenied) as error:
        if by.pk is not None:
            Event.objects.record_refusal(what, by=by, subject=by, error=error)
        raise


def _the_one(blocks: tuple[openpgp.Block, ...]) -> openpgp.Certificate:
    found = {each.fingerprint: each for block in blocks for each in block.certificates}
    if len(found) > 1:
        raise BadInput(f"This holds {len(found)} keys. Add one at a time, or import a KEYS file.")
    if not found:
        raise BadInput(" ".join(said for block in blocks for said in block.problems))
    return found.popitem()[1]


def _require_own(given: openpgp.Certificate, owner: User) -> None:
    addresses = {address_in(each) for each in given.user_ids}
    mine = {f"{owner.username}@{settings.MAIL_DOMAIN}".lower(), *_addresses_of(owner)}
    if addresses & mine or testing.is_anybodys_key(given.user_ids):
        return
    raise BadInput(
        f"No user id of this key has the mail address of your account, nor {owner.username}@"
        f"{settings.MAIL_DOMAIN}. Add a user id to the key (gpg --quick-add-uid), or the "
        "address to your account."
    )


def _addresses_of(owner: User) -> set[str]:
    """Addresses that are known to be the person's: verified ones, and the account's own."""
    known = EmailAddress.objects.filter(user=owner.pk, verified=True)
    verified = known.values_list("email", flat=True)
    return {each.lower() for each in (*verified, owner.email) if each}

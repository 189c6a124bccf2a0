"""Taking certificates in: what a KEYS document brings is stored, merged and linked."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Length
from django.utils.timezone import now

from keys import openpgp, remarks
from keys.document import Entry
from keys.models.history import FormerVersion
from keys.models.keys_file import KeysFile
from keys.models.owning import OwnKeys
from keys.models.parts import PublicKey, write_parts
from keys.querysets import CertificateQuerySet
from keys.report import ImportReport, Outcome, Row
from projects.lifecycle import authorise, require
from projects.models import Committee
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Refused

if TYPE_CHECKING:
    from keys.models.certificate import Certificate

Blocks = tuple[openpgp.Block, ...]
# Known certificates with what a document adds to them, by fingerprint and the text they had.
Newest = dict[tuple[str, str], openpgp.Certificate]


class CertificateManager(OwnKeys.from_queryset(CertificateQuerySet)):  # type: ignore[misc]
    def import_keys(self, data: bytes, *, committee: Committee, by: Person) -> ImportReport:
        """Store the certificates of a KEYS document and link them to the committee.

        What can be used is stored; what cannot is refused block by block, with the reason in the
        report. A certificate that is known already takes in what is new, and loses nothing. A
        document with private key material in it is refused whole, and nothing of it is kept.
        """
        try:
            authorise(by, "keys.add_keys", committee)
            require(KeysFile.objects.obstacles([committee]))
            blocks = openpgp.read_keys(data)
            self._refuse_private(blocks)
            newest = self._newest(blocks)
            with transaction.atomic():
                return self._take(blocks, newest, committee, by)
        except (Refused, PermissionDenied) as error:
            Event.objects.record_refusal("import_keys", by=by, subject=committee, error=error)
            raise

    def take_in(self, blocks: Blocks, *, committee: Committee) -> ImportReport:
        """As `import_keys`, for a worker that has fetched the committee's own KEYS file.

        Asks nobody: whoever said where the file is has decided. Private keys are not among these.
        """
        self._refuse_private(blocks)
        newest = self._newest(blocks)
        with transaction.atomic():
            return self._take(blocks, newest, committee, None)

    def reread(self, most: int) -> int:
        """Have gpg look again at certificates of whose keys we know nothing yet; how many it were.

        Those are certificates from before there were rows for their keys.
        """
        rows = {each.fingerprint: each for each in self.filter(keys=None).order_by("pk")[:most]}
        found = openpgp.merge_all(each.armored.encode() for each in rows.values())
        for name, each in found.items():
            with transaction.atomic():
                row = self.select_for_update(of=("self",)).get(pk=rows[name].pk)
                if row.armored != rows[name].armored or row.keys.exists():
                    continue  # somebody imported it meanwhile, and has done all this
                for column, value in columns(each).items():
                    if column != "armored":
                        setattr(row, column, value)
                row.save()
                write_parts([(row, each)])
        return len(found)

    def _newest(self, blocks: Blocks) -> Newest:
        """gpg takes its time over merging, so this happens before the transaction."""
        given = {each.fingerprint: each for block in blocks for each in block.certificates}
        known = self.filter(fingerprint__in=given).values_list("fingerprint", "armored")
        changed = {name: old for name, old in known if old.encode() != given[name].armored}
        texts = [text for name, old in changed.items() for text in (old, given[name].armored)]
        merged = openpgp.merge_all(
            text if isinstance(text, bytes) else text.encode() for text in texts
        )
        return {(name, old): merged[name] for name, old in changed.items()}

    def _take(
        self, blocks: Blocks, newest: Newest, committee: Committee, by: Person | None
    ) -> ImportReport:
        # How many keys there may be is counted below; two imports at once would both be in bounds.
        Committee.objects.select_for_update(no_key=True).get(pk=committee.pk)
        found = {each.fingerprint: each for block in blocks for each in block.certificates}
        rows, stored = self._store(found, by)
        updated = {
            name
            for name in sorted(rows.keys() - stored)
            if self._update(rows[name], found[name], newest, by, committee)
        }
        linked = self._link(rows, committee, by)
        taken = {name: _outcome(name in stored, name in linked, name in updated) for name in found}
        report = ImportReport(tuple(_rows(blocks, taken)))
        refuse_too_many(committee)
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

    def _store(
        self, found: Mapping[str, openpgp.Certificate], by: Person | None
    ) -> "tuple[dict[str, Certificate], set[str]]":
        """The rows of certificates, held, by fingerprint; and which of them are new.

        In one order, whatever that of the file: else two imports of the same keys into two
        committees wait for each other for ever.
        """
        rows = self._held(found)
        missing = sorted(found.keys() - rows.keys())
        self.bulk_create(
            [self.model(fingerprint=name, added_by=by, **columns(found[name])) for name in missing],
            ignore_conflicts=True,  # somebody else may store the same key at this moment
        )
        fresh = self._held(missing)
        known = PublicKey.objects.filter(certificate__in=[each.pk for each in fresh.values()])
        theirs = set(known.values_list("certificate", flat=True))
        ours = {name: row for name, row in fresh.items() if row.pk not in theirs}
        write_parts((row, found[name]) for name, row in ours.items())
        return rows | fresh, set(ours)

    def _held(self, names: Iterable[str]) -> "dict[str, Certificate]":
        rows = self.select_for_update(of=("self",)).filter(fingerprint__in=list(names))
        return {each.fingerprint: each for each in rows.order_by("fingerprint")}

    def _link(
        self, rows: "Mapping[str, Certificate]", committee: Committee, by: Person | None
    ) -> set[str]:
        """Link them to the committee; which of them were not. Hold the committee meanwhile.

        A key that was taken from the committee and kept stays as it is: our own KEYS file, which
        has it, may be imported again. Linking it once more is a decision of its own.
        """
        links = committee.key_links
        known = set(
            links.filter(certificate__in=rows.values()).values_list("certificate", flat=True)
        )
        linked = {name: row for name, row in rows.items() if row.pk not in known}
        added: dict[str, Any] = {"committee": committee, "added_by": by}
        links.bulk_create(
            links.model(certificate=row, **added) for _, row in sorted(linked.items())
        )
        return set(linked)

    def _update(
        self,
        row: "Certificate",
        given: openpgp.Certificate,
        newest: Newest,
        by: Person | None,
        committee: Committee | None,
    ) -> bool:
        """Take what is new into a certificate that is held; say whether there was anything.

        `committee` hears of it by the import itself; all others that have the key are told here.
        """
        old, news = row.armored, bool(given.revocation and not row.revoked)
        if old.encode() == given.armored and not news:
            return False
        merged = newest.get((row.fingerprint, old))
        if merged is None:  # somebody imported another version meanwhile
            merged = openpgp.merge(old.encode(), given.armored)
        if merged.armored == old.encode() and not news:
            return False
        merged = openpgp.grown(merged, row.revocation, given.revocation)
        since, before = now(), Entry.of(row)
        FormerVersion.objects.create(
            certificate=row,
            since=row.updated_at or row.added_at,
            until=since,
            facts=before.as_json(),
            armored=old,
        )
        for name, value in {**columns(merged), "updated_at": since}.items():
            setattr(row, name, value)
        row.save()
        write_parts([(row, merged)])
        for link in row.links.exclude(committee=committee).select_related("committee"):
            Event.objects.record(
                Tag.KEY_UPDATED,
                by=by,
                subject=row,
                committee=link.committee,
                fingerprint=row.fingerprint,
            )
        return True


def _outcome(is_stored: bool, is_linked: bool, is_updated: bool) -> Outcome:
    if is_stored:
        return Outcome.STORED
    if is_linked:
        return Outcome.LINKED
    return Outcome.UPDATED if is_updated else Outcome.UNCHANGED


def _rows(blocks: Blocks, taken: dict[str, Outcome]) -> list[Row]:
    """What became of each block, key by key; what is said of a block stands with its first."""
    rows: list[Row] = []
    at, left = now(), dict(taken)
    for block in blocks:
        said = " ".join(block.problems)
        for given in block.certificates:
            outcome = left.pop(given.fingerprint, Outcome.UNCHANGED)
            notes = remarks.of_certificate(given, at)
            rows.append(
                Row(block.line, outcome, given.fingerprint, given.user_id, said, tuple(notes))
            )
            said = ""
        if not block.certificates:
            rows.append(Row(block.line, Outcome.REFUSED, text=said))
    return rows


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
        "revoked_hard": bool(revocation and revocation.hard),
        "weakly_bound": found.weakly_bound,
        "user_ids": list(found.user_ids),
        "identities": [_identity(each) for each in found.identities],
        "photos": found.photos,
        "subkeys": [_subkey(each) for each in found.subkeys],
        "armored": found.armored.decode("ascii"),
    }


def _identity(found: openpgp.Identity) -> dict[str, Any]:
    """A user id as JSON; times are ISO 8601 in UTC, None for not known."""
    revocation = found.revocation
    return {
        "text": found.text,
        "since": found.since.isoformat() if found.since else None,
        "revoked": revocation.reason if revocation else None,
        "revoked_at": revocation.at.isoformat() if revocation and revocation.at else None,
    }


def _subkey(found: openpgp.Subkey) -> dict[str, Any]:
    """A subkey as JSON; times are ISO 8601 in UTC, None for never."""
    revocation = found.revocation
    return {
        "fingerprint": found.fingerprint,
        "algorithm": found.algorithm,
        "length": found.length,
        "capabilities": found.capabilities,
        "created_at": found.created_at.isoformat(),
        "expires_at": found.expires_at.isoformat() if found.expires_at else None,
        "revoked": revocation.reason if revocation else None,
        "revoked_at": revocation.at.isoformat() if revocation and revocation.at else None,
    }


def refuse_too_many(committee: Committee) -> None:
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

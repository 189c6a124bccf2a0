"""Importing KEYS files that committees keep elsewhere.

What is fetched is bounded and judged like any import. Keys that are no longer in the file are taken
from the committee, unless a published release rests on them: those stay, and are retired. A file
that is gone, empty or holds no usable key removes nothing: that is a failure, which people hear of.
"""

import hashlib
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from keys import openpgp
from keys.models import Certificate, KeysFile
from keys.report import ImportReport, Outcome
from trusted_releases.lib.errors import BadInput, Refused
from trusted_releases.lib.outbound import Bounds, Service, Unreachable, Unusable

SECONDS = 60.0


class Problem(Exception):
    """The file cannot be used. The message is a sentence that says why."""


def fetch(address: str) -> bytes:
    """The file at this address, or Problem."""
    here = settings.KEYS_PRIVATE
    try:
        with Service(
            address,
            agent=f"trusted-releases/{settings.VERSION}",
            private=here,
            bounds=Bounds(SECONDS, openpgp.MAX_DOCUMENT, 1),
            accept="text/plain, application/pgp-keys, */*;q=0.1",
        ) as service:
            content = service.fetch(most=openpgp.MAX_DOCUMENT)
    except (Unreachable, Unusable) as error:
        raise Problem(f"{urlsplit(address).hostname} gives no KEYS file: {error}.") from error
    if content is None:
        raise Problem(f"There is no file at {address} any more. No key was removed because of it.")
    return content


def sync(file: KeysFile) -> dict[str, Any]:
    """Fetch the file and take it in; what happened, for the job's page. Never raises Problem."""
    address = file.address
    try:
        content = fetch(address)
        digest = hashlib.sha256(content).hexdigest()
        if digest == file.sha256:
            file.record_unchanged(address)
            return {"unchanged": True}
        return _take(file, address, content, digest)
    except (Problem, Refused) as error:
        file.record_failed(address, str(error))
        return {"problem": str(error)}


def _take(file: KeysFile, address: str, content: bytes, digest: str) -> dict[str, Any]:
    blocks = _read(content)
    given = {each.fingerprint for block in blocks for each in block.certificates}
    with transaction.atomic(), file.held():
        if not file.is_at(address):
            return {"moved": "The committee has changed where its KEYS file comes from meanwhile."}
        report: ImportReport = Certificate.objects.take_in(blocks, committee=file.committee)
        gone = [each for each in file.links_without(given) if not each.is_retired]
        for link in gone:
            link.end(by=None)
        diff = {
            "added": report.fingerprints(Outcome.STORED, Outcome.LINKED),
            "changed": report.fingerprints(Outcome.UPDATED),
            "removed": sorted(x.certificate.fingerprint for x in gone if not x.is_retired),
            "kept": sorted(x.certificate.fingerprint for x in gone if x.is_retired),
            "refused": [f"line {row.line}: {row.text}" for row in report.of(Outcome.REFUSED)][:20],
        }
        file.record_imported(digest, **diff)
    return {name: len(found) for name, found in diff.items()}


def _read(content: bytes) -> tuple[openpgp.Block, ...]:
    try:
        blocks = openpgp.read_keys(content)
    except BadInput as error:
        raise Problem(f"The file is no KEYS file. {error}") from error
    if private := [str(each.line) for each in blocks if each.private]:
        raise Problem(
            f"The file holds a PRIVATE KEY (line {', '.join(private)}). Nothing of it was taken. "
            "Revoke that key: everybody could read it."
        )
    if not any(block.certificates for block in blocks):
        raise Problem("There is no key in the file that can be used. No key was removed.")
    return blocks

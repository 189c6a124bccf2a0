"""Whose key made a signature that somebody has in their hands, and where that signature lies.

The signature itself names its key; the platform knows whose it is, which committees it signs for,
and which releases have this very file. Whether it is good can be said with the artifact only.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.db.models import Q
from django.utils.timezone import now

from keys.models import Certificate, KeyLink, PublicKey
from keys.openpgp_armor import Unreadable
from keys.openpgp_gpg import GpgFailed
from keys.openpgp_judge import State
from keys.openpgp_packets import SignatureFacts, packets, signature_facts
from keys.openpgp_signatures import signatures_in
from keys.openpgp_status import DIGESTS
from keys.openpgp_verify import SignatureVerdict, verify
from projects.roles import Person
from releases.models import Entry, Release
from trusted_releases.lib.digests import digest_of
from trusted_releases.lib.errors import BadInput

MOST_PLACES = 1_000  # releases with this very file; a signature is in one, or in a few
SECONDS = 60.0  # for gpg over the artifact


@dataclass(frozen=True)
class Place:
    """A release that has, or had, this very signature file. `certificates` are those of the
    signatures' keys that stand in the committee's KEYS file."""

    entry: Entry
    certificates: frozenset[int] = frozenset()
    is_its_artifact: bool | None = None  # None where no artifact was given

    @property
    def release(self) -> Release:
        return self.entry.release

    @property
    def committee(self) -> str:
        return str(self.release.project.committee.slug)


@dataclass(frozen=True)
class Claim:
    """One signature of the file. What it says of itself is unproven until there is a `verdict`."""

    issuers: tuple[str, ...]
    signed_at: datetime | None
    digest: str
    certificate: Certificate | None = None
    key: PublicKey | None = None
    committees: tuple[str, ...] = ()  # whose KEYS files have the key
    verdict: SignatureVerdict | None = None


@dataclass(frozen=True)
class Provenance:
    """What is known of a signature file."""

    sha256: str
    claims: tuple[Claim, ...]
    places: tuple[Place, ...]

    @property
    def certificate(self) -> Certificate | None:
        """The first key that also stands in the KEYS file of a committee with this file."""
        known = {pk for place in self.places for pk in place.certificates}
        rows = (each.certificate for each in self.claims)
        return next((row for row in rows if row and row.pk in known), None)

    @property
    def committees(self) -> list[str]:
        """The committees that have both, the file and that key; none where there is no such key."""
        row = self.certificate
        found = {each.committee for each in self.places if row and row.pk in each.certificates}
        return sorted(found)


def trace(
    content: bytes,
    *,
    by: Person,
    name: str = "",
    project: str = "",
    version: str = "",
    artifact: Path | None = None,
) -> Provenance:
    """Who made the signatures in this file, for which committees and releases.

    `name`, `project` and `version` narrow where it is looked for, among the releases that the
    person may see. With the artifact each signature by a known key is verified as well, as of the
    day it was made. Raises BadInput, with a sentence, for what is no detached signature.
    """
    try:
        found = [signature_facts(p.body) for raw in signatures_in(content)[0] for p in packets(raw)]
    except Unreadable as error:
        raise BadInput(str(error)) from error
    sha256 = hashlib.sha256(content).hexdigest()
    entries = _entries(sha256, by, name, project, version)
    keys = _keys({issuer for each in found for issuer in each.issuers})
    links = KeyLink.objects.filter(certificate__in={each.certificate_id for each in keys})
    linked = list(links.values_list("certificate", "committee", "committee__slug"))
    here = {entry.release.project.committee_id for entry in entries}
    ours = {pk for pk, committee, _ in linked if committee in here}
    claims = tuple(_claim(each, keys, ours, linked) for each in found)
    if artifact is not None:
        claims = _judged(claims, keys, linked, content, artifact)
    return Provenance(sha256, claims, tuple(_places(entries, linked, artifact)))


def _entries(sha256: str, by: Person, name: str, project: str, version: str) -> list[Entry]:
    """This very file in the releases that the person may see, one for each release and path."""
    place = Q(blob__sha256=sha256)
    wanted = {"name": name, "release__project__slug": project, "release__version": version}
    place &= Q(**{column: value for column, value in wanted.items() if value})
    rows = Entry.objects.filter(place, release__in=Release.objects.visible_to(by))
    rows = rows.select_related("release__project__committee").order_by("-release", "path")
    return list({(row.release_id, row.path): row for row in rows[:MOST_PLACES]}.values())


def _keys(issuers: Iterable[str]) -> list[PublicKey]:
    """The keys that signatures may be by, of certificates that are somebody's or a committee's."""
    known = Certificate.objects.in_use()
    rows = PublicKey.objects.issued_by(issuers).filter(certificate__in=known)
    return list(rows.select_related("certificate__owner").order_by("certificate__fingerprint"))


def _claim(
    said: SignatureFacts,
    keys: list[PublicKey],
    ours: set[int],
    linked: list[tuple[int, int, str]],
) -> Claim:
    """The key it names. Of several, that of a committee with the file comes first, and then the
    certificate that was here first: anybody can write the key of somebody else into theirs.
    """
    whole = {each for each in said.issuers if len(each) >= 40}
    fits = [
        key
        for key in keys
        if key.fingerprint in whole or (not whole and key.key_id in said.issuers)
    ]
    first = min(
        fits, key=lambda each: (each.certificate_id not in ours, each.certificate_id), default=None
    )
    row = first.certificate if first else None
    digest = DIGESTS.get(said.digest, f"digest {said.digest}")
    issuers = tuple(sorted(said.issuers, key=len, reverse=True))
    return Claim(issuers, said.signed_at, digest, row, first, _committees(row, linked))


def _committees(row: Certificate | None, linked: list[tuple[int, int, str]]) -> tuple[str, ...]:
    """Whose KEYS files have it."""
    return tuple(sorted({slug for pk, _, slug in linked if row and pk == row.pk}))


def _judged(
    claims: tuple[Claim, ...],
    keys: list[PublicKey],
    linked: list[tuple[int, int, str]],
    content: bytes,
    artifact: Path,
) -> tuple[Claim, ...]:
    """The claims, each with what gpg and our rules say of it over the artifact: a good one is of
    the certificate that made it, whichever else has its key."""
    rows = {each.certificate_id: each.certificate for each in keys}
    document = "\n".join(each.armored for each in rows.values()).encode()
    with NamedTemporaryFile(suffix=".asc") as file:
        file.write(content)
        file.flush()
        try:
            found = verify(artifact, Path(file.name), document, now=now(), timeout=SECONDS)
        except GpgFailed as error:
            raise BadInput(f"The signature could not be verified. {error}") from error
    return tuple(
        _proven(claim, verdict, keys, linked)
        for claim, verdict in zip(claims, found.signatures, strict=True)
    )


def _proven(
    claim: Claim,
    verdict: SignatureVerdict,
    keys: list[PublicKey],
    linked: list[tuple[int, int, str]],
) -> Claim:
    made_by = (verdict.fingerprint, verdict.signing_fingerprint)
    fits = (each for each in keys if (each.certificate.fingerprint, each.fingerprint) == made_by)
    key = next(fits, None) if verdict.state is State.GOOD else None
    if key is None:
        return replace(claim, verdict=verdict)
    row = key.certificate
    return replace(
        claim, verdict=verdict, certificate=row, key=key, committees=_committees(row, linked)
    )


def _places(
    entries: list[Entry], linked: list[tuple[int, int, str]], artifact: Path | None
) -> Iterator[Place]:
    given = ""
    if artifact is not None:
        with artifact.open("rb") as stream:
            given = digest_of(stream).sha256
    for entry in entries:
        committee = entry.release.project.committee_id
        theirs = frozenset(pk for pk, where, _ in linked if where == committee)
        yield Place(entry, theirs, _is_beside(entry, given) if given else None)


def _is_beside(entry: Entry, sha256: str) -> bool:
    """Whether the release has this artifact under the name that the signature is about."""
    about = entry.path.rpartition(".")[0]
    return Entry.objects.filter(release=entry.release, path=about, blob__sha256=sha256).exists()

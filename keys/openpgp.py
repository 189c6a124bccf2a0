"""OpenPGP: what stands in a KEYS document, judged by gpg in a throw-away home.

`read_keys` says for each block of a document what is in it, or in a sentence why it is refused.
Verifying signatures is in `openpgp_verify`. No Django: the offline checker uses this too.

The order is: our own reader splits the text, refuses private material before gpg or anything else
sees it, and leaves out what strangers certified; gpg imports the rest, so that only certificates
whose own signatures hold remain; gpg lists and exports what it took.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from time import monotonic

from keys.openpgp_armor import Armor, Unreadable, armor, armors
from keys.openpgp_drafts import (
    MAX_BLOCK,
    MAX_BLOCKS,
    MAX_DOCUMENT,
    MAX_PARTS,
    Draft,
    drafts_of,
    too_many_parts,
)
from keys.openpgp_gpg import Gpg, GpgFailed, Home, Lines
from keys.openpgp_listing import Certificate, Identity, Revocation, Subkey, parse
from keys.openpgp_packets import Raw, certificates, is_weakly_bound
from trusted_releases.lib.errors import BadInput

__all__ = [
    "MAX_BLOCK",
    "MAX_BLOCKS",
    "MAX_DOCUMENT",
    "Block",
    "Certificate",
    "Identity",
    "Revocation",
    "Subkey",
    "load",
    "read_keys",
]

TIMEOUT = 60.0  # seconds for each gpg


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a KEYS document.

    `line` is where it begins, from 1 (0 in a binary keyring, which has no lines). `text` is the
    block as it stood, b"" when nothing of it is kept. `problems` are sentences: what was refused,
    or worth knowing. `private` marks private key material, of which nothing is kept.
    """

    line: int
    text: bytes = b""
    certificates: tuple[Certificate, ...] = ()
    problems: tuple[str, ...] = ()
    private: bool = False

    @property
    def refused(self) -> str:
        """Why there is no certificate from this block, "" when there is one."""
        return "" if self.certificates else " ".join(self.problems)


def read_keys(data: bytes) -> tuple[Block, ...]:
    """What stands in a KEYS document: armored blocks with any text between them, or a keyring.

    Raises BadInput for what is no KEYS document at all: empty, over 10 MiB, over 500 blocks,
    without any block. Everything less is said block by block.
    """
    try:
        with Home() as home:
            return load(Gpg(home.path, timeout=TIMEOUT), data, bounded=True)
    except GpgFailed as error:
        raise BadInput(f"These keys could not be read. {error}") from error


def load(gpg: Gpg, data: bytes, *, bounded: bool = False) -> tuple[Block, ...]:
    """As `read_keys`, and the certificates stay in the home of `gpg`, ready to verify with.

    Only what is `bounded` leaves out certificates of too many parts: what was taken once may have
    grown since, by a revocation for instance.
    """
    drafts = tuple(drafts_of(data))
    if bounded:
        for draft in drafts:
            draft.bound()
    wanted = [raw for draft in drafts for raw in draft.raw]
    judged = _judged(gpg, wanted) if wanted else {}
    return tuple(_blocks(drafts, judged))


def merge(*armored: bytes) -> Certificate:
    """Several versions of one certificate as one that has all their self-signatures.

    gpg merges, so nothing is lost that any version had: no revocation, no older binding.
    """
    found = merge_all(armored)
    if len(found) != 1:
        raise BadInput("These are not versions of one certificate.")
    return found.popitem()[1]


def grown(found: Certificate, *known: Revocation | None) -> Certificate:
    """A certificate that takes the place of others with these revocations: it is as revoked.

    Where its owner has named somebody else who may revoke it, gpg knows of that only in sight of
    their key, which need not be at hand again. BadInput for one that has grown, version by version,
    beyond twice of what one may bring.
    """
    for raw in (each for block in armors(found.armored) for each in _raws(block)):
        if len(raw.packets) > 2 * MAX_PARTS:
            raise BadInput(too_many_parts(raw))
    all_known = [each for each in (found.revocation, *known) if each]
    worst = max(all_known, key=lambda each: each.hard, default=None)
    return replace(found, primary=replace(found.primary, revocation=worst))


def merge_all(armored: Iterable[bytes]) -> dict[str, Certificate]:
    """Versions of many certificates, each made one as `merge` does; by fingerprint.

    They are armored certificates as this module has given them: gpg has taken all of them before.
    """
    wanted = [raw for text in armored for each in armors(text) for raw in _raws(each)]
    if not wanted:
        return {}
    try:
        with Home() as home:
            return _judged(Gpg(home.path, timeout=TIMEOUT), wanted)
    except GpgFailed as error:
        raise BadInput(f"These keys could not be read. {error}") from error


def _raws(block: Armor) -> tuple[Raw, ...]:
    try:
        return certificates(block.decode())
    except Unreadable as error:
        raise BadInput(str(error)) from error


def _judged(gpg: Gpg, wanted: list[Raw]) -> dict[str, Certificate]:
    """What gpg took of `wanted`, by fingerprint."""
    different = {raw.data: raw.fingerprint for raw in wanted}
    done = gpg.import_keys(b"".join(different))
    if not done.values("IMPORT_RES"):
        # Not "no key is good": gpg fell over, and what follows would be a verdict on nothing.
        raise GpgFailed("gpg ended before it had looked at the keys. Try again.")
    listed = {each.fingerprint: each for each in parse(gpg.listing())}
    if missing := _not_reached(different, done):
        # One damaged certificate makes gpg drop all that follow it. Each of the missing ones gets
        # a process of its own, so that only the damaged ones stay away.
        over_at = monotonic() + TIMEOUT
        for data in missing:
            if monotonic() > over_at:
                raise GpgFailed(f"gpg did not finish within {TIMEOUT:g} seconds.")
            gpg.import_keys(data)
        listed = {each.fingerprint: each for each in parse(gpg.listing())}
    exported = _exported(gpg, set(listed))
    return {
        raw.fingerprint: replace(
            listed[raw.fingerprint],
            weakly_bound=is_weakly_bound(raw.packets, raw.fingerprint),
            armored=armor(raw.data),
        )
        for raw in exported
    }


def _not_reached(different: dict[bytes, str], done: Lines) -> list[bytes]:
    """What gpg has not said that it took. A later version of a key that it took is missed too:
    it may be the one that brings the revocation."""
    taken = Counter(words[1].lower() for words in done.values("IMPORT_OK") if len(words) > 1)
    missing = []
    for data, name in different.items():
        if taken[name]:
            taken[name] -= 1
        else:
            missing.append(data)
    return missing


def _exported(gpg: Gpg, fingerprints: set[str]) -> tuple[Raw, ...]:
    """These keys as gpg gives them back. An export that lacks some of them is asked for again."""
    if not fingerprints:
        return ()
    for _ in range(2):
        exported = tuple(certificates(gpg.run("--export").data))
        if fingerprints <= {raw.fingerprint for raw in exported}:
            return exported
    raise GpgFailed("gpg did not give back all the keys that it had taken. Try again.")


def _blocks(drafts: tuple[Draft, ...], judged: dict[str, Certificate]) -> Iterator[Block]:
    first: dict[str, int] = {}
    for draft in drafts:
        found, problems = [], list(draft.problems)
        for raw in draft.raw:
            name = raw.fingerprint
            if name not in judged:
                problems.append(_not_taken(raw))
            elif name in first:
                problems.append(f"The key {name.upper()} stands in line {first[name]} already.")
                found.append(judged[name])
            else:
                first[name] = draft.line
                found.append(judged[name])
        if not (draft.raw or problems):
            problems.append("There is no key in this block.")
        yield Block(
            draft.line,
            draft.text if found else b"",
            tuple(dict.fromkeys(found)),
            tuple(dict.fromkeys(problems)),
            draft.private,
        )


def _not_taken(raw: Raw) -> str:
    return (
        f"The key {raw.fingerprint.upper()} was left out: gpg finds no user id that the key itself "
        "has signed in a way that is still safe."
    )

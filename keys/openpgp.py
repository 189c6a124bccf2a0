"""OpenPGP: what stands in a KEYS document, judged by gpg in a throw-away home.

`read_keys` says for each block of a document what is in it, or in a sentence why it is refused.
Verifying signatures is in `openpgp_verify`. No Django: the offline checker uses this too.

The order is: our own reader splits the text, refuses private material before gpg or anything else
sees it, and leaves out what strangers certified; gpg imports the rest, so that only certificates
whose own signatures hold remain; gpg lists and exports what it took.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from time import monotonic

from keys.openpgp_armor import PRIVATE, PUBLIC, Armor, Unreadable, armor, armors
from keys.openpgp_gpg import Gpg, GpgFailed, Home
from keys.openpgp_listing import Certificate, Revocation, Subkey, parse
from keys.openpgp_packets import Raw, certificates, has_secret, is_weakly_bound
from trusted_releases.lib.errors import BadInput

__all__ = ["Block", "Certificate", "Revocation", "Subkey", "load", "read_keys"]

MAX_DOCUMENT = 10 << 20  # bytes
MAX_BLOCK = 1 << 20  # bytes
MAX_BLOCKS = 500
TIMEOUT = 60.0  # seconds for each gpg
_PRIVATE = (
    "This block holds a private key. It was not stored. Whoever can read this file can sign as "
    "you: revoke the key, and publish public keys only (gpg --armor --export)."
)


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


@dataclass(slots=True)
class _Draft:
    """A block on its way: what our own reader found, before gpg has judged it."""

    line: int
    text: bytes = b""
    raw: tuple[Raw, ...] = ()
    problems: list[str] = field(default_factory=list)
    private: bool = False


def read_keys(data: bytes) -> tuple[Block, ...]:
    """What stands in a KEYS document: armored blocks with any text between them, or a keyring.

    Raises BadInput for what is no KEYS document at all: empty, over 10 MiB, over 500 blocks,
    without any block. Everything less is said block by block.
    """
    try:
        with Home() as home:
            return load(Gpg(home.path, timeout=TIMEOUT), data)
    except GpgFailed as error:
        raise BadInput(f"These keys could not be read. {error}") from error


def load(gpg: Gpg, data: bytes) -> tuple[Block, ...]:
    """As `read_keys`, and the certificates stay in the home of `gpg`, ready to verify with."""
    drafts = tuple(_drafts(data))
    wanted = [raw for draft in drafts for raw in draft.raw]
    judged = _judged(gpg, wanted) if wanted else {}
    return tuple(_blocks(drafts, judged))


def merge(*armored: bytes) -> Certificate:
    """Several versions of one certificate as one that has all their self-signatures.

    gpg merges, so nothing is lost that any version had: no revocation, no older binding.
    """
    blocks = read_keys(b"\n".join(armored))
    found = {each.fingerprint: each for block in blocks for each in block.certificates}
    if len(found) != 1:
        raise BadInput("These are not versions of one certificate.")
    return found.popitem()[1]


def _drafts(data: bytes) -> Iterator[_Draft]:
    if not data.strip():
        raise BadInput("The file is empty. A KEYS file holds public keys (gpg --armor --export).")
    if len(data) > MAX_DOCUMENT:
        raise BadInput(f"A KEYS file may have up to {MAX_DOCUMENT >> 20} MiB.")
    if b"-----BEGIN PGP " not in data:
        yield from _keyring(data)
        return
    for number, block in enumerate(armors(data)):
        if number == MAX_BLOCKS:
            raise BadInput(f"A KEYS file may have up to {MAX_BLOCKS} blocks. Split it.")
        yield _draft(block)


def _keyring(data: bytes) -> Iterator[_Draft]:
    """A binary export: one block, whatever is in it."""
    if data[8:12] == b"KBXf":
        raise BadInput("This is gpg's own key box. Export the keys with gpg --armor --export.")
    if not data[0] & 0x80:
        raise BadInput(
            "There is no public key in this file. Keys stand between the lines BEGIN PGP PUBLIC "
            "KEY BLOCK and END PGP PUBLIC KEY BLOCK."
        )
    draft = _Draft(0, data)
    _fill(draft, data, MAX_DOCUMENT)
    yield draft


def _draft(block: Armor) -> _Draft:
    draft = _Draft(block.line, block.text)
    if block.kind in PRIVATE:
        return _Draft(block.line, problems=[_PRIVATE], private=True)
    if len(block.text) > MAX_BLOCK:
        draft.problems.append(f"The block is larger than {MAX_BLOCK >> 20} MiB.")
        return draft
    try:
        content = block.decode()
    except Unreadable as error:
        draft.problems.append(_unreadable(block, error))
        return draft
    if block.kind != PUBLIC and not has_secret(content):
        draft.problems.append(f"This is no public key, but a block of the kind {block.kind}.")
        return draft
    _fill(draft, content, MAX_BLOCK)
    if not block.ended:
        draft.problems.append("The END line of the block is missing.")
    return draft


def _unreadable(block: Armor, error: Unreadable) -> str:
    return str(error) if block.ended else f"{error} Its END line is missing."


def _fill(draft: _Draft, content: bytes, limit: int) -> None:
    """Take the certificates of `content` into the draft, or say why not."""
    if has_secret(content):
        draft.text, draft.problems, draft.private = b"", [_PRIVATE], True
        return
    try:
        found = certificates(content)
    except Unreadable as error:
        draft.problems.append(str(error))
        return
    if len(found) > MAX_BLOCKS or len(content) > limit:
        raise BadInput(f"One block may have up to {MAX_BLOCKS} keys in {limit >> 20} MiB.")
    for raw in found:
        if raw.version == 4:
            draft.raw += (raw,)
        else:
            draft.problems.append(_other_version(raw.version))


def _other_version(version: int) -> str:
    if version < 4:
        return (
            f"A key of version {version} (made before 1998, bound by MD5) was left out: "
            "current programs refuse such keys."
        )
    return f"A key of version {version} was left out: this platform's gpg reads version 4."


def _judged(gpg: Gpg, wanted: list[Raw]) -> dict[str, Certificate]:
    """What gpg took of `wanted`, by fingerprint."""
    different = {raw.data: raw.fingerprint for raw in wanted}
    done = gpg.import_keys(b"".join(different))
    if not done.values("IMPORT_RES"):
        # Not "no key is good": gpg fell over, and what follows would be a verdict on nothing.
        raise GpgFailed("gpg ended before it had looked at the keys. Try again.")
    listed = {each.fingerprint: each for each in parse(gpg.listing())}
    if missing := [data for data, name in different.items() if name not in listed]:
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


def _exported(gpg: Gpg, fingerprints: set[str]) -> tuple[Raw, ...]:
    """These keys as gpg gives them back. An export that lacks some of them is asked for again."""
    if not fingerprints:
        return ()
    for _ in range(2):
        exported = tuple(certificates(gpg.run("--export").data))
        if fingerprints <= {raw.fingerprint for raw in exported}:
            return exported
    raise GpgFailed("gpg did not give back all the keys that it had taken. Try again.")


def _blocks(drafts: tuple[_Draft, ...], judged: dict[str, Certificate]) -> Iterator[Block]:
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
            tuple(problems),
            draft.private,
        )


def _not_taken(raw: Raw) -> str:
    return (
        f"The key {raw.fingerprint.upper()} was left out: gpg finds no user id that the key itself "
        "has signed in a way that is still safe."
    )

"""From the text of a KEYS document to certificates that gpg may see, block by block.

Everything here happens before gpg: what is private, damaged, too large or of another kind is
refused with a sentence, and nothing of it goes further.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from keys.openpgp_armor import PRIVATE, PUBLIC, Armor, Unreadable, armors, displaced, plain
from keys.openpgp_packets import LONGEST_NAME, Raw, begins_secret, certificates, has_secret
from trusted_releases.lib.errors import BadInput

MAX_DOCUMENT = 10 << 20  # bytes
MAX_BLOCK = 1 << 20  # bytes
MAX_BLOCKS = 500
# Of one certificate, what others certified left out: gpg takes 5 ms for each, every time that the
# keys are read. The largest in the KEYS files of six projects has 31.
MAX_PARTS = 400
_PRIVATE = (
    "This block holds a private key. It was not stored. Whoever can read this file can sign as "
    "you: revoke the key, and publish public keys only (gpg --armor --export)."
)
_NO_KEY = (
    "There is no public key in this file. Keys stand between the lines BEGIN PGP PUBLIC "
    "KEY BLOCK and END PGP PUBLIC KEY BLOCK."
)
_DISPLACED = (
    "Something stands before this BEGIN line, so no program finds the block. Remove what stands "
    "before each of its lines."
)


@dataclass(slots=True)
class Draft:
    """A block on its way: what our own reader found, before gpg has judged it."""

    line: int
    text: bytes = b""
    raw: tuple[Raw, ...] = ()
    problems: list[str] = field(default_factory=list)
    private: bool = False

    def bound(self) -> None:
        """Leave out certificates of too many parts, and say so."""
        self.problems += [too_many_parts(raw) for raw in self.raw if len(raw.packets) > MAX_PARTS]
        self.raw = tuple(raw for raw in self.raw if len(raw.packets) <= MAX_PARTS)


def drafts_of(data: bytes) -> Iterator[Draft]:
    """The blocks of a document, in their order. BadInput for what is no KEYS document at all."""
    if not data.strip():
        raise BadInput("The file is empty. A KEYS file holds public keys (gpg --armor --export).")
    if len(data) > MAX_DOCUMENT:
        raise BadInput(f"A KEYS file may have up to {MAX_DOCUMENT >> 20} MiB.")
    text = plain(data)
    if b"-----BEGIN PGP " not in text:
        yield from _keyring(data)
        return
    found = list(islice(chain(map(_draft, armors(text)), _strays(text)), MAX_BLOCKS + 1))
    if len(found) > MAX_BLOCKS:
        raise BadInput(f"A KEYS file may have up to {MAX_BLOCKS} blocks. Split it.")
    if not found:
        raise BadInput(_NO_KEY)
    yield from sorted(found, key=lambda draft: draft.line)


def _strays(text: bytes) -> Iterator[Draft]:
    """Blocks that nobody reads where they stand, so that whoever sent them hears of it."""
    for line, kind in displaced(text):
        private = kind in PRIVATE
        yield Draft(line, problems=[_PRIVATE if private else _DISPLACED], private=private)


def _keyring(data: bytes) -> Iterator[Draft]:
    """A binary export: one block, whatever is in it."""
    if data[8:12] == b"KBXf":
        raise BadInput("This is gpg's own key box. Export the keys with gpg --armor --export.")
    if not data[0] & 0x80:
        raise BadInput(_NO_KEY)
    draft = Draft(0, data)
    _fill(draft, data, MAX_DOCUMENT)
    yield draft


def _draft(block: Armor) -> Draft:
    draft = Draft(block.line, block.text)
    if block.kind in PRIVATE:
        return Draft(block.line, problems=[_PRIVATE], private=True)
    if len(block.text) > MAX_BLOCK:
        draft.problems.append(f"The block is larger than {MAX_BLOCK >> 20} MiB.")
        return draft
    try:
        content = block.decode()
    except Unreadable as error:
        if begins_secret(block.guess()):
            return Draft(block.line, problems=[_PRIVATE], private=True)
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


def _fill(draft: Draft, content: bytes, limit: int) -> None:
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
            if raw.long_names:
                draft.problems.append(_long_names(raw))
        else:
            draft.problems.append(_other_version(raw.version))


def _other_version(version: int) -> str:
    if version < 4:
        return (
            f"A key of version {version} (made before 1998, bound by MD5) was left out: "
            "current programs refuse such keys."
        )
    return f"A key of version {version} was left out: this platform's gpg reads version 4."


def _long_names(raw: Raw) -> str:
    which = "A user id" if raw.long_names == 1 else f"{raw.long_names} user ids"
    return (
        f"{which} of the key {raw.fingerprint.upper()} of more than {LONGEST_NAME:,} bytes was "
        "left out: gpg refuses such names."
    )


def too_many_parts(raw: Raw) -> str:
    return (
        f"The key {raw.fingerprint.upper()} has {len(raw.packets):,} parts (user ids, subkeys and "
        f"its own signatures), more than {MAX_PARTS}. Export it with fewer: gpg --edit-key, clean."
    )

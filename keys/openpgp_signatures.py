"""The form of a signature file: armor around detached signatures, and nothing else.

What lies as `.asc` beside a release is judged here before gpg sees a byte of it, because gpg would
take a cleartext or inline-signed message for a signature and verify that message's own text.
"""

from pathlib import Path

from keys.openpgp_armor import PRIVATE, PUBLIC, SIGNATURE, Armor, Unreadable, armors
from keys.openpgp_judge import Remark
from keys.openpgp_packets import SIGNATURE as SIGNATURE_PACKET
from keys.openpgp_packets import begins_secret, has_secret, packets, signature_facts

MAX_FILE = 64 << 10  # bytes; the file of subversion 1.14.5 with its four signatures has 3 KiB
MAX_SIGNATURES = 16
_PRIVATE_KEY = (
    "This file holds a PRIVATE KEY. Delete it here and wherever it was copied, and revoke the key: "
    "whoever has read it can sign as you."
)


class Refusal(Unreadable):
    """The file is no detached armored signature. `code` says what it is instead."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def read_signatures(path: Path) -> tuple[list[bytes], tuple[Remark, ...]]:
    """The signature packets in an armored file. Raises Refusal when it is anything else."""
    with path.open("rb") as stream:
        return signatures_in(stream.read(MAX_FILE + 1))


def signatures_in(data: bytes) -> tuple[list[bytes], tuple[Remark, ...]]:
    """As `read_signatures`, of what was read already."""
    if len(data) > MAX_FILE:
        raise Refusal("too_large", f"A signature file has up to {MAX_FILE >> 10} KiB.")
    if not data.strip():
        raise Refusal("empty", "The signature file is empty.")
    if b"\r" in data and b"\n" not in data:
        raise Refusal("malformed", "Its lines end as on old Macs (CR only): gpg finds none.")
    blocks = list(armors(data))
    _refuse_other_kinds(data, blocks)
    if any(block.lines[0].startswith(b"- ") for block in blocks):
        text = "Its lines begin as in a cleartext-signed message, '- -----BEGIN': gpg finds none."
        raise Refusal("malformed", text)
    found = [packet for block in blocks for packet in _signatures(block)]
    if len(found) > MAX_SIGNATURES:
        raise Refusal("too_many", f"A signature file holds up to {MAX_SIGNATURES} signatures.")
    if all(block.ended for block in blocks):
        return found, ()
    text = "The END line of the armor is missing: Sequoia does not accept the file."
    return found, (Remark("no_end_line", text),)


def _refuse_other_kinds(data: bytes, blocks: list[Armor]) -> None:
    """Say what the file is, if it is not armor around signatures."""
    kinds = {block.kind for block in blocks}
    if kinds & PRIVATE or any(f"BEGIN PGP {kind}".encode() in data for kind in PRIVATE):
        raise Refusal("private_key", _PRIVATE_KEY)
    if b"-----BEGIN PGP SIGNED MESSAGE-----" in data:
        raise Refusal(
            "cleartext",
            "This is a cleartext-signed message, which proves only its own text. Sign with "
            "gpg --armor --detach-sign.",
        )
    if not blocks:
        raise _not_armored(data)
    if other := kinds - {SIGNATURE}:
        what = "a public key" if PUBLIC in other else "a signed message with its own content"
        raise Refusal(
            "not_detached",
            f"This is {what}, not a detached signature. Sign with gpg --armor --detach-sign.",
        )


def _not_armored(data: bytes) -> Refusal:
    if has_secret(data):
        return Refusal("private_key", _PRIVATE_KEY)
    if _begins_with_a_signature(data):
        return Refusal(
            "binary",
            "This is a binary signature. A file named .asc is armored text: sign with "
            "gpg --armor --detach-sign.",
        )
    return Refusal(
        "no_signature",
        "There is no signature in this file. It should begin with the line "
        "-----BEGIN PGP SIGNATURE-----.",
    )


def _begins_with_a_signature(data: bytes) -> bool:
    try:
        return next(packets(data)).tag == SIGNATURE_PACKET
    except (Unreadable, StopIteration):
        return False


def _signatures(block: Armor) -> list[bytes]:
    try:
        content = block.decode()
        if has_secret(content):
            raise Refusal("private_key", _PRIVATE_KEY)
        found = []
        for packet in packets(content):
            if packet.tag != SIGNATURE_PACKET:
                text = "This is a signed message, not a detached signature."
                raise Refusal("not_detached", text)
            signature_facts(packet.body)
            found.append(packet.raw)
        return found
    except Refusal:
        raise
    except Unreadable as error:
        if begins_secret(block.guess()):
            raise Refusal("private_key", _PRIVATE_KEY) from None
        raise Refusal("malformed", f"The signature cannot be read. {error}") from None

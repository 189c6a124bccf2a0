"""The frame of OpenPGP data (RFC 4880 section 4): which packets there are, and of which kind.

No cryptography: gpg judges. What is read here is what must be known before gpg may see anything
(is there private material, does the frame hold) and what gpg does not say (which hash binds a key).
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from keys.openpgp_armor import Unreadable

SIGNATURE, SECRET_KEY, PUBLIC_KEY, SECRET_SUBKEY = 2, 5, 6, 7
USER_ID, PUBLIC_SUBKEY, ATTRIBUTE = 13, 14, 17
SECRET = frozenset({SECRET_KEY, SECRET_SUBKEY})
OF_CERTIFICATES = frozenset({SIGNATURE, PUBLIC_KEY, USER_ID, PUBLIC_SUBKEY, ATTRIBUTE})
CERTIFICATIONS = range(0x10, 0x14)  # "this user id belongs to this key", by the key or by others
LONGEST_NAME = 2048  # bytes of a user id
WEAK_HASHES = frozenset({1, 2})  # MD5, SHA-1 (RFC 4880 section 9.4)
# Trust, marker, padding and private packets: keyrings carry them, they say nothing to others.
_IGNORED = frozenset({10, 12, 16, 21, 60, 61, 62, 63})
# What programs put into the part of a signature that it does not cover: who issued it, a signature
# back from a subkey, and what they try out among themselves.
_CRITICAL = 0x80  # beside the kind: who does not know it must not accept the signature
_UNHASHED = frozenset({16, 32, 33, *range(100, 111)})
_WITH_NUMBERS = frozenset({1, 2, 3, 17, 19, 22})  # RSA, DSA, ECDSA, EdDSA
Subpacket = tuple[int, bytes]
_ISSUED_AT, _EXPIRES_AFTER, _ISSUER, _ISSUER_FINGERPRINT = 2, 3, 16, 33


class Packet(NamedTuple):
    """One packet: what it is, its content, and all its bytes."""

    tag: int
    body: bytes
    raw: bytes


class SignatureFacts(NamedTuple):
    """What a signature packet says about itself; nothing of it is verified."""

    version: int
    kind: int
    digest: int
    issuers: frozenset[str]
    signed_at: datetime | None


class Raw(NamedTuple):
    """One certificate, not yet judged. `version` is that of its primary key's packet; `long_names`
    counts user ids that were left out because gpg would drop the whole key for them."""

    fingerprint: str
    version: int
    packets: tuple[Packet, ...]
    long_names: int = 0

    @property
    def data(self) -> bytes:
        return b"".join(packet.raw for packet in self.packets)


def packets(data: bytes) -> Iterator[Packet]:
    """The packets of `data`. Raises Unreadable where the frame does not hold."""
    at = 0
    while at < len(data):
        tag, start, length = _header(data, at)
        end = start + length
        if end > len(data):
            raise Unreadable("The data end in the middle of a packet: they were cut.")
        if tag not in _IGNORED:
            yield Packet(tag, data[start:end], data[at:end])
        at = end


def has_secret(data: bytes) -> bool:
    """Whether any packet holds private key material, even in data that are cut or damaged."""
    at = 0
    try:
        while at < len(data):
            if _is_secret(data[at]):
                return True
            _, start, length = _header(data, at)
            at = start + length
    except Unreadable:
        return False
    return False


def begins_secret(data: bytes) -> bool:
    """Whether the first packet is private key material, however its length is written."""
    return bool(data) and _is_secret(data[0])


def _is_secret(first: int) -> bool:
    tag = first & 0x3F if first & 0x40 else (first >> 2) & 0x0F
    return bool(first & 0x80) and tag in SECRET


def certificates(data: bytes) -> tuple[Raw, ...]:
    """The certificates in `data`, each without the certifications that other keys made.

    What others certified is left out: it is the larger part of old KEYS files, it decides nothing
    here, and strangers can add as much of it as they like to anybody's key.
    """
    found: list[list[Packet]] = []
    for packet in packets(data):
        if packet.tag not in OF_CERTIFICATES:
            raise Unreadable(f"The block holds something else than public keys ({packet.tag}).")
        if packet.tag == PUBLIC_KEY:
            found.append([])
        if not found:
            raise Unreadable(
                "The block does not begin with a public key. Import a revocation into gpg, and "
                "export the key again."
            )
        found[-1].append(packet)
    return tuple(_certificate(each) for each in found)


def _certificate(parts: list[Packet]) -> Raw:
    body = parts[0].body
    version = body[0] if body else 0
    if version != 4:
        return Raw("", version, tuple(parts))
    fingerprint = _fingerprint(body)
    kept, long_names = [], 0
    is_about_long_name = False
    for packet in parts:
        if packet.tag != SIGNATURE:
            is_about_long_name = packet.tag == USER_ID and len(packet.body) > LONGEST_NAME
            long_names += is_about_long_name
        if not is_about_long_name and not _by_another(packet, fingerprint):
            kept.append(packet)
    return Raw(fingerprint, version, tuple(kept), long_names)


def is_weakly_bound(parts: tuple[Packet, ...], fingerprint: str) -> bool:
    """Whether only MD5 or SHA-1 bind the user ids to this key: Sequoia and rpm refuse such keys."""
    hashes = {
        facts.digest
        for packet in parts
        if packet.tag == SIGNATURE
        and (facts := signature_facts(packet.body)).kind in CERTIFICATIONS
        and _is_by(facts, fingerprint)
    }
    return bool(hashes) and hashes <= WEAK_HASHES


def signature_facts(body: bytes) -> SignatureFacts:
    """Version, kind, hash, issuers (hexadecimal key ids and fingerprints) and time of a signature.

    Raises Unreadable for a packet that is too short, or of a version this does not know.
    """
    try:
        if body[0] in (2, 3):
            made = datetime.fromtimestamp(int.from_bytes(body[3:7]), UTC)
            return SignatureFacts(body[0], body[2], body[16], frozenset({body[7:15].hex()}), made)
        if body[0] == 4:
            return _v4_facts(body)
    except (IndexError, ValueError):
        raise Unreadable("A signature packet is cut or damaged.") from None
    raise Unreadable(f"A signature packet has the unknown version {body[0]}.")


def _v4_facts(body: bytes) -> SignatureFacts:
    hashed_end = 6 + int.from_bytes(body[4:6])
    unhashed_end = hashed_end + 2 + int.from_bytes(body[hashed_end : hashed_end + 2])
    if unhashed_end > len(body):
        raise IndexError
    hashed = list(_subpackets(body[6:hashed_end]))
    unhashed = list(_subpackets(body[hashed_end + 2 : unhashed_end]))
    issuers, signed_at = set(), None
    for marked, value in (*hashed, *unhashed):
        kind = marked & ~_CRITICAL
        if kind == _ISSUER:
            issuers.add(value.hex())
        elif kind == _ISSUER_FINGERPRINT:
            issuers.add(value[1:].hex())
        elif kind == _ISSUED_AT and signed_at is None:
            signed_at = datetime.fromtimestamp(int.from_bytes(value[:4]), UTC)
    _require_whole(hashed, unhashed, issuers)
    _require_canonical(body[2], body[unhashed_end + 2 :])
    return SignatureFacts(4, body[1], body[3], frozenset(issuers), signed_at)


def _require_whole(hashed: list[Subpacket], unhashed: list[Subpacket], issuers: set[str]) -> None:
    """What stands in the part that no signature covers must be what programs put there, and agree
    with the rest: else somebody has changed it, which nothing but this would notice."""
    odd = {kind for kind, _ in unhashed} - _UNHASHED
    whole = [value[1:].hex() for kind, value in hashed if kind & ~_CRITICAL == _ISSUER_FINGERPRINT]
    if odd or any(not name.endswith(issuer) for name in whole for issuer in issuers):
        raise Unreadable("A signature was changed in the part that it does not cover.")


def _require_canonical(algorithm: int, numbers: bytes) -> None:
    """Numbers are written in one way (RFC 4880 section 3.2): no other bytes mean the same."""
    at = 0
    while algorithm in _WITH_NUMBERS and at < len(numbers):
        bits = int.from_bytes(numbers[at : at + 2])
        end = at + 2 + (bits + 7) // 8
        if end > len(numbers) or int.from_bytes(numbers[at + 2 : end]).bit_length() != bits:
            raise Unreadable("A signature is cut or damaged in its numbers.")
        at = end


def _subpackets(data: bytes) -> Iterator[Subpacket]:
    at = 0
    while at < len(data):
        length, at = _new_length(data, at, two_octets=255)
        if not length or at + length > len(data):
            raise IndexError
        yield data[at], data[at + 1 : at + length]
        at += length


def _by_another(packet: Packet, fingerprint: str) -> bool:
    if packet.tag != SIGNATURE:
        return False
    try:
        facts = signature_facts(packet.body)
    except Unreadable:
        return True  # nothing gpg could use
    return facts.kind in CERTIFICATIONS and not _is_by(facts, fingerprint)


def _is_by(facts: SignatureFacts, fingerprint: str) -> bool:
    return not facts.issuers or any(fingerprint.endswith(issuer) for issuer in facts.issuers)


def _fingerprint(body: bytes) -> str:
    """RFC 4880 section 12.2: SHA-1 names a version 4 key, it does not protect it."""
    framed = b"\x99" + len(body).to_bytes(2) + body if len(body) < 1 << 16 else body
    return hashlib.sha1(framed, usedforsecurity=False).hexdigest()


def _header(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, start of the body and its length for the packet at `at`."""
    first = data[at]
    if not first & 0x80:
        raise Unreadable("The data are not OpenPGP packets.")
    try:
        if first & 0x40:
            length, start = _new_length(data, at + 1)
            return first & 0x3F, start, length
        if first & 3 == 3:
            raise Unreadable("A packet does not say how long it is.")
        size = 1 << (first & 3)
        start = at + 1 + size
        if start > len(data):
            raise IndexError
        return (first >> 2) & 0x0F, start, int.from_bytes(data[at + 1 : start])
    except IndexError:
        raise Unreadable("The data end in the middle of a packet: they were cut.") from None


def _new_length(data: bytes, at: int, two_octets: int = 224) -> tuple[int, int]:
    """A length in the new format, and where what it measures begins.

    Lengths of two octets begin with 192 to 223, in signature subpackets with 192 to 254.
    """
    first = data[at]
    if first < 192:
        return first, at + 1
    if first < two_octets:
        return ((first - 192) << 8) + data[at + 1] + 192, at + 2
    if first < 255:
        raise Unreadable("A packet comes in parts, which keys and signatures never do.")
    if at + 5 > len(data):
        raise IndexError
    return int.from_bytes(data[at + 1 : at + 5]), at + 5

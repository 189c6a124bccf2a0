"""Certificates packet by packet (RFC 4880), for what gpg itself would never make.

The keys are Ed25519, or RSA where a private key is given; all signatures are real.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import new, sha1
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.openpgp_armor import armor

AT = datetime(2026, 5, 20, tzinfo=UTC)
ED25519 = bytes.fromhex("092b06010401da470f01")
HASHES = {2: "sha1", 8: "sha256", 10: "sha512"}
CERTIFY, SIGN = 1, 2
# DER in front of a digest in a signature of RSA (PKCS #1).
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class Made:
    """A certificate in the making: say what belongs to it, one after the other; `text` is it."""

    def __init__(self, seed: bytes = b"seed", at: datetime = AT, flags: int = SIGN) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed.ljust(32, b"\0"))
        point = b"\x40" + self._key.public_key().public_bytes_raw()
        self.flags = CERTIFY | flags
        self._begin(22, ED25519 + number(point), at)
        self._sign: Callable[[bytes], bytes] = self._by_ed25519

    @classmethod
    def rsa(cls, n: int, e: int, power: Callable[[int], int], at: datetime = AT) -> Self:
        """With an RSA key: `power` is what its private part does to a number."""
        found = cls()
        found._begin(1, number(n) + number(e), at)
        size = (n.bit_length() + 7) // 8

        def sign(digest: bytes) -> bytes:
            info = SHA256_INFO + digest
            padded = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
            return number(power(int.from_bytes(padded)))

        found._sign = sign
        return found

    def _begin(self, algorithm: int, numbers: bytes, at: datetime) -> None:
        self.at, self._algorithm = at, algorithm
        self.body = b"\x04" + stamp(at) + bytes([algorithm]) + numbers
        self.packets = [packet(6, self.body)]

    @property
    def about(self) -> bytes:
        return b"\x99" + len(self.body).to_bytes(2) + self.body

    @property
    def fingerprint(self) -> str:
        return sha1(self.about, usedforsecurity=False).hexdigest()

    @property
    def data(self) -> bytes:
        return b"".join(self.packets)

    @property
    def text(self) -> bytes:
        return armor(self.data)

    def user_id(self, name: bytes, *, digest: int = 8, at: datetime | None = None) -> Self:
        signed = b"\xb4" + len(name).to_bytes(4) + name
        return self._add(packet(13, name), self.signature(0x13, signed, digest=digest, at=at))

    def withdrawn(self, name: bytes, at: datetime = AT) -> Self:
        """The user id that was added last is revoked."""
        signed = b"\xb4" + len(name).to_bytes(4) + name
        return self._add(self.signature(0x30, signed, more=part(29, b"\x20"), at=at))

    def photo(self, picture: bytes) -> Self:
        head = b"\x10\x00\x01\x01" + bytes(12)
        content = long_part(1, head + picture)
        signed = b"\xd1" + len(content).to_bytes(4) + content
        return self._add(packet(17, content), self.signature(0x13, signed))

    def revoked(self, reason: int, at: datetime = AT) -> Self:
        """The whole key; the revocation stands right behind it, as it should."""
        made = self.signature(0x20, b"", more=part(29, bytes([reason])), at=at)
        self.packets.insert(1, made)
        return self

    def revocable_by(self, other: "Made") -> Self:
        """Somebody else is named who may revoke the key."""
        named = part(12, b"\x80\x16" + bytes.fromhex(other.fingerprint))
        self.packets.insert(1, self.signature(0x1F, b"", more=named))
        return self

    def revoked_by(self, other: "Made", reason: int = 2) -> Self:
        """By that somebody; call it after `revocable_by`."""
        made = other.signature(0x20, b"", more=part(29, bytes([reason])), about=self.about)
        self.packets.insert(2, made)
        return self

    def subkey(self, other: "Made", *, willing: bool = True) -> Self:
        """Bind the key of `other` as one that signs; willing, it says so too (RFC 4880, 5.2.1)."""
        more = part(27, bytes([SIGN]))
        if willing:
            back = other.signature(0x19, other.about, about=self.about)
            more += long_part(32, back[6:])
        return self._add(packet(14, other.body), self.signature(0x18, other.about, more=more))

    def detached(self, content: bytes) -> bytes:
        """A signature file over this content."""
        return armor(self.signature(0x00, b"", about=content), "SIGNATURE")

    def signature(
        self,
        kind: int,
        signed: bytes,
        *,
        digest: int = 8,
        at: datetime | None = None,
        more: bytes = b"",
        about: bytes = b"",
    ) -> bytes:
        flags = part(27, bytes([self.flags])) if kind == 0x13 else b""
        issuer = part(33, b"\x04" + bytes.fromhex(self.fingerprint))
        hashed = part(2, stamp(at or self.at)) + flags + issuer + more
        head = bytes([4, kind, self._algorithm, digest]) + len(hashed).to_bytes(2) + hashed
        trailer = head + b"\x04\xff" + len(head).to_bytes(4)
        said = new(HASHES[digest], (about or self.about) + signed + trailer).digest()
        unhashed = part(16, bytes.fromhex(self.fingerprint[-16:]))
        unhashed = len(unhashed).to_bytes(2) + unhashed
        return packet(2, head + unhashed + said[:2] + self._sign(said))

    def _add(self, *packets: bytes) -> Self:
        self.packets += packets
        return self

    def _by_ed25519(self, digest: bytes) -> bytes:
        made = self._key.sign(digest)
        return number(made[:32]) + number(made[32:])


def number(value: bytes | int) -> bytes:
    """A multiprecision integer: its length in bits, and no zeros in front."""
    if isinstance(value, int):
        value = value.to_bytes((value.bit_length() + 7) // 8)
    value = value.lstrip(b"\0")
    bits = len(value) * 8 - (8 - value[0].bit_length()) if value else 0
    return bits.to_bytes(2) + value


def stamp(at: datetime) -> bytes:
    return int(at.timestamp()).to_bytes(4)


def part(kind: int, data: bytes) -> bytes:
    return bytes([len(data) + 1, kind]) + data


def long_part(kind: int, data: bytes) -> bytes:
    return b"\xff" + (len(data) + 1).to_bytes(4) + bytes([kind]) + data


def packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4) + body

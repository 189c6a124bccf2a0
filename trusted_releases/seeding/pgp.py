"""OpenPGP certificates (RFC 4880, Ed25519) in a fraction of the time that gpg takes for one."""

import base64
import textwrap
from datetime import datetime
from hashlib import sha1, sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.openpgp_armor import crc24

_EDDSA, _SHA256 = 22, 8
_ED25519 = bytes.fromhex("092b06010401da470f01")  # the curve's object identifier, with its length
_POSITIVE = 0x13  # "this user id is really mine"
_CERTIFY_AND_SIGN = 0x03


def certificate(secret: bytes, user_id: str, at: datetime) -> dict[str, Any]:
    """The columns of a certificate made from 32 secret bytes: the same give the same.

    It has one user id, signs, and never expires.
    """
    key = Ed25519PrivateKey.from_private_bytes(secret)
    made = int(at.timestamp()).to_bytes(4)
    point = b"\x40" + key.public_key().public_bytes_raw()
    body = b"\x04" + made + bytes([_EDDSA]) + _ED25519 + _number(point)
    about = b"\x99" + len(body).to_bytes(2) + body
    fingerprint = sha1(about, usedforsecurity=False).digest()
    name = user_id.encode()
    hashed = (
        _part(2, made) + _part(27, bytes([_CERTIFY_AND_SIGN])) + _part(33, b"\x04" + fingerprint)
    )
    head = bytes([4, _POSITIVE, _EDDSA, _SHA256]) + len(hashed).to_bytes(2) + hashed
    said = about + b"\xb4" + len(name).to_bytes(4) + name + head
    digest = sha256(said + b"\x04\xff" + len(head).to_bytes(4)).digest()
    signed = key.sign(digest)
    issuer = _part(16, fingerprint[-8:])
    signature = (
        head
        + len(issuer).to_bytes(2)
        + issuer
        + digest[:2]
        + _number(signed[:32])
        + _number(signed[32:])
    )
    packets = _packet(6, body) + _packet(13, name) + _packet(2, signature)
    return {
        "fingerprint": fingerprint.hex(),
        "key_id": fingerprint[-8:].hex(),
        "algorithm": "EdDSA",
        "length": 255,  # as gpg says
        "created_at": at.replace(microsecond=0),
        "user_ids": [user_id],
        "armored": _armored(packets),
    }


def _number(value: bytes) -> bytes:
    """A multiprecision integer: its length in bits, and no zeros in front."""
    value = value.lstrip(b"\0")
    bits = len(value) * 8 - (8 - value[0].bit_length()) if value else 0
    return bits.to_bytes(2) + value


def _part(kind: int, data: bytes) -> bytes:
    return bytes([len(data) + 1, kind]) + data


def _packet(tag: int, body: bytes) -> bytes:
    """A packet of at most 255 bytes, in the format in which gpg writes them."""
    return bytes([0x80 | tag << 2, len(body)]) + body


def _armored(data: bytes) -> str:
    text = "\n".join(textwrap.wrap(base64.b64encode(data).decode(), 64))
    check = base64.b64encode(crc24(data).to_bytes(3)).decode()
    block = "PGP PUBLIC KEY BLOCK"
    return f"-----BEGIN {block}-----\n\n{text}\n={check}\n-----END {block}-----\n"

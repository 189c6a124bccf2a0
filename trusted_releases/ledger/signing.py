"""The key that signs the heads of the log: Ed25519 (RFC 8032), in a file of its own."""

import os
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from django.conf import settings

from trusted_releases.lib.canonical import canonical

PURPOSE = b"trusted-releases log head v1\n"  # a signature of ours says nothing about other bytes
SIGNED = ("size", "root", "at", "key_id")


def signing_key() -> Ed25519PrivateKey:
    """The key in settings.LOG_SIGNING_KEY_FILE; if absent, made there with mode 0600."""
    path = Path(settings.LOG_SIGNING_KEY_FILE)
    if not path.exists():
        _make(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} holds another kind of key than Ed25519.")
    return key


def public_hex(key: Ed25519PublicKey) -> str:
    """The public key as people pass it on: 64 hexadecimal digits."""
    return key.public_bytes_raw().hex()


def key_id(key: Ed25519PublicKey) -> str:
    """What a key is known by in a head: the SHA-256 of its 32 bytes, in hexadecimal."""
    return sha256(key.public_bytes_raw()).hexdigest()


def sign(head: dict[str, Any], key: Ed25519PrivateKey) -> str:
    """The signature, in hexadecimal, over what the head says."""
    return key.sign(_bytes(head)).hex()


def is_signed(head: dict[str, Any], keys: dict[str, Ed25519PublicKey]) -> bool:
    """Whether one of these keys (by their ids) has signed this head."""
    key = keys.get(head["key_id"])
    try:
        if key is None:
            return False
        key.verify(bytes.fromhex(head["signature"]), _bytes(head))
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key(text: str) -> Ed25519PublicKey:
    """A key from its 64 hexadecimal digits. ValueError when it is none."""
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text.strip()))


def _bytes(head: dict[str, Any]) -> bytes:
    return PURPOSE + canonical({name: head[name] for name in SIGNED})


def _make(path: Path) -> None:
    """Write a fresh key. Of two processes that do so at once, the first one's key stays."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(pem)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

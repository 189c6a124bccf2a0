"""SSH keys for tests: real ones, of which the private part is thrown away."""

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def ed25519_key(comment: str = "alice@laptop") -> str:
    """A new public key, as `ssh-keygen` writes it into the file that ends in .pub."""
    return _line(ed25519.Ed25519PrivateKey.generate().public_key(), comment)


def ecdsa_key() -> str:
    return _line(ec.generate_private_key(ec.SECP256R1()).public_key(), "")


def rsa_key(bits: int) -> str:
    return _line(rsa.generate_private_key(65537, bits).public_key(), "")


def _line(key, comment: str) -> str:
    return f"{key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()} {comment}".strip()

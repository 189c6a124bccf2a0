"""The text of an SSH public key: one line, as `ssh-keygen` writes it and `authorized_keys` has it.

`TYPE BASE64 [COMMENT]`. No Django, no key agent, no file: what is a key is judged by its bytes.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.text import is_plain, one_line

LONGEST = 8_000  # characters; RSA with 16,384 bits has 2,800
LONGEST_COMMENT = 200
LEAST_RSA = 2048  # bits
PRIVATE = "PRIVATE KEY"
CURVES = tuple(f"ecdsa-sha2-nistp{bits}" for bits in (256, 384, 521))
PLAIN = ("ssh-ed25519", "ssh-rsa", *CURVES)
# Keys that live in a security token. What is inside is the token's matter.
HARDWARE = ("sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com")


class SshFingerprintError(BadInput):
    """A text that is not even in the form of a key, so that there is nothing to name it by.

    Its name is known to clients, which read it in an answer of test mode.
    """

    code = "ssh_key_format"
    is_tested_as_broken = True

    def __init__(self) -> None:
        super().__init__("Invalid SSH key format")


@dataclass(frozen=True, slots=True)
class SshText:
    """A public key that was read: `line` is how it is kept, without what surrounded it."""

    kind: str
    blob: bytes
    comment: str

    @property
    def line(self) -> str:
        encoded = base64.b64encode(self.blob).decode()
        return f"{self.kind} {encoded} {self.comment}".strip()

    @property
    def fingerprint(self) -> str:
        """`SHA256:` and the digest in base64 without padding, as OpenSSH shows it."""
        digest = hashlib.sha256(self.blob).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def read(text: str) -> SshText:
    """The key in this text. Raises BadInput, and keeps nothing, for everything else."""
    if PRIVATE in text:
        raise BadInput(
            "This is a PRIVATE KEY. Nothing of it was stored. Whoever has read it can come in as "
            "you: make a new key, and give the public one, which is in the file with .pub."
        )
    words = text.split(None, 2)
    if len(words) < 2:
        raise SshFingerprintError
    if len(text) > LONGEST or len(text.strip().splitlines()) > 1:
        raise BadInput(f"A public key is one line of up to {LONGEST:,} characters.")
    kind, encoded, comment = words[0], words[1], " ".join(words[2].split()) if words[2:] else ""
    if kind not in (*PLAIN, *HARDWARE):
        raise BadInput(f"This begins with no kind of key that is taken: {', '.join(PLAIN)}.")
    if len(comment) > LONGEST_COMMENT or not is_plain(comment):
        raise BadInput(f"The comment has up to {LONGEST_COMMENT} characters of text.")
    return SshText(kind, _blob(kind, encoded), one_line(comment))


def _blob(kind: str, encoded: str) -> bytes:
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput("The second word of the key is no base64. Copy the whole line.") from None
    name = kind.encode()
    if not blob.startswith(len(name).to_bytes(4) + name):
        raise BadInput(f"This says that it is {kind}, but its content is of another kind.")
    if kind in HARDWARE:
        return _of_hardware(kind, blob)
    try:
        key = load_ssh_public_key(f"{kind} {encoded}".encode())
    except (ValueError, UnsupportedAlgorithm):
        raise BadInput("The key is cut or damaged. Copy the whole line.") from None
    if isinstance(key, RSAPublicKey) and key.key_size < LEAST_RSA:
        raise BadInput(f"An RSA key has at least {LEAST_RSA} bits; this has {key.key_size}.")
    return blob


def _of_hardware(kind: str, blob: bytes) -> bytes:
    """Its kind, the key, and for which application it is; nothing else. `cryptography` knows no
    such keys, so their frame is judged here."""
    parts, at = [], 0
    while at < len(blob):
        size = int.from_bytes(blob[at : at + 4])
        parts.append(blob[at + 4 : at + 4 + size])
        at += 4 + size
    sizes = (32,) if kind == HARDWARE[0] else (len(b"nistp256"), 65)
    found = tuple(len(part) for part in parts[1:-1])
    if at != len(blob) or found != sizes or not parts[-1].startswith(b"ssh:"):
        raise BadInput("The key is cut or damaged. Copy the whole line.")
    return blob

"""Keys and signatures for tests: real ones, made by gpg, gone when the tests end."""

import atexit
import functools
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from keys.openpgp_signing import ThrowawaySigner

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)  # the clock of tests that judge signatures


class Signer:
    """A person with a key of their own, and the home it lies in.

    `at` is when the key was made. Made ten days before NOW unless said otherwise, so that what it
    signs "now" is neither older than the key nor still to come.
    """

    def __init__(
        self,
        user_id: str = "Alice Archer <alice@apache.org>",
        *,
        algorithm: str = "ed25519",
        usage: str = "sign",
        expires: str = "never",
        at: datetime = datetime(2026, 5, 20, tzinfo=UTC),
    ) -> None:
        self.home = ThrowawaySigner()
        atexit.register(self.home.close)
        self.user_id = user_id
        self.fingerprint = self.home.generate(
            user_id, algorithm=algorithm, usage=usage, expires=expires, at=at
        )

    @property
    def public(self) -> bytes:
        """The armored certificate as it is now."""
        return self.home.public(self.fingerprint)

    @property
    def secret(self) -> bytes:
        return self.home.secret(self.fingerprint)

    def sign(
        self,
        path: Path,
        *,
        at: datetime = NOW,
        key: str = "",
        options: Sequence[str] = (),
    ) -> Path:
        """Write and return `path`.asc; `key` names another key or subkey of this home."""
        return self.home.sign(path, keys=[key or self.fingerprint], at=at, options=options)


@functools.cache
def signer(user_id: str = "Alice Archer <alice@apache.org>") -> Signer:
    """A signer that all tests of this process share. Do not change its key."""
    return Signer(user_id)


def artifact(folder: Path, content: bytes = b"the bytes of a release\n") -> Path:
    """A file to sign."""
    path = folder / "example-1.0.tar.gz"
    path.write_bytes(content)
    return path


def joined(*signatures: Path) -> bytes:
    """Several armored signature files as one, block after block."""
    return b"".join(path.read_bytes() for path in signatures)

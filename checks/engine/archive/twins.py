"""Settles whether paths that come twice hold the same bytes.

The first reading only knows that sizes are equal. Hashing every member for the rare case would
cost all archives, so those that have such paths are read a second time, for these paths alone.
"""

import hashlib

from checks.engine.archive.model import Member


class Twins:
    """A visitor that hashes members of certain names."""

    def __init__(self, names: set[str]) -> None:
        self._names = names
        self._digests: dict[str, set[bytes]] = {}

    def member(self, member: Member) -> "_Hash | None":
        if member.name not in self._names:
            return None
        return _Hash(self._digests.setdefault(member.name, set()))

    def finish(self) -> None:
        """Nothing to do."""

    def same(self, name: str) -> bool:
        """Whether all members of this name had the same content."""
        return len(self._digests.get(name, ())) == 1


class _Hash:
    def __init__(self, found: set[bytes]) -> None:
        self._found = found
        self._hash = hashlib.sha256()

    def feed(self, block: bytes) -> None:
        self._hash.update(block)

    def close(self) -> None:
        self._found.add(self._hash.digest())

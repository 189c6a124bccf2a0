"""The manifest: which files a revision is, by path and digest, and the digest of that.

A vote, a ballot and a publication name a manifest digest. Two revisions with the same files have
the same manifest, whoever made them and when: it speaks of bytes and names, nothing else.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from trusted_releases.lib.canonical import canonical

TYPE = "trusted-releases/manifest/v1"


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One file: its path in the release, hexadecimal digests, and its size in bytes."""

    path: str
    sha256: str
    sha512: str
    size: int

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "sha256": self.sha256, "sha512": self.sha512, "size": self.size}


def document(lines: Iterable[Line]) -> bytes:
    """The manifest as canonical JSON, files in order of their paths."""
    return canonical({"files": [line.as_json() for line in sorted(lines)], "type": TYPE})


def digest(lines: Iterable[Line]) -> str:
    """`sha256:` and the hexadecimal SHA-256 of the manifest document."""
    return "sha256:" + hashlib.sha256(document(lines)).hexdigest()


def sums(lines: Iterable[Line]) -> str:
    """The files in the form that `sha512sum -c` reads."""
    return "".join(f"{line.sha512}  {line.path}\n" for line in sorted(lines))

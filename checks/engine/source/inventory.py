"""The inventory: every file of one commit with its id, and what an archive may rightly make of it.

It is a JSON document, the same bytes for the same commit, so that it can be kept under its digest
and results can be kept under that.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from trusted_releases.lib.canonical import canonical

FORMAT = 1
MAX_FILES = 200_000  # of one commit
MAX_SIZE = 128 << 20  # bytes of the document
RUNS, LINK = "100755", "120000"  # git's modes for what may be executed, and for links

ENDS = "ends"  # the same but for line ends
EXPORTED = "exported"  # what `git archive` makes of it, as .gitattributes asks


class Line(NamedTuple):
    """A file of the commit: git's mode, the id of its content, and more where there is more.

    `more` may hold `also`, ids that other forms of the content have, with what form that is;
    `lfs`, SHA-256 and size of what a pointer of Git LFS stands for; `template`, the pieces of text
    between the marks that `git archive` fills in; `ignored`, true for what `git archive` leaves
    out.
    """

    mode: str
    id: str
    more: dict[str, Any] = {}


@dataclass(frozen=True)
class Inventory:
    """What a commit holds. `tag_commit` is where the tag leads, if one was recorded; `commit` and
    `repository` are "" for a plain folder."""

    repository: str
    commit: str
    tag: str
    tag_commit: str
    tree: str
    algorithm: str = "sha1"
    files: dict[str, Line] = field(default_factory=dict)
    submodules: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is, for a sentence."""
        if not self.commit:
            return f"the folder {self.repository}"
        tagged = f" (tag {self.tag})" if self.tag and self.tag_commit == self.commit else ""
        return f"commit {self.commit[:12]}{tagged} of {self.repository}"

    def write(self, path: Path) -> str:
        """Write the document; its SHA-256."""
        lines = {path: list(line) if line.more else line[:2] for path, line in self.files.items()}
        data = canonical({**vars(self), "files": lines, "format": FORMAT})
        path.write_bytes(data)
        return hashlib.sha256(data).hexdigest()


def read(path: Path, sha256: str = "") -> Inventory:
    """The inventory at `path`. ValueError if it is none, or not the one of this digest."""
    if path.stat().st_size > MAX_SIZE:
        raise ValueError(f"An inventory has at most {MAX_SIZE:,} bytes.")
    data = path.read_bytes()
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError("The inventory of the source is not the one that was planned for.")
    value = json.loads(data)
    if value.pop("format", None) != FORMAT:
        raise ValueError("This is no inventory that this version can read.")
    files = {path: Line(*line) for path, line in value.pop("files").items()}
    return Inventory(files=files, **value)


def blob_id(content: bytes, algorithm: str = "sha1") -> str:
    """The id that git gives to a file's content."""
    head = b"blob %d\0" % len(content)
    return hashlib.new(algorithm, head + content, usedforsecurity=False).hexdigest()

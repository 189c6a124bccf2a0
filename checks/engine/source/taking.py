"""Lists what a commit holds, from git's own objects: nothing is checked out."""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from checks.engine.archive import walk
from checks.engine.model import Limits
from checks.engine.source.gather import Gathered
from checks.engine.source.git import Git, Problem
from checks.engine.source.inventory import (
    ENDS,
    EXPORTED,
    LINK,
    MAX_FILES,
    Inventory,
    Line,
    blob_id,
)

SMALL = 1 << 20  # bytes of a file whose content is looked at
LOOKED_AT = 512 << 20  # bytes of content in all that are looked at; beyond, ids alone are known
PROBED = 8_000  # bytes in which a NUL makes a file binary: git's own rule
MAX_TEMPLATE = 64 << 10
MAX_PATH = 4096
BLOCK = 1 << 20
_MARK = re.compile(r"\$Format:[^$\n]*\$")
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:[^\n]*\n)*?"
    rb"oid sha256:([0-9a-f]{64})\nsize ([0-9]{1,18})\n"
)

Sizes = dict[str, int]  # of each content, by its id


def take(git: Git, folder: Path, commit: str, **named: str) -> Inventory:
    """The inventory of a commit. `folder` takes what has to be written on the way.

    Raises Problem for a commit that is too large, GitFailed for what git cannot read.
    """
    tree = git("rev-parse", "--verify", f"{commit}^{{tree}}")
    algorithm = "sha1" if len(tree) == 40 else "sha256"
    files, submodules, sizes = _listed(git, commit)
    seen = _look_into(git, sizes, algorithm)
    lines = {path: line._replace(more=seen.get(line.id, {})) for path, line in files.items()}
    if algorithm == "sha1" and any(_is_attributes(path) for path in files):
        lines = _exported(git, folder, commit, lines)
    lines = {path: _without_template(line) for path, line in lines.items()}
    return Inventory(
        commit=commit,
        tree=tree,
        algorithm=algorithm,
        files=lines,
        submodules=submodules,
        **named,
    )


def _listed(git: Git, commit: str) -> tuple[dict[str, Line], dict[str, str], Sizes]:
    """Files by path, submodules by path, and how large each content is."""
    files: dict[str, Line] = {}
    submodules: dict[str, str] = {}
    sizes: Sizes = {}
    with git.reading("ls-tree", "-r", "-l", "-z", "--full-tree", commit) as answer:
        for record in _records(answer):
            about, _, raw = record.partition(b"\t")
            mode, kind, id_, size = about.decode("ascii").split()
            path = raw.decode("utf-8", "backslashreplace")
            if kind == "commit":
                submodules[path] = id_
            else:
                files[path] = Line(mode, id_)
                if mode != LINK:
                    sizes[id_] = int(size)
            if len(files) + len(submodules) > MAX_FILES:
                raise Problem(
                    f"The commit holds more than {MAX_FILES:,} files, which is more than is "
                    "compared here. Record the commit that the archives were made from."
                )
    return files, submodules, sizes


def _records(answer: IO[bytes]) -> Iterator[bytes]:
    """What lies between NULs. A name that never ends is no name."""
    rest = b""
    while block := answer.read(BLOCK):
        *whole, rest = (rest + block).split(b"\0")
        yield from whole
        if len(rest) > MAX_PATH + 200:
            raise Problem("The commit holds a path that no file system could hold.")


def _look_into(git: Git, sizes: Sizes, algorithm: str) -> dict[str, dict[str, Any]]:
    """More about each content that is small enough, by its id."""
    wanted, left = [], LOOKED_AT
    for id_, size in sizes.items():
        if 0 < size <= min(SMALL, left):
            wanted.append(id_)
            left -= size
    seen: dict[str, dict[str, Any]] = {}
    with TemporaryFile() as asked:
        asked.write("".join(f"{id_}\n" for id_ in wanted).encode())
        asked.seek(0)
        with git.reading("cat-file", "--batch", "--buffer", given=asked) as answer:
            for id_ in wanted:
                size = int(answer.readline().split()[2])
                if more := _more(answer.read(size + 1)[:-1], algorithm):
                    seen[id_] = more
    return seen


def _more(content: bytes, algorithm: str) -> dict[str, Any]:
    """What an archive may rightly hold in place of this content, or nearly rightly."""
    if b"\0" in content[:PROBED]:
        return {}
    more: dict[str, Any] = {}
    if pointer := _POINTER.match(content):
        more["lfs"] = [pointer[1].decode(), int(pointer[2])]
    if b"$Format:" in content and len(content) <= MAX_TEMPLATE:
        more["template"] = _MARK.split(content.decode("utf-8", "surrogateescape"))
    if also := {id_: ENDS for id_ in _with_other_ends(content, algorithm)}:
        more["also"] = also
    return more


def _with_other_ends(content: bytes, algorithm: str) -> list[str]:
    """The ids of a text with the line ends of Unix, and with those of Windows."""
    if b"\n" not in content:
        return []
    unix = content.replace(b"\r\n", b"\n")
    both = {unix, unix.replace(b"\n", b"\r\n")} - {content}
    return sorted(blob_id(each, algorithm) for each in both)


def _is_attributes(path: str) -> bool:
    return path == ".gitattributes" or path.endswith("/.gitattributes")


def _exported(git: Git, folder: Path, commit: str, lines: dict[str, Line]) -> dict[str, Line]:
    """What `git archive` makes of the commit: attributes leave files out, fill in what is marked,
    and change line ends. What it would write is read like any archive."""
    packed = folder / "export.tar"
    with git.reading("archive", "--format=tar", commit) as answer, packed.open("wb") as target:
        while block := answer.read(BLOCK):
            target.write(block)
    gathered = Gathered()
    limits = Limits(members=2 * MAX_FILES)
    report = walk(packed, packed.name, limits, [gathered])
    packed.unlink()
    if not report.complete:
        raise Problem("What git archive makes of the commit is more than is compared here.")
    found = gathered.entries
    return {path: _as_exported(line, found.get(path)) for path, line in lines.items()}


def _as_exported(line: Line, found: Any) -> Line:
    if found is None:
        return line._replace(more={**line.more, "ignored": True})
    if found.id == line.id:
        return line
    also = {**line.more.get("also", {}), found.id: EXPORTED}
    return line._replace(more={**line.more, "also": also, "filled": True})


def _without_template(line: Line) -> Line:
    """Only what `git archive` changes is a template: the marks mean nothing elsewhere."""
    more = {name: value for name, value in line.more.items() if name != "filled"}
    if "filled" not in line.more:
        more.pop("template", None)
    return line._replace(more=more)

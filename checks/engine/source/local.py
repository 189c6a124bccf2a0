"""The source on this machine: a checkout of git, or a plain folder of files."""

import hashlib
import os
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.engine.source.gather import PLAIN
from checks.engine.source.git import Git, GitFailed, Problem
from checks.engine.source.inventory import LINK, MAX_FILES, RUNS, Inventory, Line, blob_id
from checks.engine.source.taking import take

BLOCK = 1 << 20
KEPT_BY_TOOLS = {".git", ".svn", ".hg"}  # folders that hold no source


def inventory_of(folder: Path, revision: str = "HEAD") -> Inventory:
    """What `revision` of a checkout holds, or what lies in a folder that is none.

    Of a checkout the commit counts, not what was changed since. Raises Problem.
    """
    if not folder.is_dir():
        raise Problem(f"{folder} is no folder.")
    with TemporaryDirectory(prefix="trusted-source-") as scratch:
        git = Git(folder, Path(scratch))
        if not _is_repository(git, folder):
            return _plain(folder)
        if revision.startswith("-"):
            raise Problem(f"{revision} is no commit.")
        try:
            commit = git("rev-parse", "--verify", f"{revision}^{{commit}}")
            return take(git, Path(scratch), commit, repository=str(folder), tag="", tag_commit="")
        except GitFailed as error:
            raise Problem(f"Git cannot read {revision} in {folder}: {error.said}") from error


def _is_repository(git: Git, folder: Path) -> bool:
    """Whether the folder itself is one; a folder below one is compared as the files it holds."""
    try:
        top = git("rev-parse", "--absolute-git-dir")
    except GitFailed as error:
        if (folder / ".git").exists():  # git will not read it: it belongs to somebody else
            raise Problem(f"Git cannot read {folder}: {error.said}") from error
        return False
    return Path(top) in (folder.resolve(), folder.resolve() / ".git") or (folder / ".git").is_file()


def _plain(folder: Path) -> Inventory:
    lines: dict[str, Line] = {}
    for parent, folders, names in os.walk(folder):
        links = [each for each in folders if (Path(parent) / each).is_symlink()]
        folders[:] = sorted(set(folders) - KEPT_BY_TOOLS - set(links))
        for name in sorted([*names, *links]):
            path = Path(parent) / name
            if line := _line(path):
                lines[path.relative_to(folder).as_posix()] = line
            if len(lines) > MAX_FILES:
                raise Problem(f"There are more than {MAX_FILES:,} files in {folder}.")
    return Inventory(str(folder), "", "", "", "", files=lines)


def _line(path: Path) -> Line | None:
    """What lies at a path; None for what is neither a file nor a link."""
    about = path.lstat()
    if stat.S_ISLNK(about.st_mode):
        return Line(LINK, blob_id(os.fsencode(path.readlink())))
    if not stat.S_ISREG(about.st_mode):
        return None
    digest = hashlib.sha1(b"blob %d\0" % about.st_size, usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return Line(RUNS if about.st_mode & 0o111 else PLAIN, digest.hexdigest())

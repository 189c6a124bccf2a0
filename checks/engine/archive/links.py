"""Where the links of an archive lead, once everything is unpacked.

No member may be written through a link, and no path may be two things: `Tree` and `check_links`
make these blockers. So the tree at the end is the only one there is, and following each link
through it, as a file system would, tells whether it stays inside.
"""

import re

from checks.engine.archive.names import BANNED
from checks.engine.archive.problems import Problems
from checks.engine.archive.tree import HARDLINK, Tree, folded
from checks.engine.model import Limits

MAX_HOPS = 40  # links followed for one path: what Linux does (MAXSYMLINKS)
MAX_STEPS = 1_000_000  # steps for all links of an archive; real ones take a few thousand

_UNSAFE = re.compile("[\x00-\x1f\x7f\\\\]|^[A-Za-z]:")


class _Outside(Exception):
    """A link leads out of the tree."""


class _Endless(Exception):
    """A link leads to itself."""


def check_links(tree: Tree, limits: Limits, problems: Problems) -> None:
    """Judge every symbolic and hard link of the archive."""
    _written_through(tree, problems)
    walk = _Walk(tree, problems)
    for name, target in tree.symlinks.items():
        if flaw := _flaw(target, limits):
            problems.blocker("safety.symlink", f"A symbolic link {flaw}.", name)
        elif "/" not in name:
            problems.blocker(
                "safety.symlink", "A symbolic link stands beside the top directory.", name
            )
        else:
            walk.judge(name, target)
    for name, target in tree.later.items():
        _judge_hard(tree, name, target, problems)


def _flaw(target: str, limits: Limits) -> str:
    """What is wrong with a target before it is followed; "" if nothing is."""
    if not target:
        return "leads nowhere: its target is empty"
    if target.startswith(("/", "\\")):
        return f"leads to an absolute path ({target[:80]!a}). Make it relative"
    if len(target) > limits.link_target:
        return f"has a target of more than {limits.link_target} characters"
    if _UNSAFE.search(target):
        return f"has a target with characters no system agrees on ({target[:80]!a})"
    if any(part.lower() in BANNED for part in target.split("/")):
        return f"leads into a directory that is not allowed ({target[:80]!a})"
    return ""


def _written_through(tree: Tree, problems: Problems) -> None:
    """A link that members lie below, or that replaces a directory: also where case is ignored."""
    if not tree.symlinks:
        return
    below = {folded(path) for path in tree.directories}
    for name in tree.symlinks:
        if folded(name) in below:
            problems.blocker(
                "safety.through_link",
                "Members would be written through a symbolic link, to where it leads.",
                name,
            )


def _judge_hard(tree: Tree, name: str, target: str, problems: Problems) -> None:
    what = tree.paths.get(target)
    if what is None or target == name or (what < 0 and what != HARDLINK):
        problems.blocker(
            "safety.hardlink",
            f"A hard link to {target[:80]!a}, which is not a file of this archive.",
            name,
        )
    else:
        problems.concern(
            "safety.hardlink_forward",
            f"A hard link to {target[:80]!a}, which comes later: unpacking fails or links to an "
            "older file of that name.",
            name,
        )


class _Walk:
    """Follows symbolic links the way a file system does."""

    def __init__(self, tree: Tree, problems: Problems) -> None:
        self._tree = tree
        self._problems = problems
        self._steps = 0
        self._tops = {path.split("/", 1)[0] for path in tree.directories} | {
            path for path in tree.paths if "/" not in path
        }

    def judge(self, name: str, target: str) -> None:
        try:
            end = self._follow(name, target)
        except _Outside:
            message = f"A symbolic link leads out of the archive's directory ({target[:80]!a})."
            self._problems.blocker("safety.symlink", message, name)
        except _Endless:
            message = f"A symbolic link leads to itself ({target[:80]!a})."
            self._problems.blocker("safety.symlink", message, name)
        else:
            if end not in self._tree.paths and end not in self._tree.directories:
                message = f"A symbolic link leads to nothing ({target[:80]!a})."
                self._problems.concern("safety.symlink_dangling", message, name)

    def _follow(self, name: str, target: str) -> str:
        """The path that the link ends at."""
        here = name.split("/")[:-1]
        ahead = target.split("/")[::-1]
        hops = 0
        while ahead:
            part = ahead.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not here:
                    raise _Outside
                here.pop()
                continue
            here.append(part)
            path = "/".join(here)
            self._step(len(here))
            further = self._tree.symlinks.get(path)
            if further is not None:
                hops += 1
                here.pop()
                self._hop(hops, further)
                ahead.extend(further.split("/")[::-1])
        if not here or here[0] not in self._tops:
            raise _Outside
        return "/".join(here)

    def _hop(self, hops: int, target: str) -> None:
        self._step(len(target))
        if target.startswith("/"):
            raise _Outside
        if hops > MAX_HOPS:
            raise _Endless

    def _step(self, count: int) -> None:
        self._steps += count
        if self._steps > MAX_STEPS:
            self._problems.stop("safety.link_maze", "Following the symbolic links takes too long.")

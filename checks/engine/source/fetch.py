"""Gets one commit of a repository that nobody trusts: its files as they were, without history."""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from checks.engine.source.git import Git, GitFailed, Problem
from checks.engine.source.inventory import Inventory
from checks.engine.source.taking import take
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.repositories import (
    PORTS,
    addresses_of,
    check_commit,
    check_repository,
    check_tag,
)

TAG = "refs/tags/recorded"  # what the tag is called in the copy
SHA256_LENGTH = 64  # of a commit in a repository that uses SHA-256
PINS_SINCE = (2, 37)  # the version of git that has http.curloptResolve
MAX_QUOTED = 300  # characters of what git said

# What git says, in the order in which it is looked for; what that means; whether to try again.
_MEANINGS: tuple[tuple[str, str, bool], ...] = (
    (
        r"signal 25|File too large|exceeds maximum allowed size|No space left"
        r"|\Afatal: fetch-pack: invalid index-pack output\Z",
        "One commit of it is larger than {limit} MB packed, which is more than is fetched here. "
        "Operators can raise SOURCE_BYTES.",
        False,
    ),
    (
        r"could not read Username|Authentication failed|HTTP 40[13]|error: 40[13]",
        "The repository asks for a password: it is private, or there is none of this address. "
        "Record the address under which anybody can clone it.",
        False,
    ),
    (
        r"redirect|error: 30[1-8]",
        "The address leads to another one, and redirects are not followed. Record the address "
        "where the repository is now.",
        False,
    ),
    (
        r"couldn't find remote ref",
        "The repository has no tag {tag}. Push it, or record the one that is meant.",
        False,
    ),
    (
        r"not our ref|unadvertised object|remote did not send all",
        "The repository has no commit {commit} that it hands out. Push it, or record the one that "
        "is meant.",
        False,
    ),
    (
        r"not found|does not exist|does not appear to be a git repository|error: 404",
        "There is no repository at this address. Correct the address.",
        False,
    ),
    (
        r"dumb http",
        "The server hands out files and does not speak git's protocol, so that one commit cannot "
        "be had without all others. Record the address of a mirror that does.",
        False,
    ),
    (
        r"transport '[^']*' not allowed",
        "This way of reaching a repository is not allowed here. Record an https address.",
        False,
    ),
    (
        r"Operation too slow|timed out|Connection re|Failed to connect|Could not resolve|hung up"
        r"|early EOF|error: 5\d\d|SSL|TLS|Empty reply|disconnect",
        "The repository could not be reached, or its answer broke off.",
        True,
    ),
)


@dataclass(frozen=True)
class Wanted:
    """What to fetch, and what is allowed. A commit, a tag, or both; `max_bytes` bounds each file
    that is written, so also the pack that is fetched."""

    repository: str
    commit: str = ""
    tag: str = ""
    hosts: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ("https",)
    private: bool = False
    max_bytes: int = 1 << 30

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Wanted":
        return cls(**{**value, "hosts": tuple(value["hosts"]), "schemes": tuple(value["schemes"])})


def fetch(wanted: Wanted, folder: Path) -> Inventory:
    """The inventory of what is wanted, by way of a copy in an empty folder. Raises Problem."""
    git = _prepared(wanted, folder)
    try:
        commit, tag_commit = _get(git, wanted)
        return take(
            Git(folder / "copy.git", folder),
            folder,
            commit,
            repository=wanted.repository,
            tag=wanted.tag,
            tag_commit=tag_commit,
        )
    except GitFailed as error:
        raise _meaning(error.said, wanted) from error


def _prepared(wanted: Wanted, folder: Path) -> Git:
    """An empty copy, and git that may ask the host of the repository, and no other."""
    try:
        address = check_repository(wanted.repository, wanted.hosts, wanted.schemes)
        if wanted.commit:
            check_commit(wanted.commit)
        if wanted.tag:
            check_tag(wanted.tag)
        pins = _pins(address, wanted)
    except BadInput as error:
        raise Problem(f"{error} Record another address.") from error
    except LookupError as error:
        raise Problem(f"{error} Correct the address.", again=True) from error
    copy = folder / "copy.git"
    copy.mkdir()
    git = Git(copy, folder, schemes=wanted.schemes, pins=pins)
    if pins:
        _require_pins(git("version"))
    kind = "sha256" if len(wanted.commit) == SHA256_LENGTH else "sha1"
    git("init", "--quiet", "--bare", "--template=", f"--object-format={kind}")
    return git


def _pins(address: str, wanted: Wanted) -> str:
    """Where the host was found when it was judged, so that it cannot be elsewhere afterwards."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        return ""
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    found = addresses_of(host, port, private=wanted.private)
    return f"{host}:{port}:{','.join(f'[{each}]' if ':' in each else each for each in found)}"


def _require_pins(version: str) -> None:
    """An older git would ask the name server again, and could be led into our own network."""
    found = re.search(r"(\d+)\.(\d+)", version)
    if found is None or (int(found[1]), int(found[2])) < PINS_SINCE:
        raise Problem("The program git is too old where checks run: operators can install 2.37.")


def _get(git: Git, wanted: Wanted) -> tuple[str, str]:
    """Fetch the commit, the tag, or both; the commit to list, and where the tag leads."""
    tag = [f"refs/tags/{wanted.tag}:{TAG}"] if wanted.tag else []
    try:
        _fetch(git, wanted, *([wanted.commit] if wanted.commit else []), *tag)
    except GitFailed as error:
        if not (tag and wanted.commit and "unadvertised object" in error.said):
            raise
        _fetch(git, wanted, *tag)  # an old server hands out what has a name only
    tag_commit = git("rev-parse", "--verify", f"{TAG}^{{commit}}") if tag else ""
    if not wanted.commit:
        return tag_commit, tag_commit
    try:
        found = git("rev-parse", "--verify", f"{wanted.commit}^{{commit}}")
    except GitFailed as error:
        raise GitFailed(f"not our ref {wanted.commit}") from error
    if found != wanted.commit:
        raise Problem(
            "This is the id of a tag, not of a commit. Record what git rev-parse TAG^{commit} says."
        )
    return found, tag_commit


def _fetch(git: Git, wanted: Wanted, *what: str) -> None:
    flags = ("--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-auto-gc")
    git("fetch", *flags, "--", wanted.repository, *what)


def _meaning(said: str, wanted: Wanted) -> Problem:
    for pattern, sentence, again in _MEANINGS:
        if re.search(pattern, said, re.IGNORECASE):
            told = sentence.format(
                limit=wanted.max_bytes >> 20, tag=wanted.tag, commit=wanted.commit[:12]
            )
            return Problem(told, again=again)
    lines = [line for line in said.splitlines() if line.strip()]
    last = lines[-1][:MAX_QUOTED] if lines else "nothing"
    return Problem(f"Git could not read the repository. It said: {last}", again=True)

"""The one kind of command that is taken, and nothing that looks like it.

`rsync -av` on the other side asks its shell for `rsync --server …`. What it asks is read into a
value here, and the program is started with arguments of ours: no text of theirs gets there.
"""

import re
import shlex
from dataclasses import dataclass

from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.paths import check_path

LONGEST = 2048  # characters of a command that are looked at
MEANT = (
    "This server takes files by `rsync -av` and `rsync -av --delete`, and gives them by "
    "`rsync -av`; nothing else."
)
PLACE = "Write the place as /<project>/<version>/, with a slash at its end."
LETTERS = frozenset("Dgloprtv")  # of `-av`; what follows an `e` says what the client can do
_FLAGS = re.compile(r"-([A-Za-z]+?)(e[0-9.]*[A-Za-z]*)?", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,127}", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody wants: to send files into a release, or to have them.

    `folder` is a directory of the release with a slash at its end, or "". `arguments` start
    `rsync --server` on our side, without the place.
    """

    gives: bool  # the server sends files; else it takes them
    project: str
    version: str
    folder: str
    deletes: bool
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return f"/{self.project}/{self.version}/{self.folder}"


def read(text: str | None) -> Command:
    """The command, or BadInput with a sentence for the terminal of whoever sent it."""
    words = _words(text)
    if words[:2] != ["rsync", "--server"] or len(words) < 5:
        raise BadInput(MEANT)
    *options, dot, place = words[2:]
    if dot != ".":
        raise BadInput(MEANT)
    gives = "--sender" in options
    flags = [each for each in options if not each.startswith("--")]
    long = [each for each in options if each.startswith("--") and each != "--sender"]
    if len(flags) != 1 or options.count("--sender") > 1 or len(set(long)) != len(long):
        raise BadInput(MEANT)
    if set(long) - ({"--dirs"} if gives else {"--dirs", "--delete"}):
        raise BadInput(MEANT)
    found = _FLAGS.fullmatch(flags[0])
    if found is None or frozenset(found[1]) != LETTERS or len(found[1]) != len(LETTERS):
        raise BadInput(MEANT)
    project, version, folder = _place(place)
    sender = ("--sender",) if gives else ()
    dirs = ("--dirs",) if "--dirs" in long else ()
    # The program deletes names in its folder; those are taken out of the release afterwards.
    delete = ("--delete",) if "--delete" in long else ()
    arguments = (*sender, flags[0], *dirs, *delete)
    return Command(gives, project, version, folder, bool(delete), arguments)


def _words(text: str | None) -> list[str]:
    if not text or len(text) > LONGEST or not text.isprintable():
        raise BadInput(MEANT)
    try:
        return shlex.split(text)
    except ValueError as error:
        raise BadInput(MEANT) from error


def _place(place: str) -> tuple[str, str, str]:
    """Project, version and folder of the path that was asked for."""
    parts = place.split("/")
    if len(parts) < 4 or parts[0] or parts[-1]:
        raise BadInput(PLACE)
    project, version = parts[1:3]
    if not _NAME.fullmatch(project) or not _VERSION.fullmatch(version):
        raise BadInput(PLACE)
    folder = "/".join(parts[3:-1])
    return project, version, f"{check_path(folder)}/" if folder else ""

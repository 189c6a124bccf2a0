"""New names for the files of a draft: what each becomes, and why that cannot be.

Only names are looked at here. Nothing knows of releases, and nothing is changed.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.paths import check_path

Moves = dict[str, str]

# What follows a file's name in the names of its signatures, checksums and provenance, any number
# of times (`x.zip.asc.sha512`). A `x.tar.gz` beside `x.tar` is a file of its own.
_COMPANION = re.compile(
    r"\.(asc|sig|md5|mds|sha|sh1|sha1|sha256|sha512|sha512sum|prov|cdx\.json|cdx\.xml)\Z",
    re.IGNORECASE,
)
# `-rc1`, `-RC-2`, `.rc.3`, `1.0rc4` and `-candidate-5`, where a word ends after the number. A
# number that goes on behind a dot is a version of its own, and is left.
_CANDIDATE = re.compile(
    r"(?:[-_.~]|(?<=[0-9]))(?:rc|candidate)[-_.]?[0-9]+(?![0-9])(?=[-_/]|\.(?![0-9]+(?:[-_./]|\Z))|\Z)",
    re.IGNORECASE,
)


def with_companions(paths: Iterable[str], files: Collection[str]) -> list[str]:
    """The files and what belongs to them: `x.tar.gz` with its `.asc`, `.sha512` and so on."""
    chosen = set(paths)
    if unknown := sorted(chosen - set(files)):
        raise BadInput(f"There is no file {unknown[0]} in this revision.")
    return [each for each in files if not chosen.isdisjoint(_owners(each))]


def is_companion(path: str) -> bool:
    """Whether the name is that of a signature, a checksum or the like of another file."""
    return bool(_COMPANION.search(path))


def stripped(path: str) -> str:
    """The path without what marks it, or a folder above it, as a release candidate."""
    return _CANDIDATE.sub("", path)


def strip_moves(files: Iterable[str]) -> Moves:
    """What becomes of the files whose names say that they are of a candidate."""
    return {path: stripped(path) for path in files if stripped(path) != path}


def rename_moves(path: str, to: str, files: Collection[str]) -> Moves:
    """What becomes of one file, and of those that belong to it."""
    return {each: to + each[len(path) :] for each in with_companions([path], files)}


def folder_moves(paths: Iterable[str], folder: str, files: Collection[str]) -> Moves:
    """What becomes of files and whole folders when they go into another folder; "" is the top.

    A folder goes under its own name, with all below it, and never into itself.
    """
    folder = folder.strip().strip("/")
    chosen = {path.rstrip("/") for path in paths}
    single = chosen & set(files)
    moves: Moves = {}
    found: set[str] = set()
    for each in files:
        folders = [path for path in _folders(each) if path in chosen]
        named = [*folders, *(path for path in _owners(each) if path in single)]
        if not named:
            continue
        found.update(named)
        lead = named[0]  # the outermost: what lies in a folder that goes, goes with it
        if lead in folders and f"{folder}/".startswith(f"{lead}/"):
            raise BadInput(f"The folder {lead} cannot go into itself.")
        above = lead.rpartition("/")[0]
        name = each[len(above) + 1 :] if above else each
        moves[each] = f"{folder}/{name}" if folder else name
    if unknown := sorted(chosen - found):
        raise BadInput(f"There is no file or folder {unknown[0]} in this revision.")
    return {path: to for path, to in moves.items() if path != to}


def folders_of(files: Iterable[str]) -> dict[str, int]:
    """Every folder that the files lie in, at any depth, and how many are in it; in order."""
    counts = Counter(folder for path in files for folder in _folders(path))
    return dict(sorted(counts.items()))


def conflicts(moves: Mapping[str, str], files: Collection[str]) -> Iterator[str]:
    """Why these names cannot be given, a sentence for each; none where they can."""
    taken: dict[str, str] = {path: path for path in files if path not in moves}
    for path, to in sorted(moves.items()):
        try:
            check_path(to)
        except BadInput as error:
            yield str(error)
            continue
        other = taken.setdefault(to, path)
        if other == path:
            continue
        if other == to:
            yield f"{to} exists already. Delete it first, or choose another."
        else:
            yield f"{other} and {path} would both become {to}. Delete or rename one of them first."


def _folders(path: str) -> Iterator[str]:
    """The folders that a file lies in, the outermost first."""
    return (path[:place] for place, letter in enumerate(path) if letter == "/")


def _owners(path: str) -> Iterator[str]:
    """The file itself, and each that it is a companion of: `x.asc.sha512`, `x.asc`, `x`."""
    yield path
    while found := _COMPANION.search(path):
        path = path[: found.start()]
        yield path

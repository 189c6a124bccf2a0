"""What giving files other names would do, and what stands in the way: a look before the verb."""

from collections.abc import Iterable
from dataclasses import dataclass

from releases.models.blob import Blob
from releases.models.composing import Files, check_set
from releases.models.tidying import rewritten
from releases.renaming import Moves, conflicts
from trusted_releases.lib.errors import BadInput


@dataclass(frozen=True)
class Foreseen:
    """The new name of each file that gets one, and why these names cannot be given.

    `anew` are the new paths of checksum files that are written anew, as they name what moves.
    """

    moves: Moves
    anew: frozenset[str]
    wrong: tuple[str, ...]


def foresee(moves: Moves, files: Files) -> Foreseen:
    """What these new names come to with all the files of a draft."""
    wrong = tuple(conflicts(moves, files))
    return Foreseen(
        moves, frozenset(rewritten(moves, files)), wrong or tuple(_clashes(moves, files))
    )


def _clashes(moves: Moves, files: Files) -> Iterable[str]:
    """What only shows in the whole set: names that differ in case, a file where a folder is."""
    then: dict[str, Blob] = {moves.get(path, path): blob for path, blob in files.items()}
    try:
        check_set(then)
    except BadInput as error:
        yield str(error)

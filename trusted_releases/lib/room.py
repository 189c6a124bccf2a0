"""What a full disk is to whoever sends something: no fault of theirs, and told as what it is."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from trusted_releases.lib.errors import BadInput, NoRoom, Refused

_FULL = {errno.ENOSPC, errno.EDQUOT}


def is_full(error: Exception) -> bool:
    """Whether there was no room on a disk."""
    return isinstance(error, OSError) and error.errno in _FULL


def not_taken(error: Exception, cut: str) -> Refused:
    """What to say when a body could not be taken: `cut`, unless there was no room for it."""
    return NoRoom() if is_full(error) else BadInput(cut)


@contextmanager
def needing_room() -> Iterator[None]:
    """NoRoom where what is done fills the disk. For who answers a request: a job that finds no room
    fails, and is done again."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise NoRoom from error
        raise

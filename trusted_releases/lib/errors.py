"""How a rule says no. Edges turn these into a message for people; none of them is a 500."""

from collections.abc import Iterable
from typing import NamedTuple


class Obstacle(NamedTuple):
    """One reason why a step cannot be taken yet: a code for programs, a sentence for people."""

    code: str
    text: str


class Refused(Exception):
    """A rule said no, and nothing has changed. `str()` is a sentence for the person who asked."""

    code = "refused"
    obstacles: tuple[Obstacle, ...] = ()
    # Whether clients of the API have tests that take this for an error of the server: it is
    # answered as one in test mode, and nowhere else.
    is_tested_as_broken = False


class NotReady(Refused):
    """The person may do this, but the object is not ready for it."""

    code = "not_ready"

    def __init__(self, obstacles: Iterable[Obstacle]) -> None:
        self.obstacles = tuple(obstacles)
        super().__init__(" ".join(obstacle.text for obstacle in self.obstacles))


class Stale(Refused):
    """Somebody else moved the object first, or the person looked at an older state of it."""

    code = "stale"


class BadInput(Refused):
    """What was sent cannot be used: a bad name, too large, cut short, not what it says it is."""

    code = "bad_input"


class NoRoom(Refused):
    """The disk of the server is full."""

    code = "no_room"

    def __init__(self) -> None:
        super().__init__(
            "There is no room left on the disk of this site, so nothing was taken. Its operators "
            "have to make some; send it again then."
        )


class Unchanged(BadInput):
    """What was sent is there already, as it was sent."""

    code = "unchanged"

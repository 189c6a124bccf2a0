"""What stands between files and a vote: how long it is to run, and what the checks have said."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from projects.models import Policy, Rules
from releases.phases import Verdict
from trusted_releases.lib.errors import Obstacle

if TYPE_CHECKING:
    from releases.models.revision import Revision


def length_obstacles(hours: int | None, rules: Rules) -> Iterator[Obstacle]:
    if hours is None:
        return
    if hours < rules.hours:
        yield Obstacle("vote_too_short", f"A vote lasts at least {rules.hours} hours here.")
    if hours > Policy.LONGEST_HOURS:
        yield Obstacle("vote_too_long", f"A vote lasts at most {Policy.LONGEST_HOURS} hours.")


def check_obstacles(
    revision: "Revision", acknowledged: Collection[str] | None
) -> Iterator[Obstacle]:
    if revision.verdict == Verdict.PENDING:
        yield Obstacle(
            "checks_running",
            f"The checks of revision {revision.number} are still running. "
            "The page says when they are done.",
        )
    if revision.verdict == Verdict.FAILED:
        yield Obstacle(
            "blockers",
            f"Revision {revision.number} has blockers. Each finding says what to do; "
            "upload what mends it.",
        )
    open_concerns = set(revision.concerns) - set(acknowledged or ())
    if acknowledged is not None and open_concerns:
        yield Obstacle(
            "concerns",
            "Read the concerns and confirm that you have: " + ", ".join(sorted(open_concerns)),
        )

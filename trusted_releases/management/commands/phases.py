"""`manage.py phases`: docs/phases.md, written from the code that enforces it."""

from collections.abc import Iterator
from typing import Any

from django.core.management import BaseCommand

from projects.roles import GRANTS, Role, Standing
from releases.models import Release
from releases.phases import Outcome, Phase

INTRO = """# Phases and permissions

Written by `manage.py phases` from the code that enforces it; a test compares the two.

## The way of a release

A release moves only along these arrows. One method writes the phase, in one transaction with the
event that says who moved it.
"""

VERBS = {
    (Phase.COMPOSE, Phase.VOTE): ("call a vote", "releases.start_vote"),
    (Phase.VOTE, Phase.FINISH): ("resolve: passed", "releases.resolve_vote"),
    (Phase.VOTE, Phase.COMPOSE): ("resolve: failed or cancelled", "releases.resolve_vote"),
    (Phase.FINISH, Phase.RELEASED): ("announce", "releases.announce"),
}

MEANING = {
    Phase.COMPOSE: "Files are gathered; every change is a revision, and every revision is checked.",
    Phase.VOTE: "One revision is frozen. People vote on its manifest digest.",
    Phase.FINISH: "The vote has passed. The voted files are published; there is no way back.",
    Phase.RELEASED: "Announced. Nothing changes any more.",
}

PERMISSIONS = """
## Who may do what

Roles are held in a committee; standings are held in the foundation. A person may do what any of
theirs grants. A system administrator has no role in a committee by that: running the site is not
being on a committee, and such an account's vote never binds.
"""


class Command(BaseCommand):
    help = "Print docs/phases.md: phases, moves and permissions, as the code has them."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(document(), ending="")


def document() -> str:
    """The page, as Markdown."""
    return "\n".join([INTRO, *_phases(), "", *_moves(), PERMISSIONS, *_grants(), ""])


def _phases() -> Iterator[str]:
    yield "| phase | stored as | what it means |"
    yield "| --- | --- | --- |"
    for phase in Phase:
        yield f"| {phase.label} | `{phase.value}` | {MEANING[phase]} |"


def _moves() -> Iterator[str]:
    yield "| from | to | by | permission |"
    yield "| --- | --- | --- | --- |"
    for start in Phase:
        for end in (phase for phase in Phase if phase in Release.MOVES[start]):
            verb, permission = VERBS[Phase(start), Phase(end)]
            yield f"| {start.label} | {Phase(end).label} | {verb} | `{permission}` |"
    yield ""
    yield "A vote ends as one of: " + ", ".join(o.label.lower() for o in Outcome if o.value) + "."


def _grants() -> Iterator[str]:
    holders: list[Any] = [*Standing, *Role]
    yield "| permission | " + " | ".join(holder.label for holder in holders) + " |"
    yield "| --- |" + " --- |" * len(holders)
    for permission in sorted(set().union(*GRANTS.values())):
        marks = ("yes" if permission in GRANTS[holder] else "" for holder in holders)
        yield f"| `{permission}` | " + " | ".join(marks) + " |"

"""`manage.py tally RELEASE --verify`: how its votes were counted, and whether that still holds."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from releases.models import Release, Vote
from releases.phases import Outcome
from releases.reviewing import problems_of


class Command(BaseCommand):
    help = (
        "Tell how the votes on a release (project/version, or project-version) were counted. With "
        "--verify each closed vote is counted again from what was kept; exits 1 if any differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("release", nargs="?", help="such as tool/1.2.0")
        parser.add_argument("--all", action="store_true", help="every vote there ever was")
        parser.add_argument("--verify", action="store_true", help="count again, and compare")

    def handle(self, *args: Any, release: str | None, verify: bool, **options: Any) -> None:
        if bool(release) == options["all"]:
            raise CommandError("Name one release, such as tool/1.2.0, or give --all.")
        votes = Vote.objects.select_related("release__project", "revision").order_by("pk")
        if release:
            votes = votes.filter(release=found(release))
        wrong = sum(self.told(vote, verify=verify) for vote in votes.iterator(chunk_size=200))
        if wrong:
            raise CommandError(f"{wrong} votes do not agree with what was kept of them.")

    def told(self, vote: Vote, *, verify: bool) -> bool:
        """One line, and one for each difference; True when there is any."""
        if vote.outcome == Outcome.OPEN:
            sums = vote.tally()
            yes, no = sums.binding.for_it, sums.binding.against
            self.stdout.write(f"{vote}: open, {yes} +1 and {no} -1 binding")
            return False
        problems = list(problems_of(vote)) if verify else []
        state = "" if not verify else ", DIFFERS" if problems else ", agrees"
        self.stdout.write(
            f"{vote}: {vote.outcome}, {vote.binding_for} +1 and {vote.binding_against} -1 binding, "
            f"{vote.bundle_digest}{state}"
        )
        for problem in problems:
            self.stdout.write(f"    {problem}")
        return bool(problems)


def found(name: str) -> Release:
    """The release of this name. CommandError when there is none."""
    project, _, version = name.partition("/")
    known = Release.objects.select_related("project")
    one = known.of_key(project, version).first() if version else None
    if one is None:
        parts = name.split("-")
        tries = ("-".join(parts[:cut]) for cut in range(1, len(parts)))
        one = next(
            (
                each
                for slug in tries
                if (each := known.of_key(slug, name[len(slug) + 1 :]).first()) is not None
            ),
            None,
        )
    if one is None:
        raise CommandError(f"There is no release {name}.")
    return one

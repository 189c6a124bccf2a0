"""`manage.py seed_test_client`: what the tests of existing clients find on a server."""

import os
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction

from keys import token_text
from keys.models import AccessToken
from keys.models.token import LONGEST_DAYS
from projects.models import Committee, Membership, Policy, Project, User
from projects.roles import Role
from trusted_releases.lib import testing

LABEL = "Tests of a client"
COMMITTEES = (testing.COMMITTEE, testing.KEYS_COMMITTEE)
HOME = "https://www.example.org/"


class Command(BaseCommand):
    help = (
        "Make the committee and projects that clients are tested with, and with --user an account "
        "that may do everything, whose access token stands in a file. Only in test mode."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", help="the account that the tests come as")
        parser.add_argument(
            "--pat-file",
            type=Path,
            help="where its access token stands, such as ~/.atr-pat; made when there is none",
        )

    def handle(
        self, *args: Any, user: str | None = None, pat_file: Path | None = None, **options: Any
    ) -> None:
        if not testing.is_on():
            raise CommandError("This is for test mode: set TEST_MODE=1 and DEBUG=1.")
        if (user is None) != (pat_file is None):
            raise CommandError("Give both --user and --pat-file, or neither.")
        with transaction.atomic():
            ground()
            if user is not None and pat_file is not None:
                keep(account(user), secret_in(pat_file.expanduser()))
                self.stdout.write(f"{user} may do everything, by the token in {pat_file}.")
        self.stdout.write(f"Projects: {', '.join(testing.PROJECTS)}.")


def ground() -> None:
    """The committees, and projects with nothing missing that a release needs."""
    Committee.objects.get_or_create(slug=testing.KEYS_COMMITTEE, defaults={"name": "Tooling"})
    committee, _ = Committee.objects.get_or_create(
        slug=testing.COMMITTEE, defaults={"name": "Test"}
    )
    for slug, name in testing.PROJECTS.items():
        told = {"name": name, "committee": committee, "description": name, "homepage": HOME}
        project, _ = Project.objects.get_or_create(slug=slug, defaults=told)
        Policy.objects.get_or_create(project=project)


def account(name: str) -> User:
    """Somebody who runs the site and is in the committees."""
    person, _ = User.objects.get_or_create(username=name, defaults={"full_name": name})
    person.is_active = person.is_committer = person.is_superuser = True
    person.save(update_fields=["is_active", "is_committer", "is_superuser"])
    for committee in Committee.objects.filter(slug__in=COMMITTEES):
        Membership.objects.get_or_create(committee=committee, user=person, role=Role.MEMBER)
    return person


def secret_in(file: Path) -> str:
    """The token that stands in the file; a new one is written where there is none."""
    if file.exists():
        if not (found := file.read_text().removesuffix("\n")):
            raise CommandError(f"{file} is empty. Delete it, and a token is made.")
        return found
    made = token_text.make()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(f"{made}\n")
    return made


def keep(person: User, secret: str) -> None:
    """Let this very text be a good token of the person's, whoever had it before."""
    digest = token_text.digest(secret)
    known = AccessToken.objects.filter(digest=digest)
    if any(token.owner_id == person.pk and token.is_good() for token in known):
        return
    known.delete()
    token, _ = AccessToken.objects.make(by=person, label=LABEL, days=LONGEST_DAYS)
    AccessToken.objects.filter(pk=token.pk).update(digest=digest)

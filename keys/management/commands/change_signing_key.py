"""`manage.py change_signing_key`: what was signed for the API so far opens nothing any more."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management import BaseCommand, CommandError, CommandParser

from keys.models import SigningKey
from projects.models import User
from trusted_releases.lib.errors import Refused


class Command(BaseCommand):
    help = (
        "Change the key that the API's short tokens are signed with. Programs exchange their "
        "access token again; short tokens that somebody has stolen are worthless."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", required=True, help="account of a security officer")
        parser.add_argument("--reason", required=True, help="why; it is kept in the event log")

    def handle(self, *args: Any, by: str, reason: str, **options: Any) -> None:
        person = User.objects.filter(username=by).first()
        if person is None:
            raise CommandError(f"There is no account {by!r}.")
        try:
            made = SigningKey.objects.rotate(by=person, reason=reason)
        except (Refused, PermissionDenied) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"From now on {made} counts.")

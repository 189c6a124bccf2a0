"""`manage.py seed`: data of the size of a whole foundation, to try and to measure with."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import connection
from django.utils.timezone import now

from trusted_releases.seeding import run
from trusted_releases.seeding.scales import SCALES


class Command(BaseCommand):
    help = (
        "Make up committees, people, projects and releases with all that belongs to them. What is "
        "there already stays, so a run that was cut off is gone on with. Stop workers first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", choices=SCALES, default="small")
        parser.add_argument(
            "--seed", type=int, default=1, help="another number makes other data (default: 1)"
        )

    def handle(self, *args: Any, scale: str, seed: int, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("This is a real installation: data is made up with DEBUG=1 only.")
        connection.force_debug_cursor = False
        book = run.run(SCALES[scale], seed, now(), self.stdout.write)
        written = {name: count for name, count in book.counts().items() if count}
        if not written.get("releases"):
            self.stdout.write("Nothing was missing.")
        for name, count in written.items():
            self.stdout.write(f"  {count:>10,} {name}")

"""`manage.py verify_blobs`: does the store hold what the database says, byte for byte?"""

import sys
from typing import Any

from django.core.management import BaseCommand, CommandParser

from releases import inspecting


class Command(BaseCommand):
    help = (
        "Read every stored file and every published release back and compare it with its digest. "
        "After a restore this says exactly what is missing. Exits 1 if anything differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--published", action="store_true", help="only the download area")

    def handle(self, *args: Any, published: bool, **options: Any) -> None:
        wrong = 0 if published else self.blobs()
        wrong += self.publications()
        if wrong:
            self.stderr.write(f"{wrong} differ. Restore them from a backup, by their digests.")
            sys.exit(1)

    def blobs(self) -> int:
        done = inspecting.verify_blobs(self.stderr.write)
        right = done.looked_at - done.problems
        self.stdout.write(f"{done.looked_at} blobs, {done.size:,} bytes: {right} are right.")
        return done.problems

    def publications(self) -> int:
        done = inspecting.verify_published(self.stderr.write)
        right = done.looked_at - done.problems
        self.stdout.write(f"{done.looked_at} published releases: {right} are right.")
        return done.problems

"""`manage.py verify_blobs`: does the store hold what the database says, byte for byte?"""

import sys
from typing import Any

from django.core.management import BaseCommand, CommandParser

from releases.models import Blob, Corrupt, Publication
from releases.publishing import Area, Impossible, verify, voted_lines


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
        checked = wrong = size = 0
        for blob in Blob.objects.order_by("pk").iterator():
            checked += 1
            size += blob.size
            try:
                blob.verify()
            except FileNotFoundError:
                wrong += 1
                self.stderr.write(f"missing  {blob.sha256}  {blob.size} bytes  {uses(blob)}")
            except Corrupt:
                wrong += 1
                self.stderr.write(f"damaged  {blob.sha256}  {blob.size} bytes  {uses(blob)}")
        self.stdout.write(f"{checked} blobs, {size:,} bytes: {checked - wrong} are right.")
        return wrong

    def publications(self) -> int:
        wrong = 0
        done = Publication.objects.filter(state=Publication.State.DONE)
        for publication in done.select_related("release__project__committee", "release__candidate"):
            try:
                verify(Area.configured().home_of(publication.release), voted_lines(publication))
            except (Impossible, OSError) as error:
                wrong += 1
                self.stderr.write(f"{publication.release}: {error}")
        self.stdout.write(f"{done.count()} published releases: {done.count() - wrong} are right.")
        return wrong


def uses(blob: Blob) -> str:
    """Where a blob is used, for the person who has to find it again."""
    places = blob.entries.select_related("release__project")[:3]
    return ", ".join(f"{each.release}: {each.path}" for each in places) or "not used"

"""`manage.py rebuild_downloads`: a lost download area, made again from the blobs."""

from typing import Any

from django.core.management import BaseCommand, CommandError

from releases.models import Publication
from releases.publishing import Area, Impossible, materialise


class Command(BaseCommand):
    help = (
        "Put every published release that is missing from the download area back in its place, "
        "from the blob store, verified on the way. What is there is verified and left alone. "
        "The KEYS file beside a rebuilt release is the committee's of today."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        done = Publication.objects.filter(state=Publication.State.DONE).order_by("pk")
        for publication in done.select_related("release__project__committee", "release__candidate"):
            missing = not Area.configured().home_of(publication.release).exists()
            try:
                location = materialise(publication)
            except Impossible as error:
                wrong += 1
                self.stderr.write(f"{publication.release}: {error}")
                continue
            self.stdout.write(f"{'rebuilt' if missing else 'right  '}  {location}")
        if wrong:
            raise CommandError(f"{wrong} releases need a person; the sentences above say why.")

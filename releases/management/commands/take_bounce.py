"""Read a mail that came back: what a mail server pipes to `manage.py take_bounce`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from releases import bounces


class Command(BaseCommand):
    help = "Read a report of undelivered mail from standard input, and write down whom it is about."

    def handle(self, *args: Any, **options: Any) -> None:
        """Whatever it is, it is taken: a server would send what is refused back once more."""
        count = bounces.take(sys.stdin.buffer.read(bounces.LARGEST))
        self.stdout.write(f"{count} recipient{'' if count == 1 else 's'} written down.")

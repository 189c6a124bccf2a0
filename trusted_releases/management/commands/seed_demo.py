"""`manage.py seed_demo`: accounts and a project to try with; `make run` calls it."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from trusted_releases import demo


class Command(BaseCommand):
    help = "Make the demo's accounts and project where they are missing, and say who can log in."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This installation is no demo: set DEMO=1 and DEBUG=1 for one.")
        demo.project(demo.OWN, "Trusted Releases")
        self.stdout.write(demo.welcome())

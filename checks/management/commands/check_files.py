"""`manage.py check_files`: `trusted-check`, for those who have a checkout."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser

from checks.laptop.arguments import BAD_USAGE, add_arguments
from checks.laptop.main import check
from trusted_releases.lib.errors import BadInput


class Command(BaseCommand):
    help = "Check the files in a folder as the platform will: no account and no database needed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        color = "always" if options["force_color"] else "never" if options["no_color"] else "auto"
        asked = Namespace(**options, color=color, quiet=options["verbosity"] == 0, rules=False)
        try:
            # Progress goes past Django's wrapper, which would end each drawing with a line feed.
            code = check(asked, cast(TextIO, self.stdout), sys.stderr)
        except BadInput as error:
            raise CommandError(str(error), returncode=BAD_USAGE) from error
        if code:
            sys.exit(code)

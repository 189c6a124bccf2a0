"""`manage.py compare_rat`: Apache RAT itself and our matcher, file by file."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from checks.comparing_rat import Comparison, Failed, Rat, archives, compare, shown
from checks.engine.names import shown as printable
from trusted_releases.lib.errors import BadInput


class Command(BaseCommand):
    help = (
        "Run Apache RAT on every archive in a folder, and print each file that it judges "
        "otherwise than the check license.rat. The exit code is 1 if there is one."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--java", default=settings.JAVA, help="the Java to run (JAVA)")
        parser.add_argument("--jar", default=settings.RAT_JAR, help="RAT's own jar (RAT_JAR)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rat = Rat(options["java"], options["jar"])
        except BadInput as error:
            raise CommandError(str(error), returncode=2) from error
        folder = options["folder"]
        found = list(archives(folder)) if folder.is_dir() else []
        if not found:
            raise CommandError(f"There is no archive in {folder}.", returncode=2)
        if options["verbosity"] > 1:
            self.stdout.write(shown(rat.command(Path("/report.xml"), shipped=False)))
        if not all([self._compared(path, folder, rat) for path in found]):
            sys.exit(1)

    def _compared(self, path: Path, folder: Path, rat: Rat) -> bool:
        """Print what comes of one archive; whether RAT and we agree on all of it."""
        name = path.relative_to(folder)
        try:
            comparison = compare(path, rat)
        except Failed as error:
            self.stdout.write(f"{name}: {printable(str(error), 2000)}")
            return False
        self.stdout.write(f"{name}: {_sum(comparison)}")
        for member, (theirs, ours) in comparison.differences.items():
            self.stdout.write(f"  {printable(member, 1000)}: RAT says {theirs}, we say {ours}")
        return not comparison.differences


def _sum(comparison: Comparison) -> str:
    count = len(comparison.differences)
    files = f"{comparison.files:,} file{'s' * (comparison.files != 1)}"
    return f"{files}, {f'{count:,} judged otherwise' if count else 'all judged alike'}."

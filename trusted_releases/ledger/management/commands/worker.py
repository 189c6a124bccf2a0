"""Do the jobs of this site."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from trusted_releases.ledger.registry import QUEUES
from trusted_releases.ledger.supervisor import Supervisor
from trusted_releases.ledger.system_checks import JOBS


class Command(BaseCommand):
    help = (
        "Runs jobs until it is stopped. SIGTERM or Ctrl-C lets running jobs finish; a second one "
        "kills them, and another worker does them again. Any number of workers may run, on any "
        "number of hosts with one database."
    )

    requires_system_checks = [JOBS]  # it serves no pages: what is wrong with those is not its own

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--queues",
            default=",".join(QUEUES),
            help="which queues to serve, with commas between them (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        queues = [name.strip() for name in options["queues"].split(",") if name.strip()]
        if not queues or not set(queues) <= set(QUEUES):
            raise CommandError(f"--queues {options['queues']}: choose from {', '.join(QUEUES)}.")
        supervisor = Supervisor(queues)
        served = ", ".join(supervisor.queues)
        self.stdout.write(f"Worker {os.getpid()} serves {served}. Ctrl-C stops it, jobs finish.")
        self.stdout.flush()
        if code := supervisor.run():
            raise SystemExit(code)
        self.stdout.write("The worker has stopped; no job is left running.")

"""Wires the ledger into Django."""

from django.apps import AppConfig
from django.core import checks


class LedgerConfig(AppConfig):
    name = "trusted_releases.ledger"
    label = "ledger"
    verbose_name = "Ledger"

    def ready(self) -> None:
        from trusted_releases.ledger import tasks  # noqa: F401  registers its jobs
        from trusted_releases.ledger.system_checks import JOBS, reactions_name_jobs

        checks.register(reactions_name_jobs, JOBS)

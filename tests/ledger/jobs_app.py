"""An app with jobs for tests: what real worker processes are given to do."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "tests.ledger"
    label = "ledger_test_jobs"

    def ready(self) -> None:
        from tests.ledger import sample_jobs  # noqa: F401 - registers them

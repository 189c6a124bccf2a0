"""The roof as an app: it brings the system checks, the commands and the table of reactions."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


class TrustedReleases(AppConfig):
    name = "trusted_releases"
    verbose_name = "Trusted Releases"

    def ready(self) -> None:
        import_module("trusted_releases.system_checks")
        import_module("trusted_releases.system_checks_outside")
        import_module("trusted_releases.reactions")
        api = import_module("trusted_releases.api.system_checks")
        checks.register(api.only_while_testing, api.TAG)
        checks.register(api.limits_are_known, api.TAG)
        keys = import_module("keys.system_checks")
        checks.register(keys.issuer_of_workflows, api.TAG)
        # Django refuses to start without it. What stands in the way is named by tr.E008.
        with suppress(OSError):
            Path(settings.SCRATCH_DIR).mkdir(parents=True, exist_ok=True)

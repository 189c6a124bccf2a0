"""The roof as an app: it brings the system checks, the commands and the table of reactions."""

from importlib import import_module

from django.apps import AppConfig


class TrustedReleases(AppConfig):
    name = "trusted_releases"
    verbose_name = "Trusted Releases"

    def ready(self) -> None:
        import_module("trusted_releases.system_checks")
        import_module("trusted_releases.reactions")

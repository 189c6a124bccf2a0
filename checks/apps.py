from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class ChecksConfig(AppConfig):
    name = "checks"

    def ready(self) -> None:
        import_module("checks.tasks")
        import_module("checks.tasks_inside")
        import_module("checks.tasks_review")
        import_module("checks.tasks_sbom")
        plan = import_module("checks.engine.plan")
        basis = import_module("releases.basis")
        basis.judged_by("rules", plan.rules_digest)
        basis.judged_by("foundation", lambda: settings.FOUNDATION)

from importlib import import_module

from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    name = "releases"

    def ready(self) -> None:
        import_module("releases.tasks")
        import_module("releases.tasks_importing")
        import_module("releases.tasks_assembling")

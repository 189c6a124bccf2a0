from importlib import import_module

from django.apps import AppConfig


class KeysConfig(AppConfig):
    name = "keys"

    def ready(self) -> None:
        import_module("keys.tasks")
        import_module("keys.logins")

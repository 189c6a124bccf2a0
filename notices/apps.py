from importlib import import_module

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "notices"

    def ready(self) -> None:
        import_module("notices.tasks")
        telling = import_module("notices.telling")
        import_module("keys.reminders").also_ask(telling.wants_mail_about_keys)

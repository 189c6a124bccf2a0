from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "People and projects"

    def ready(self) -> None:
        post_migrate.connect(make_groups, sender=self)


def make_groups(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """The groups of the console are there after every `migrate`, under the names of the table."""
    from django.contrib.auth.models import Group

    from projects.roles import GROUPS

    groups = Group.objects.using(using)
    known = set(groups.filter(name__in=GROUPS).values_list("name", flat=True))
    groups.bulk_create([Group(name=name) for name in GROUPS if name not in known])

"""Django's own has_perm(perm, obj), answered from the table of grants."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import ModelBackend
from django.db import models

from projects.roles import may, may_in_console


class LogIn(AuthenticationBackend):
    """Who comes in, by password. What they may do is not asked here: permissions that somebody
    stored with an account or a group open nothing."""

    def get_all_permissions(self, user_obj: Any, obj: models.Model | None = None) -> set[str]:
        return set()

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return False


class RoleBackend(ModelBackend):
    """Grants of roles for objects, grants of the console's groups for the admin.

    Passwords are allauth's business: nobody logs in here.
    """

    def authenticate(self, *args: Any, **kwargs: Any) -> None:
        return None

    def has_perm(self, user_obj: Any, perm: str, obj: models.Model | None = None) -> bool:
        if obj is None:
            return may_in_console(user_obj, perm)
        return may(user_obj, perm, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whoever may look at anything may look at every app."""
        return may_in_console(user_obj, f"{app_label}.view_module")

    def get_all_permissions(self, user_obj: Any, obj: models.Model | None = None) -> set[str]:
        return set()

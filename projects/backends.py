"""Django's own has_perm(perm, obj), answered from the table of grants."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db import models

from projects.roles import may


class RoleBackend(ModelBackend):
    """Grants of roles for objects, Django's stored permissions for the admin.

    Passwords are allauth's business: nobody logs in here.
    """

    def authenticate(self, *args: Any, **kwargs: Any) -> None:
        return None

    def has_perm(self, user_obj: Any, perm: str, obj: models.Model | None = None) -> bool:
        if obj is None:
            return super().has_perm(user_obj, perm)
        return may(user_obj, perm, obj)

"""What must not be so where workflows come in."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from keys.issuer import is_safe


def issuer_of_workflows(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """E032: whoever answers in the issuer's place lets anybody in as anybody."""
    if is_safe(settings.GITHUB_OIDC_ISSUER):
        return []
    said = f"GITHUB_OIDC_ISSUER={settings.GITHUB_OIDC_ISSUER!r} is not an https address."
    hint = "Leave it out for GitHub's own, or name the https address of yours."
    return [Error(said, hint=hint, id="tr.E032")]

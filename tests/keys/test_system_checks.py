"""A start with an issuer that others can speak for is refused."""

from typing import Any

import pytest

from keys.system_checks import issuer_of_workflows


@pytest.mark.parametrize("address", ["http://issuer.example.org", "http://127.0.0.1", "", "x"])
def test_an_issuer_without_https_is_refused(settings: Any, address: str) -> None:
    settings.DEBUG = False
    assert issuer_of_workflows(None) == []
    settings.GITHUB_OIDC_ISSUER = address
    assert [message.id for message in issuer_of_workflows(None)] == ["tr.E032"]

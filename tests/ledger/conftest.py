"""People and registries for the ledger's tests."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tests.ledger import sample_jobs  # noqa: F401 - registers the test's jobs
from trusted_releases.ledger import reactions_registry


@pytest.fixture
def alice(db: None) -> Any:
    return get_user_model().objects.create_user("alice")


@pytest.fixture
def root(db: None) -> Any:
    return get_user_model().objects.create_superuser("root")


@pytest.fixture(autouse=True)
def reactions(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, ...]]:
    """No reaction but those the test registers."""
    table: dict[str, tuple[str, ...]] = {}
    monkeypatch.setattr(reactions_registry, "_REACTIONS", table)
    return table


@pytest.fixture(autouse=True)
def key_file(settings: Any, tmp_path: Any) -> Any:
    """A signing key of the test's own."""
    settings.LOG_SIGNING_KEY_FILE = tmp_path / "keys" / "log.key"
    return settings.LOG_SIGNING_KEY_FILE

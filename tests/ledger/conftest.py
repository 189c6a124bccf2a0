"""People and registries for the ledger's tests."""

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from tests.ledger import sample_jobs  # noqa: F401 - registers the test's jobs
from trusted_releases.ledger import reactions_registry
from trusted_releases.ledger.models import Event, LogEntry
from trusted_releases.ledger.sealing import seal
from trusted_releases.ledger.tags import Tag


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


def record_ballots(person: Any, count: int) -> None:
    """Events, to be sealed."""
    for number in range(count):
        Event.objects.record(Tag.BALLOT_CAST, by=person, subject=person, ballot="+1", no=number)


@pytest.fixture
def log(alice):
    """Three sealings: heads at 3, 5 and 9 entries."""
    for count in (3, 2, 4):
        record_ballots(alice, count)
        seal()
    return list(LogEntry.objects.select_related("event"))


@pytest.fixture
def verify(capsys):
    def run(*arguments):
        """The exit code and what the command printed as JSON."""
        code = 0
        try:
            call_command("verify_events", "--json", *arguments)
        except SystemExit as exit_:
            code = exit_.code
        return code, json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def found(verify):
    def run(*arguments):
        code, answer = verify(*arguments)
        codes = {problem["code"] for problem in answer["problems"]}
        assert code == int(bool(codes))
        return codes

    return run


@pytest.fixture
def saved(verify, tmp_path, log):
    """The head somebody kept, as --json printed it."""
    path = tmp_path / "head.json"
    path.write_text(json.dumps(verify()[1]))
    return str(path)

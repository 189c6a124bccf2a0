"""The key by which clients know the server."""

import subprocess
from pathlib import Path

import pytest

from releases.ssh import hostkey

pytestmark = pytest.mark.once


@pytest.fixture
def place(settings, tmp_path: Path) -> Path:
    settings.SSH_HOST_KEY_FILE = tmp_path / "keys" / "host.key"
    return tmp_path / "keys" / "host.key"


def test_it_is_made_once_and_nobody_else_reads_it(place: Path) -> None:
    assert hostkey.fingerprint() == ""
    key = hostkey.host_key()
    assert place.stat().st_mode & 0o777 == 0o600
    assert hostkey.host_key().public_data == key.public_data
    assert sorted(each.name for each in place.parent.iterdir()) == ["host.key", "host.key.pub"]


def test_its_fingerprint_is_what_ssh_shows(place: Path) -> None:
    hostkey.host_key()
    told = subprocess.run(
        ["ssh-keygen", "-lf", str(hostkey.public(place))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split()[1] == hostkey.fingerprint()


def test_of_two_that_start_at_once_one_key_stays(place: Path, monkeypatch) -> None:
    first = hostkey.host_key()
    monkeypatch.setattr(Path, "exists", lambda self: False)
    assert hostkey.host_key().public_data == first.public_data

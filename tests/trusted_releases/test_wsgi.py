"""The door of web servers: closed to an unsafe configuration."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import processes

SOUND = {
    "DJANGO_SETTINGS_MODULE": "trusted_releases.settings",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "DEBUG": "0",
    "HTTPS": "1",
    "SECRET_KEY": "k3y-" + "abcdefghijklmnopqrstuvwxyz" * 2,
    "ALLOWED_HOSTS": "releases.example.org",
    "SITE_URL": "https://releases.example.org",
}


def load(door: str, data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "ENV_FILE": "", "DATA_DIR": str(data)}
    command = [sys.executable, "-c", f"from trusted_releases.{door} import application"]
    return subprocess.run(
        command,
        cwd=processes.ROOT,
        env={**env, **SOUND, **more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("door", ["wsgi", "asgi"])
def test_a_safe_configuration_is_served(door: str, tmp_path: Path) -> None:
    found = load(door, tmp_path)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("door", ["wsgi", "asgi"])
def test_an_unsafe_one_is_not_and_says_why(door: str, tmp_path: Path) -> None:
    found = load(door, tmp_path, DEMO="1", SECRET_KEY="short")
    assert found.returncode == 1
    assert found.stderr.startswith("Not safe to start:")
    assert "tr.E001" in found.stderr
    assert "tr.E003" in found.stderr

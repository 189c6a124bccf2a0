"""What the processes say in the terminal and the journal."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import processes

WARN = "import django, logging; django.setup(); logging.getLogger('django.request').warning('Oh')"


@pytest.mark.parametrize("debug", ["0", "1"])
def test_a_line_is_printed_once(debug: str, tmp_path: Path) -> None:
    env = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "ENV_FILE": "",
        "DATA_DIR": str(tmp_path),
        "DEBUG": debug,
        "SECRET_KEY": "a key for this test alone",
        "DJANGO_SETTINGS_MODULE": "trusted_releases.settings",
    }
    said = subprocess.run(
        [sys.executable, "-c", WARN],
        cwd=processes.ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stderr.count("Oh") == 1, said.stderr
    assert "WARNING django.request" in said.stderr

"""Folders in use are held; what a killed process left is cleared, whatever the clock says."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from trusted_releases.lib.held import LOCK, YOUNG, HeldFolder, clear_abandoned

ROOT = Path(__file__).parents[2]
SCRIPT = """
import os, sys
from trusted_releases.lib.held import HeldFolder
folder = HeldFolder(sys.argv[1], sys.argv[2])
print(folder.path, flush=True)
os.kill(os.getpid(), 9)
"""


def abandoned(prefix: str) -> Path:
    """A folder whose process was killed, a while ago."""
    command = [sys.executable, "-c", SCRIPT, prefix, tempfile.gettempdir()]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    assert done.returncode == -9
    path = Path(done.stdout.strip())
    _made_long_ago(path)
    return path


def _made_long_ago(folder: Path) -> None:
    past = time.time() - 2 * YOUNG
    os.utime(folder / LOCK, (past, past))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_what_a_killed_process_left_is_cleared() -> None:
    left = abandoned("a-")
    (left / "deep").mkdir()
    assert clear_abandoned("a-") == 1
    assert not left.exists()


def test_what_is_in_use_stays_however_old_it_seems() -> None:
    with HeldFolder("a-") as folder:
        _made_long_ago(folder.path)
        assert clear_abandoned("a-") == 0
        assert folder.path.is_dir()
    assert not folder.path.exists()


def test_what_is_called_otherwise_stays() -> None:
    left = abandoned("b-")
    assert clear_abandoned("a-") == 0
    assert left.is_dir()


def test_one_that_was_just_made_may_not_be_locked_yet(tmp_path: Path) -> None:
    young = tmp_path / "a-1"
    young.mkdir()
    (young / LOCK).touch()
    assert clear_abandoned("a-") == 0
    assert young.is_dir()


def test_nobody_else_can_look_into_it() -> None:
    with HeldFolder("a-") as folder:
        assert folder.path.stat().st_mode & 0o077 == 0

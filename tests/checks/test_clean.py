"""What killed workers leave behind is removed; what living ones use is not."""

import tempfile
from pathlib import Path
from typing import Any, cast

import pytest

from checks import tasks
from checks.engine.child import FOLDER
from tests.lib.test_held import abandoned
from trusted_releases.lib.held import HeldFolder


def test_folders_of_dead_workers_go_and_those_of_living_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, other = abandoned(FOLDER), tmp_path / "other"
    other.mkdir()
    with HeldFolder(FOLDER) as used:
        assert tasks.clean(cast(Any, None)) == {"removed": 1}
        assert {path.name for path in tmp_path.iterdir()} == {"other", used.path.name}
    assert not left.exists()

"""What killed workers leave behind is removed; what living ones use is not."""

import os
from pathlib import Path
from typing import Any, cast

import pytest

from checks import tasks
from checks.engine.child import FOLDER


def test_folders_of_dead_workers_go_and_those_of_living_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "gettempdir", lambda: str(tmp_path))
    old, young, other = (tmp_path / name for name in (f"{FOLDER}a", f"{FOLDER}b", "other"))
    for folder in (old, young, other):
        folder.mkdir()
        (folder / "KEYS").write_text("keys")
    for folder in (old, other):
        os.utime(folder, (0, 0))
    assert tasks.clean(cast(Any, None)) == {"removed": 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", f"{FOLDER}b"]

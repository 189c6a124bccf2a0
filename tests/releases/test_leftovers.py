"""Folders that others have filled."""

import shutil
from pathlib import Path

import pytest

from releases.leftovers import remove_folder

pytestmark = pytest.mark.once


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "there"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_text("x")
    (folder / "link").symlink_to(tmp_path)
    return folder


def test_a_folder_of_any_mode_goes_with_all_that_is_in_it(folder: Path) -> None:
    (folder / "a" / "b").chmod(0)
    (folder / "a").chmod(0o500)
    remove_folder(folder)
    assert not folder.exists()
    assert folder.parent.exists()


@pytest.mark.parametrize("name", ["a", "a/b/file", "link", "nothing", "no/thing"])
def test_what_could_not_be_removed_is_tried_again_with_every_right(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root never meets this, so the refusal is made here."""
    removed = shutil.rmtree

    def refused_once(place, *, onerror=None, **more) -> None:
        if onerror is None:
            removed(place, **more)
        else:
            onerror(None, str(folder / name), None)

    monkeypatch.setattr(shutil, "rmtree", refused_once)
    remove_folder(folder)
    assert not (folder / name).is_symlink()
    assert not (folder / name).exists()
    assert folder.parent.exists()


def test_what_is_gone_already_is_no_error(tmp_path: Path) -> None:
    remove_folder(tmp_path / "nothing")

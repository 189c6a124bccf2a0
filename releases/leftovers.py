"""Folders that others have filled, and how to be rid of them."""

import shutil
from pathlib import Path
from typing import Any


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it, also where its owner has no right to: a sender may
    have given folders any mode. What is gone already is no error."""
    shutil.rmtree(folder, onerror=_again)


def _again(function: Any, path: str, error: Any) -> None:
    """Give ourselves the rights that were missing, and try once more."""
    place = Path(path)
    if not place.parent.exists():
        return
    place.parent.chmod(0o700)
    if place.is_dir() and not place.is_symlink():
        place.chmod(0o700)
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)

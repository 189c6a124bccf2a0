"""The corpus of real and hostile files that lies beside the repository, where there is one."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SHARED_DIR", ROOT.parent / "shared"))

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared corpus is not beside this checkout (SHARED_DIR)"
)


def shared(*parts: str) -> Path:
    """A path in the corpus; skips the test that asks where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{'/'.join(parts)} is not in the shared corpus (SHARED_DIR={SHARED})")
    return path

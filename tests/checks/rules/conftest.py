"""The hostile corpus, unpacked once for the tests of rules."""

import tarfile
from pathlib import Path

import pytest

from tests.shared import shared


@pytest.fixture(scope="session")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of hostile files; skips where the corpus is absent. They are inert until read."""
    packed = shared("data", "evil", "cases.tar.xz")
    folder = tmp_path_factory.mktemp("evil")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    return folder

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.shared import shared


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hostile signature and KEYS files, unpacked."""
    folder = tmp_path_factory.mktemp("hostile")
    with tarfile.open(shared("data", "evil", "cases.tar.xz")) as archive:
        wanted = [member for member in archive if member.name.split("/")[0] in ("sig", "keys")]
        archive.extractall(folder, members=wanted, filter="data")
    return folder


@pytest.fixture(scope="session")
def labels() -> dict[tuple[str, str], Any]:
    """What the corpus says should become of each signature and KEYS file."""
    rows = json.loads(shared("data", "evil", "manifest.json").read_text())
    return {(row["kind"], row["case"]): row["expect"] for row in rows if "role" not in row}

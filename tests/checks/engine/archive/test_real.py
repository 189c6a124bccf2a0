"""Real releases: read completely, without a blocker, and as every other program lists them."""

import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from checks.engine.archive import is_archive, walk
from checks.engine.model import Level, Limits
from tests.checks.engine.archive.build import Seen
from tests.shared import SHARED, needs_shared

# A real release with a real blocker: the path of somebody's home directory is in it.
BLOCKED = {"apache_otava-0.8.0.tar.gz": {"safety.banned": "apache_otava-0.8.0/.git"}}


def archives() -> list[Path]:
    folders = [SHARED / "data" / folder for folder in ("real", "pypi", "npm")]
    return sorted(path for folder in folders for path in folder.rglob("*") if is_archive(path.name))


def listed_by_python(path: Path) -> list[str]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
            return [entry.filename.rstrip("/") for entry in entries]
    with tarfile.open(path) as archive:
        return archive.getnames()


def listed_by(*command: str) -> list[str]:
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.removeprefix("./").rstrip("/") for line in lines]


@needs_shared
@pytest.mark.parametrize("path", archives(), ids=lambda path: path.name)
def test_a_real_release_is_read_as_python_and_tar_and_unzip_read_it(path):
    class Names(Seen):
        def member(self, member):
            super().member(member)

    names = Names()
    report = walk(path, path.name, Limits(), [names])
    assert report.complete
    blockers = {each.code: each.member for each in report.problems if each.level is Level.BLOCKER}
    assert blockers == BLOCKED.get(path.name, {})
    assert names.names == listed_by_python(path)
    assert report.members == len(names.names)
    if path.suffix == ".zip":
        if shutil.which("unzip"):
            assert names.names == listed_by("unzip", "-Z1", str(path))
    else:
        quoting = "--quoting-style=literal"
        assert names.names == listed_by("tar", "--list", quoting, "--file", str(path))
    if shutil.which("bsdtar"):
        assert names.names == listed_by("bsdtar", "-tf", str(path))

"""Every program gets the same out of an archive, or a finding says that it does not.

Each archive of the corpus, real or hostile, about which the reader has nothing to say is unpacked
by Python, GNU tar, bsdtar and unzip as well: to their standard output, so that nothing is written.
"""

import hashlib
import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checks.engine.archive import Kind, is_archive, walk
from checks.engine.model import Level, Limits
from tests.checks.engine.archive.build import found
from tests.checks.engine.archive.test_evil import evil, labels  # noqa: F401 - a fixture
from tests.checks.engine.archive.test_real import archives
from tests.shared import needs_shared

SECONDS = 60
ENV = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


class Contents:
    """Names in their order, and one digest over the contents of all files, in order."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.links = False
        self.digest = hashlib.sha256()

    def member(self, member):
        self.names.append(member.name)
        self.links |= member.kind in (Kind.HARDLINK, Kind.SYMLINK)
        return self if member.kind is Kind.FILE else None

    def feed(self, block):
        self.digest.update(block)

    def close(self):
        pass

    def finish(self):
        pass


def by_python(path: Path) -> tuple[list[str], str]:
    names, digest = [], hashlib.sha256()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for entry in sorted(archive.infolist(), key=lambda each: each.header_offset):
                names.append(entry.filename)
                digest.update(archive.read(entry))
    else:
        with tarfile.open(path) as archive:
            for member in archive:
                names.append(member.name)
                if member.isfile():
                    digest.update(archive.extractfile(member).read())
    return [clean(name) for name in names], digest.hexdigest()


def by_command(listing: list[str], content: list[str]) -> Callable[[Path], tuple[list[str], str]]:
    def read(path: Path) -> tuple[list[str], str]:
        options = {"env": ENV, "capture_output": True, "timeout": SECONDS, "check": True}
        names = subprocess.run([*listing, str(path)], **options).stdout
        out = subprocess.run([*content, str(path)], **options).stdout
        lines = names.decode("utf-8", "replace").splitlines()
        return [clean(line) for line in lines], hashlib.sha256(out).hexdigest()

    return read


def clean(name: str) -> str:
    while name.startswith("./"):
        name = name[2:]
    return "" if name == "." else name.rstrip("/")


TAR = {
    "tar": by_command(["tar", "--list", "--quoting-style=literal", "-f"], ["tar", "-xOf"]),
    "bsdtar": by_command(["bsdtar", "-tf"], ["bsdtar", "-xOf"]),
}
ZIP = {
    "unzip": by_command(["unzip", "-Z1"], ["unzip", "-p"]),
    "bsdtar": by_command(["bsdtar", "-tf"], ["bsdtar", "-xOf"]),
}


def others(path: Path) -> Iterator[tuple[str, Callable[[Path], tuple[list[str], str]]]]:
    """The programs that are installed here."""
    yield "python", by_python
    programs = ZIP if path.suffix == ".zip" else TAR
    yield from ((name, read) for name, read in programs.items() if shutil.which(name))


def differences(path: Path) -> list[str]:
    """The programs that read something else than we do, or nothing, though no finding says so."""
    ours = Contents()
    report = walk(path, path.name, Limits(), [ours])
    said = found(report)
    if any(level in (Level.CONCERN, Level.BLOCKER) for level in said.values()):
        return []
    differing = []
    for name, read in others(path):
        try:
            names, content = read(path)
        except (subprocess.SubprocessError, tarfile.TarError, zipfile.BadZipFile, OSError) as error:
            differing.append(f"{name}: {error}")
            continue
        if sorted(names) != sorted(ours.names):
            differing.append(f"{name}: other names")
        # What programs print for links, each does in its own way.
        if content != ours.digest.hexdigest() and not ours.links and names == ours.names:
            differing.append(f"{name}: other content")
    return [] if any(code.startswith("integrity.") for code in said) else differing


@needs_shared
@pytest.mark.parametrize("path", archives(), ids=lambda path: path.name)
def test_a_real_release_is_the_same_to_every_program(path):
    assert differences(path) == []


@needs_shared
@pytest.mark.parametrize("label", labels(), ids=lambda label: f"{label['kind']}-{label['case']}")
def test_a_hostile_archive_is_the_same_to_every_program_or_has_a_finding(evil, label):  # noqa: F811
    path = evil / label["file"]
    if not is_archive(path.name):
        pytest.skip("no archive by its name")
    assert differences(path) == []

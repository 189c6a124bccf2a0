"""A small release as a project would make it: source archive, signature, checksum."""

import functools
import hashlib
import io
import lzma
import random
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.utils.timezone import now

from keys.models import Certificate
from projects.models import Project
from releases.models import Release
from tests import make
from tests.pgp import Signer
from tests.processes import ROOT

NOTICE = (
    "Apache Tool\nCopyright {year} The Apache Software Foundation\n\n"
    "This product includes software developed at\n"
    "The Apache Software Foundation (https://www.apache.org/).\n"
)
NAME = "apache-tool-1.0-source.tar.gz"


@functools.cache
def author() -> Signer:
    """The person who signs, with a key that is ten days old."""
    return Signer("Alice Archer <alice@example.org>", at=now() - timedelta(days=10))


def archive(root: str = "apache-tool-1.0", **more: bytes) -> bytes:
    """A source archive with what every one must have, and `more` files beside (`_` for a dot)."""
    files = {
        "LICENSE": (ROOT / "LICENSE").read_bytes(),
        "NOTICE": NOTICE.format(year=datetime.now(UTC).year).encode(),
        "README": b"Apache Tool.\n",
        **{name.replace("_", "."): content for name, content in more.items()},
    }
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz", compresslevel=1) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(f"{root}/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return made.getvalue()


BLOCK = 8 << 20
BLOCKS = 38  # 304 MB unpacked, in xz streams one after the other


def slow_archive(path: Path, blocks: int = BLOCKS) -> None:
    """A source archive of 300 MB that takes seconds to read: the same block in many xz streams."""
    letters = random.Random(1).choices(b"abcdefghijklmnop", k=BLOCK)
    block = lzma.compress(bytes(letters), preset=0)
    header = io.BytesIO()
    with tarfile.open(fileobj=header, mode="w") as tar:
        for name in ("LICENSE", "NOTICE"):
            content = (ROOT / "LICENSE").read_bytes()
            info = tarfile.TarInfo(f"apache-tool-1.0/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        big = tarfile.TarInfo("apache-tool-1.0/data.txt")
        big.size = BLOCK * blocks
        start = header.tell()
        header.write(big.tobuf())
    with path.open("wb") as target:
        target.write(lzma.compress(header.getvalue()[: start + 512]))
        for _ in range(blocks):
            target.write(block)
        target.write(lzma.compress(bytes(10_240)))


def files_of(
    folder: Path, by: Signer | None = None, content: bytes | None = None, name: str = NAME
) -> dict[str, bytes]:
    """The archive with its signature and checksum, by name; they lie in `folder` too."""
    content = archive() if content is None else content
    path = folder / name
    path.write_bytes(content)
    signature = (by or author()).sign(path, at=now() - timedelta(minutes=5))
    checksum = f"{hashlib.sha512(content).hexdigest()}  {name}\n".encode()
    (folder / f"{name}.sha512").write_bytes(checksum)
    return {name: content, f"{name}.asc": signature.read_bytes(), f"{name}.sha512": checksum}


def project_with(*signers: Signer) -> Project:
    """The project "tool", whose committee has imported these keys."""
    project = make.project("tool")
    add_keys(project, *signers)
    return Project.objects.get(pk=project.pk)


def add_keys(project: Project, *signers: Signer) -> None:
    for each in signers:
        Certificate.objects.import_keys(
            each.public, committee=project.committee, by=make.member(project)
        )


def release_of(folder: Path, by: Signer | None = None, **named: bytes) -> Release:
    """A draft of "tool" with signed files, by a key that the committee has; not checked yet."""
    project = project_with(by or author())
    return make.release(project, version="1.0", files={**files_of(folder, by, **named)})

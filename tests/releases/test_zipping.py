"""All files in one ZIP, made while it is sent."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from releases.zipping import zip_of
from tests import make

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 1, 12, 30, 2, tzinfo=UTC)
FILES = {"a.txt": "a", "sub/empty": "", "sub/big.bin": b"\x00\xff" * 600_000}


def entries():
    release = make.release(files=FILES)
    return release.entries.at(1).with_blobs()


def test_it_holds_each_file_below_the_folder_and_nothing_else() -> None:
    packed = zipfile.ZipFile(io.BytesIO(b"".join(zip_of("tool-1.0", entries(), AT))))
    assert packed.testzip() is None
    assert {name: packed.read(name) for name in packed.namelist()} == {
        f"tool-1.0/{path}": content.encode() if isinstance(content, str) else content
        for path, content in FILES.items()
    }
    info = packed.getinfo("tool-1.0/a.txt")
    assert info.date_time == (2026, 6, 1, 12, 30, 2)
    assert info.external_attr >> 16 == 0o644


def test_the_same_files_are_the_same_zip() -> None:
    found = entries()
    assert b"".join(zip_of("x", found, AT)) == b"".join(zip_of("x", found, AT))


def test_it_comes_piece_by_piece() -> None:
    pieces = list(zip_of("x", entries(), AT))
    assert len(pieces) > 3
    assert max(map(len, pieces)) < 1_200_000

"""Tars as they come: what folders of files need, and nothing that is more than that."""

import io
import tarfile
from typing import Any

import pytest

from trusted_releases.lib import tar_stream
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.tar_stream import TarStream

FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
LONG = "/".join(["d" * 60] * 4) + "/" + "f" * 120


def made(*files: tuple[str, bytes], kind: int = tarfile.PAX_FORMAT, **more: Any) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as tar:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in more.items():
                setattr(info, key, value)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


class Slow(io.BytesIO):
    """Gives a few bytes at a time, as a line does, and knows how many were asked for at most."""

    most = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.most = max(self.most, size or 0)
        return super().read(min(size or 0, 700))


def read(data: bytes, most: int = 10) -> dict[str, bytes]:
    return {each.name: b"".join(each.content) for each in TarStream(Slow(data).read, most=most)}


@pytest.mark.parametrize("kind", FORMATS)
def test_files_come_with_names_and_content_in_every_format(kind) -> None:
    files = [("a.txt", b"a" * 5000), ("d/b.bin", bytes(range(256)) * 10), ("empty", b"")]
    assert read(made(*files, kind=kind)) == dict(files)


@pytest.mark.parametrize("kind", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_come_whole(kind) -> None:
    assert read(made((LONG, b"x"), kind=kind)) == {LONG: b"x"}


def test_a_name_in_two_fields_is_one() -> None:
    name = "p" * 90 + "/" + "n" * 90
    assert read(made((name, b"x"), kind=tarfile.USTAR_FORMAT)) == {name: b"x"}


def test_directories_are_passed_over() -> None:
    assert read(made(("d", b""), type=tarfile.DIRTYPE)) == {}


def test_what_nobody_takes_is_passed_over() -> None:
    data = made(("a", b"x" * 3000), ("b", b"y"))
    names = [each.name for each in TarStream(io.BytesIO(data).read, most=9)]
    assert names == ["a", "b"]


def test_comments_of_git_are_passed_over() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", pax_headers={"comment": "0" * 40}) as tar:
        tar.addfile(tarfile.TarInfo("a"))
    assert read(out.getvalue()) == {"a": b""}


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.LNKTYPE, "hard link"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
        (tarfile.FIFOTYPE, "named pipe"),
        (tarfile.GNUTYPE_SPARSE, "sparse"),
        (b"V", "not understood"),
        (b"D", "not understood"),
    ],
)
def test_anything_else_is_refused_by_name(kind, what) -> None:
    data = made(("evil", b""), type=kind, linkname="/etc/passwd")
    with pytest.raises(BadInput, match=f"evil in the tar is .*{what}"):
        read(data)


def test_a_sparse_file_of_pax_is_refused() -> None:
    data = made(("s", b"x"), pax_headers={"GNU.sparse.major": "1", "GNU.sparse.name": "other"})
    with pytest.raises(BadInput, match="sparse"):
        read(data)


def test_of_more_members_than_may_be_none_is_looked_at() -> None:
    data = made(*((f"f{n}", b"") for n in range(5)))
    assert len(read(data, most=5)) == 5
    with pytest.raises(BadInput, match="more than 4"):
        read(data, most=4)


@pytest.mark.parametrize("cut", [100, 512, 600, 1500])
def test_one_that_is_cut_is_refused(cut) -> None:
    with pytest.raises(BadInput, match="cut short"):
        read(made(("a", b"x" * 2000))[:cut])


@pytest.mark.parametrize("data", [b"\x1f\x8b" + b"x" * 1000, b"PK" + b"x" * 1000, b"{" * 512])
def test_what_is_no_tar_is_told_so(data) -> None:
    with pytest.raises(BadInput, match="no tar"):
        read(data)


def test_nothing_at_all_is_cut_short() -> None:
    with pytest.raises(BadInput):
        read(b"")


def header(name: str, size: int, kind: bytes) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("kind", [b"x", b"g", b"L"])
def test_a_header_of_gigabytes_is_refused_before_it_is_read(kind) -> None:
    body = Slow(header("x", 4 << 30, kind) + b"x" * 100_000)
    with pytest.raises(BadInput, match="no tar"):
        list(TarStream(body.read, most=9))
    assert body.most <= tar_stream.LONGEST_HEADER


def test_headers_without_end_are_refused() -> None:
    record = b"12 path=abc\n".ljust(512, b"\0")
    data = (header("x", 12, b"x") + record) * 5000
    with pytest.raises(BadInput, match="no tar"):
        read(data)


RECORDS = [b"99 path=x\n", b"path=x\n", b"7 path=x\n", b"9999999999999 p=x\n", b"11 sizeXXX\n"]


@pytest.mark.parametrize("record", [*RECORDS, b"11 size=-1\n"])
def test_records_that_are_wrong_are_refused(record) -> None:
    data = header("x", len(record), b"x") + record.ljust(512, b"\0") + header("a", 0, b"0")
    with pytest.raises(BadInput):
        read(data + bytes(1024))


def test_a_directory_with_content_is_refused() -> None:
    with pytest.raises(BadInput, match="no tar"):
        read(header("d", 600, b"5") + bytes(2048))


def test_a_wrong_checksum_is_refused() -> None:
    data = bytearray(made(("a", b"x"), kind=tarfile.USTAR_FORMAT))
    data[0] ^= 1
    with pytest.raises(BadInput, match="no tar"):
        read(bytes(data))


class Endless:
    """A tar with one file, and zeros for ever."""

    def __init__(self) -> None:
        self.data, self.taken = io.BytesIO(made(("a", b"x"))), 0

    def read(self, size: int) -> bytes:
        self.taken += size
        return self.data.read(size) or bytes(size)


def test_filling_without_end_is_not_read_to_its_end() -> None:
    body = Endless()
    assert [each.name for each in TarStream(body.read, most=9)] == ["a"]
    assert body.taken < 2 * tar_stream.MOST_FILLING


def test_a_size_beyond_octal_is_understood() -> None:
    info = tarfile.TarInfo("huge")
    info.size = 10 << 30
    found = next(iter(TarStream(io.BytesIO(info.tobuf(tarfile.GNU_FORMAT)).read, most=1)))
    assert found.size == 10 << 30
    with pytest.raises(BadInput, match="cut short"):
        b"".join(found.content)

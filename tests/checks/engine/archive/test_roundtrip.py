"""What honest programs write is read back exactly; what is damaged never breaks the reader."""

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile
import zipfile

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.engine.archive import Kind
from checks.engine.model import Level
from tests.checks.engine.archive.build import file, found, read, tar, tar_gz
from tests.checks.engine.archive.build_zip import Zipped, zipped

LETTERS = "abcdefghijklmnopqrstuvwxyzäöé0123456789_+-"
COMPONENT = st.text(LETTERS, min_size=1, max_size=70).map(lambda text: "x" + text)
TREES = st.dictionaries(
    st.lists(COMPONENT, min_size=1, max_size=4).map("/".join),
    st.binary(max_size=3000),
    max_size=12,
)
RELAXED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PACK = {
    "tar": bytes,
    "tar.gz": gzip.compress,
    "tgz": gzip.compress,
    "tar.bz2": bz2.compress,
    "tar.xz": lzma.compress,
    "tar.zst": zstandard.ZstdCompressor().compress,
}


def without_clashes(tree: dict[str, bytes]) -> dict[str, bytes]:
    """The tree under one directory, without names that are both file and directory."""
    parents = {path.rsplit("/", n)[0] for path in tree for n in range(1, path.count("/") + 1)}
    return {f"top/{path}": data for path, data in tree.items() if path not in parents}


@RELAXED
@given(tree=TREES, format_=st.sampled_from([0, 1, 2]), suffix=st.sampled_from(sorted(PACK)))
def test_a_tar_that_python_writes_is_read_back_exactly(tmp_path, tree, format_, suffix):
    tree = without_clashes(tree)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format_) as archive:
        top = tarfile.TarInfo("top")
        top.type, top.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(top)
        written = {}
        for path, data in tree.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            try:
                archive.addfile(info, io.BytesIO(data))
            except ValueError:  # ustar has no room for every name
                assert format_ == tarfile.USTAR_FORMAT
                continue
            written[path] = data
    report, seen = read(tmp_path, f"top.{suffix}", PACK[suffix](buffer.getvalue()))
    assert report.problems == ()
    assert report.complete
    assert seen.names == ["top", *written]
    assert seen.content == written
    assert report.files == len(written)
    assert report.content_size == sum(map(len, written.values()))


@RELAXED
@given(
    tree=TREES,
    method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    streamed=st.booleans(),
)
def test_a_zip_that_python_writes_is_read_back_exactly(tmp_path, tree, method, streamed):
    tree = {"top/first": b"", **without_clashes(tree)}
    if streamed:  # a stored member of unknown length cannot be read from the front
        method = zipfile.ZIP_DEFLATED
    buffer = io.BytesIO()
    with zipfile.ZipFile(Unseekable(buffer) if streamed else buffer, "w", method) as archive:
        for path, data in tree.items():
            archive.writestr(path, data)
    report, seen = read(tmp_path, "top.zip", buffer.getvalue())
    assert report.problems == ()
    assert report.complete
    assert seen.names == list(tree)
    assert seen.content == tree


class Unseekable(io.RawIOBase):
    """A pipe: what is written to it gets sizes behind the members."""

    def __init__(self, to: io.BytesIO) -> None:
        self.to = to

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        return self.to.write(data)


def test_members_of_many_blocks_come_whole_and_in_order(tmp_path):
    # 5 MB, half of it random: several blocks of every kind
    content = b"".join(hashlib.sha512(b"%d" % n).hexdigest().encode() for n in range(40_000))
    for name, data in (
        ("t-1.tar.gz", tar_gz(file("t-1/a", content), file("t-1/b", content[:-1]))),
        ("t-1.zip", zipped(Zipped(b"t-1/a", content), Zipped(b"t-1/b", content[:-1], method=0))),
    ):
        report, seen = read(tmp_path, name, data)
        assert report.complete
        assert seen.content["t-1/a"] == content
        assert seen.content["t-1/b"] == content[:-1]


@pytest.mark.parametrize("kind", ["symlink", "hardlink"])
def test_links_are_shown_with_their_target(tmp_path, kind):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("top/LICENSE"))
        link = tarfile.TarInfo("top/link")
        link.type = tarfile.SYMTYPE if kind == "symlink" else tarfile.LNKTYPE
        link.linkname = "LICENSE" if kind == "symlink" else "top/LICENSE"
        archive.addfile(link)
    report, seen = read(tmp_path, "top.tar", buffer.getvalue())
    assert Level.BLOCKER not in found(report).values()
    assert (seen.members[-1].kind, seen.members[-1].target) == (Kind(kind), link.linkname)


SAMPLES = [
    ("t-1.tar", tar(file("t-1/x", b"text " * 300))),
    ("t-1.tar.gz", tar_gz(file("t-1/x", b"text " * 300))),
    ("t-1.tar.xz", lzma.compress(tar(file("t-1/x", b"text " * 300)))),
    ("t-1.tar.zst", PACK["tar.zst"](tar(file("t-1/x", b"text " * 300)))),
    ("t-1.zip", zipped(Zipped(b"t-1/x", b"text " * 300), Zipped(b"t-1/y", b"y", method=0))),
]


@settings(RELAXED, max_examples=400)
@given(
    sample=st.sampled_from(SAMPLES),
    damage=st.lists(st.tuples(st.floats(0, 0.9999), st.binary(min_size=1, max_size=8)), max_size=4),
    cut=st.floats(0.1, 1),
)
def test_damage_never_raises_and_never_goes_unseen_in_the_digest(tmp_path, sample, damage, cut):
    name, whole = sample
    data = bytearray(whole)
    for place, change in damage:
        at = int(place * len(data))
        data[at : at + len(change)] = change
    data = data[: int(len(data) * cut)]
    report, seen = read(tmp_path, name, bytes(data))
    assert seen.finished == 1
    assert report.digest.size == len(data)
    if not report.complete:
        assert Level.BLOCKER in found(report).values()

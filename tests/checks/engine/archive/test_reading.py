"""How the reader behaves towards whoever calls it: digests, progress, visitors, memory."""

import hashlib
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from checks.engine.archive import Member, is_archive, walk
from checks.engine.archive.decoders import Inflate, decoded
from checks.engine.archive.problems import Problems
from checks.engine.archive.source import AHEAD, FIRST, PIECE, Source
from checks.engine.model import Level, Limits
from tests.checks.engine.archive.build import (
    Seen,
    directory,
    extended,
    file,
    found,
    header,
    long_name,
    read,
    record,
    tar,
    tar_gz,
)
from tests.checks.engine.archive.build_zip import Zipped, zipped
from tests.checks.engine.archive.test_roundtrip import PACK

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize("name", ["a.tar", "a.TGZ", "a.tar.zst", "a.whl", "a.apk", "A.Zip"])
def test_an_archive_is_known_by_its_suffix_in_any_case(name):
    assert is_archive(name)


@pytest.mark.parametrize("name", ["a.gz", "tar", "a.zip.asc", "a.7z", "a.tar.gz.sha512"])
def test_other_files_are_no_archives(name):
    assert not is_archive(name)


@pytest.mark.parametrize(
    ("name", "data", "format_"),
    [
        ("a.tgz", tar_gz(), "tar.gz"),
        ("a.jar", zipped(), "zip"),
        ("a.tar.gz", b"no archive", "tar.gz"),
        ("a.tar.gz", zipped(), "zip"),
        ("a.zip", zipped()[:-30], "zip"),
        ("a.tar.gz", tar_gz()[:300], "tar.gz"),
    ],
)
def test_the_digest_is_that_of_the_whole_file_whatever_is_in_it(tmp_path, name, data, format_):
    report, _ = read(tmp_path, name, data)
    assert report.digest.sha512 == hashlib.sha512(data).hexdigest()
    assert report.digest.sha256 == hashlib.sha256(data).hexdigest()
    assert report.digest.size == len(data)
    assert report.format == format_


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_progress_grows_to_the_size_of_the_file(tmp_path, name):
    noise = b"".join(hashlib.sha512(b"%d" % n).digest() for n in range(50_000))
    members = [Zipped(b"t-1/x", noise), Zipped(b"t-1/y", noise[1:])]
    data = zipped(*members) if name == "a.zip" else tar_gz(file("t-1/x", noise))
    path = tmp_path / name
    path.write_bytes(data)
    steps: list[int] = []
    walk(path, name, Limits(), progress=steps.append)
    assert steps == sorted(steps)
    assert len(steps) > 2
    assert steps[-1] == len(data)


def test_a_visitor_that_wants_nothing_is_fed_nothing(tmp_path):
    class Names:
        seen: list[str] = []

        def member(self, member: Member) -> None:
            self.seen.append(member.name)

        def finish(self) -> None:
            self.seen.append("end")

    path = tmp_path / "a.tar"
    path.write_bytes(tar(file("t-1/x", b"x")))
    names, seen = Names(), Seen()
    walk(path, "a.tar", Limits(), [names, seen])
    assert names.seen == ["t-1", "t-1/LICENSE", "t-1/x", "end"]
    assert seen.content == {"t-1/LICENSE": b"Apache\n", "t-1/x": b"x"}


def test_an_error_of_a_visitor_is_not_taken_for_one_of_the_archive(tmp_path):
    class Broken(Seen):
        def member(self, member):
            raise ZeroDivisionError

    path = tmp_path / "a.tar"
    path.write_bytes(tar())
    broken, other = Broken(), Seen()
    with pytest.raises(ZeroDivisionError):
        walk(path, "a.tar", Limits(), [broken, other])
    assert other.finished == 1


def test_a_sink_is_closed_also_when_the_archive_ends_inside_its_file(tmp_path):
    report, seen = read(tmp_path, "a.tar", tar(file("t-1/x", b"x" * 2000), end=b"")[:-1100])
    assert not report.complete
    assert seen.content["t-1/x"] == b"x" * 948


def test_names_are_shown_as_they_would_be_unpacked(tmp_path):
    wide = "t-1/" + "w" * 150
    report, seen = read(
        tmp_path,
        "a.tar",
        tar(
            directory("./"),
            directory("./t-1/d/"),
            file("t-1/old/", type_=b"\0", mode=0o755),
            file("f" * 50, prefix=b"t-1/p"),
            long_name(wide),
            file(wide[:100], b"1"),
            extended(record("path", wide + "é")),
            file(wide[:100], b"2"),
            file(b"t-1/caf\xe9"),
        ),
    )
    assert seen.names[2:] == [
        "",
        "t-1/d",
        "t-1/old",
        "t-1/p/" + "f" * 50,
        wide,
        wide + "é",
        "t-1/caf\\xe9",
    ]
    assert seen.members[3].raw_name == "./t-1/d/"
    assert found(report) == {"safety.name_encoding": Level.CONCERN}


def test_a_hundred_bad_names_are_counted_and_not_all_listed(tmp_path):
    report, _ = read(tmp_path, "a.tar", tar(*(file(f"../{n}/x") for n in range(100))))
    listed = [problem for problem in report.problems if problem.code == "safety.traversal"]
    assert len(listed) == 21
    assert listed[-1].data == {"more": 80}
    assert all(problem.level is Level.BLOCKER for problem in listed)


def test_what_is_harmless_is_said_once_for_all_members(tmp_path):
    report, _ = read(tmp_path, "a.tar", tar(*(file(f"t-1/._{n}") for n in range(30))))
    (problem,) = report.problems
    assert problem.code == "safety.apple_double"
    assert problem.data["count"] == 30
    assert len(problem.data["examples"]) == 20


def test_a_header_signed_by_old_arithmetic_is_read(tmp_path):
    block = bytearray(file("t-1/é"))
    total = sum(block[:148]) + sum(block[156:512]) + 256 - 2 * 256  # two bytes of é are negative
    block[148:156] = b"%06o\0 " % total
    report, seen = read(tmp_path, "a.tar", tar(bytes(block)))
    assert report.problems == ()
    assert seen.names[-1] == "t-1/é"


MEASURED = """
import sys
from pathlib import Path
from checks.engine.archive import walk
from checks.engine.model import Limits
report = walk(Path(sys.argv[1]), sys.argv[2], Limits())
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(status["VmHWM"].split()[0]) >> 10, report.complete, len(report.problems))
"""


@pytest.mark.parametrize("suffix", ["tar.gz", "tar.zst", "tar.xz", "tar.bz2"])
def test_a_file_of_300_mib_is_read_in_flat_memory(tmp_path, suffix):
    pack = PACK[suffix]
    size = 300 << 20
    path = tmp_path / "big"
    with path.open("wb") as out:
        # Streams one after the other are as good as one, and quick to make.
        out.write(pack(tar(header("t-1/zeros", size), end=b"")))
        block = pack(bytes(10 << 20))
        for _ in range(30):
            out.write(block)
        out.write(pack(bytes(1024)))
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, path, f"big.{suffix}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    peak, complete, problems = done.stdout.split()
    assert (complete, problems) == ("True", "0")
    assert int(peak) < 200


@pytest.mark.parametrize(("threads", "ahead"), [(True, AHEAD), (False, 0)])
def test_a_few_blocks_are_made_ahead_and_no_more(tmp_path, threads, ahead):
    path = tmp_path / "x"
    packed = zlib.compressobj(0, wbits=-15)
    path.write_bytes(packed.compress(bytes(20 * PIECE)) + packed.flush())
    made = []

    class Counted(Inflate):
        def decompress(self, data, max_length):
            made.append(super().decompress(data, max_length))
            return made[-1]

    with Source(path, threads=threads) as source:
        blocks = decoded(Counted(), source, Problems(), "")
        for taken in range(1, 5):
            next(blocks)
            source._settle()
            assert len(made) == taken + ahead
        assert len(b"".join(made[:4]) + b"".join(blocks)) == 20 * PIECE


def test_who_waits_for_the_first_block_waits_for_little(tmp_path):
    """And not for a second one, or for all of a step to be read and hashed."""
    path = tmp_path / "x"
    packed = zlib.compressobj(0, wbits=-15)
    path.write_bytes(packed.compress(bytes(20 * PIECE)) + packed.flush())
    read = []
    with Source(path, read.append, threads=False) as source:
        blocks = decoded(Inflate(), source, Problems(), "")
        assert 0 < len(next(blocks)) <= FIRST
        assert read == [FIRST]
        next(blocks)
        assert read == [FIRST, 3 * FIRST]

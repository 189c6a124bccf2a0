"""The quick way through a tar sees, and says, what reading it member by member does."""

from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.engine.archive import tar as reader
from checks.engine.archive.intake import TOGETHER, Intake
from checks.engine.archive.ordinary import run
from checks.engine.model import Limits
from checks.engine.names import table
from tests.checks.engine.archive.build import (
    GNU,
    directory,
    extended,
    file,
    header,
    long_name,
    read,
    record,
    symlink,
    tar,
)

LONG = "t-1/" + "/".join("x" * 30 for _ in range(4)) + "/last"
TIMES = (record("mtime", "1700000000.5"), record("atime", "1"))
SMALL = Limits(members=9, file_size=700, total_size=2_000, metadata=64, depth=4)

# Members as programs write them, and nearly so.
PARTS = st.one_of(
    st.builds(
        file,
        st.sampled_from(
            table(
                "t-1/a t-1/A t-1/b ./t-1/c t-1/d/ t-1/d/e t-1/d/.f t-1/D/g t-1//h t-1/./i /j ../k "
                "l t-1/con.c t-1/.git/m t-1/n.tar.gz t-1/o|p t-1/._q t-1/a/r t-1/ä t-2/e/f/g/h/i"
            )
        ),
        st.sampled_from([b"", b"1", b"2", b"x" * 600, b"y" * 5_000]),
        mode=st.sampled_from([0o644, 0o755, 0o666, 0o4755, 0]),
        type_=st.sampled_from([b"0", b"\0", b"5", b"7"]),
        magic=st.sampled_from([b"ustar\x0000", GNU, bytes(8)]),
        prefix=st.sampled_from([b"", b"", b"t-1/deep"]),
        sum_off_by=st.sampled_from([0] * 15 + [1]),
    ),
    st.sampled_from(
        [
            directory("t-1/d/"),
            directory("t-1/d", mode=0o2755),
            directory("t-1/w/", mode=0o777),
            symlink("t-1/s", "a"),
            extended(*TIMES) + file("t-1/timed", b"1"),
            extended(record("path", LONG), *TIMES) + file(LONG[:100], b"1"),
            extended(record("path", "t-1/short")) + file("t-1/other", b"1"),
            extended(record("path", LONG), record("path", LONG + "2")) + file(LONG[:100], b"1"),
            extended(record("size", "1")) + file("t-1/sized", b"1"),
            extended(*TIMES) + extended(*TIMES) + file("t-1/twice", b"1"),
            extended(b"99 mtime=1\n") + file("t-1/wrong", b"1"),
            extended(*TIMES) + symlink("t-1/t", "a"),
            long_name(LONG) + file(LONG[:100], b"1"),
            header("t-1/octal", b"       1234 "),
            header("t-1/eight", b"00000000088\0"),
            header("t-1/binary", b"\x80" + bytes(10) + b"\x05") + bytes(512),
        ]
    ),
)
RELAXED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def both(tmp_path, data, limits):
    """What is said and seen in the quick way, and member by member."""
    quick, quickly_seen = read(tmp_path, "t-1.tar", data, limits)
    with patch.object(reader, "run", lambda buffer, at, longest: ([], at)):
        slow, slowly_seen = read(tmp_path, "t-1.tar", data, limits)
    return (quick, quickly_seen.members, quickly_seen.content), (
        slow,
        slowly_seen.members,
        slowly_seen.content,
    )


@RELAXED
@given(st.lists(PARTS, max_size=12), st.sampled_from([Limits(), SMALL]))
def test_nothing_is_said_otherwise(tmp_path, parts, limits):
    quick, slow = both(tmp_path, tar(*parts), limits)
    assert quick == slow


GOOD = tar(
    *(file(f"t-1/d/f{n}.c", b"x" * n) for n in range(3)),
    extended(record("path", LONG), *TIMES) + file(LONG[:100], b"1"),
)


@RELAXED
@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4)
)
def test_nothing_is_said_otherwise_of_what_is_damaged(tmp_path, changes):
    data = bytearray(GOOD)
    for at, byte in changes:
        data[at] = byte
    quick, slow = both(tmp_path, bytes(data), Limits())
    assert quick == slow


def test_a_sum_that_only_fits_into_sixteen_bits_is_none(tmp_path):
    """Bytes above ASCII could come to more than the quick sum holds, and look right."""
    block = bytearray(header("t-1/x"))
    block[157:257] = block[265:345] = b"\xff" * 100
    block[265:345] = b"\xff" * 80
    block[345:500] = b"\xff" * 155
    real = sum(block[:148]) + sum(block[156:512]) + 256
    block[148:156] = b"%06o\0 " % (real - 65_521)
    quick, slow = both(tmp_path, tar(bytes(block)), Limits())
    assert quick == slow
    assert [each.code for each in quick[0].problems] == ["integrity.header"]


@pytest.mark.parametrize(
    "data",
    [
        tar(*(file(f"t-1/d{n % 5}/f{n}", b"x" * n) for n in range(3 * TOGETHER))),
        tar(*(extended(*TIMES) + file(f"t-1/f{n}", b"1") for n in range(30))),
        tar(extended(record("path", LONG)) + file(LONG[:100], b"1")),
        tar(file("last", b"1", prefix=b"t-1/deep"), header("t-1/e", b"00000000000 ")),
    ],
)
def test_what_programs_write_is_read_in_the_quick_way(data):
    entries, end = run(data, 0, 1 << 20)
    assert data[end:] == bytes(1024)
    assert len(entries) > 2


def test_where_one_is_remarkable_the_others_are_taken_all_the_same(tmp_path):
    parts = [file(f"t-1/f{n}") for n in range(3 * TOGETHER)]
    parts[5] = file("t-1/con")
    alone = []
    with patch.object(Intake, "whole", _counting(Intake.whole, alone)):
        report, seen = read(tmp_path, "t-1.tar", tar(*parts))
    assert [each.code for each in report.problems] == ["safety.name_device"]
    assert len(seen.members) == 2 + len(parts)
    assert TOGETHER <= len(alone) <= TOGETHER + 2  # and what lies across the ends of a buffer


def _counting(whole, names):
    def counted(self, raw, *more):
        names.append(raw)
        whole(self, raw, *more)

    return counted

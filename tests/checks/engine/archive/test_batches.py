"""Small members are shown many at a time: who takes them so sees what all others see."""

import pytest

from checks.engine.archive import Batch, show, walk
from checks.engine.archive.intake import BATCH_BYTES, BATCH_MEMBERS, TOGETHER
from checks.engine.model import Limits
from tests.checks.engine.archive.build import Seen, directory, file, header, symlink, tar, tar_gz
from tests.checks.engine.archive.build_zip import Zipped, zipped


class Batched(Seen):
    """Sees the same by batches."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    def batch(self, members):
        self.sizes.append(len(members))
        assert sum(len(content) for _, _, content in members) <= 2 * BATCH_BYTES
        for member, last, _ in members:
            assert last == member.name.rpartition("/")[2]
        show(self, members)


PARTS = (
    directory("t-1/d/"),
    *(file(f"t-1/d/{n}", b"%d" % n * 50) for n in range(BATCH_MEMBERS + 40)),
    file("t-1/large", b"large " * 400_000),
    file("t-1/empty"),
    symlink("t-1/link", "d/1"),
    file("./t-1/last", b"x" * 512),
)
ZIPPED = (
    *(Zipped(b"t-1/%d" % n, b"%d" % n * 50) for n in range(BATCH_MEMBERS + 40)),
    Zipped(b"t-1/large", bytes(range(256)) * 20_000),
    Zipped(b"t-1/link", b"0", attributes=0o120777),
    Zipped(b"t-1/last", b"x", method=0),
)


def seen_both_ways(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    single, batched = Seen(), Batched()
    report = walk(path, name, Limits(), [single, batched])
    assert walk(path, name, Limits(), [Batched()]) == report
    return report, single, batched


@pytest.mark.parametrize(
    ("name", "data"),
    [("t-1.tar", tar(*PARTS)), ("t-1.tar.gz", tar_gz(*PARTS)), ("t-1.zip", zipped(*ZIPPED))],
)
def test_batches_hold_what_is_seen_one_by_one_in_the_same_order(tmp_path, name, data):
    report, single, batched = seen_both_ways(tmp_path, name, data)
    assert report.complete
    assert batched.members == single.members
    assert batched.content == single.content
    assert (batched.finished, single.finished) == (1, 1)
    assert BATCH_MEMBERS <= max(batched.sizes) < BATCH_MEMBERS + TOGETHER


def test_what_came_before_the_damage_is_shown(tmp_path):
    data = tar(file("t-1/a", b"1"), file("t-1/b", b"2"), header("t-1/c", sum_off_by=1))
    report, single, batched = seen_both_ways(tmp_path, "t-1.tar", data)
    assert not report.complete
    assert batched.names == single.names == ["t-1", "t-1/LICENSE", "t-1/a", "t-1/b"]


def test_the_start_of_a_file_that_is_cut_is_shown(tmp_path):
    data = tar(file("t-1/a", b"1"), file("t-1/b", b"2" * 600), end=b"")[:-700]
    report, single, batched = seen_both_ways(tmp_path, "t-1.tar", data)
    assert not report.complete
    assert batched.names == single.names
    assert batched.content == single.content
    assert single.content["t-1/b"] == b"2" * 324


def test_what_several_visitors_ask_of_a_batch_is_found_out_once():
    asked = []

    def count(members):
        asked.append(members)
        return len(members)

    batch = Batch()
    assert [batch.once(count), batch.once(count)] == [0, 0]
    assert asked == [batch]
    assert Batch([]).once(count) == 0
    assert len(asked) == 2

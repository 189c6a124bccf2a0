"""Archives are compared in a process with limits, and what goes wrong there is a sentence."""

import pytest

from checks.engine.child import ChildLimits
from checks.engine.inside.child import Outcome, compare_in_child
from checks.engine.inside.members import Line, Problem
from checks.engine.model import Limits
from tests.checks.engine.inside.packed import tar

pytestmark = pytest.mark.once


def run(folder, old: bytes, new: bytes, **more):
    for name, content in (("old", old), ("new", new)):
        (folder / name).write_bytes(content)
    return list(compare_in_child(folder / "old", folder / "new", ("a.tar.gz",) * 2, **more))


def test_it_tells_each_line_and_then_how_many_there_are(tmp_path) -> None:
    told: list[tuple[int, int]] = []
    old, new = tar({"o/a": b"1"}), tar({"n/a": b"2", "n/b": b"3"})
    found = run(tmp_path, old, new, on_progress=lambda *each: told.append(each))
    assert [each.path for each in found if isinstance(each, Line)] == ["b", "a"]
    assert found[-1] == Outcome({"added": 1, "changed": 1}, "o", "n")
    assert all(total == len(old) + len(new) for _, total in told)


def test_more_differences_than_are_told_are_counted(tmp_path) -> None:
    new = tar({f"t/{number}": b"x%d" % number for number in range(1200)})
    found = run(tmp_path, tar({"t/a": b"a"}), new, most=700)
    assert len(found) == 701
    assert found[-1].counts == {"added": 1200, "removed": 1}


def test_what_is_no_archive_is_a_sentence(tmp_path) -> None:
    with pytest.raises(Problem, match="could not be read to its end"):
        run(tmp_path, tar({"t/a": b"1"}), b"nothing")


def test_the_limits_of_an_archive_hold(tmp_path) -> None:
    many = tar({f"t/{number}": b"" for number in range(50)})
    with pytest.raises(Problem, match="could not be read to its end"):
        run(tmp_path, many, many, archive_limits=Limits(members=10))


def test_one_that_takes_too_long_is_ended(tmp_path) -> None:
    with pytest.raises(Problem, match=r"took more than 0\.01 seconds"):
        run(tmp_path, tar({"t/a": b"1"}), tar({"t/a": b"2"}), timeout=0.01)


def test_one_without_memory_is_a_sentence(tmp_path) -> None:
    with pytest.raises(Problem):
        run(
            tmp_path,
            tar({"t/a": b"1"}),
            tar({"t/a": b"2"}),
            limits=ChildLimits(memory_bytes=20 << 20, cpu_seconds=5),
        )

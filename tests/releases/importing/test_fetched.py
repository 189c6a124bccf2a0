"""What an import may cost, and which names it may bring."""

import pytest

from releases.importing.address import Problem
from tests import make
from tests.releases.importing.servers import fetched

pytestmark = pytest.mark.django_db


def test_hidden_files_are_left_out_and_told() -> None:
    what = fetched()
    assert not what.wanted(".htaccess")
    assert not what.wanted("docs/.DS_Store")
    assert what.wanted("a.zip")
    assert what.left_out == [".htaccess", "docs/.DS_Store"]


def test_a_name_that_no_release_has_is_a_problem_with_what_to_do() -> None:
    with pytest.raises(Problem, match=r"a b\.zip.*Rename it there"):
        fetched().wanted("a b.zip")


def test_files_and_bytes_are_bounded() -> None:
    what = fetched(files=1, file_bytes=10, total_bytes=12)
    what.require_room(10, "a")
    with pytest.raises(Problem, match="a is larger than 10 bytes"):
        what.require_room(11, "a")
    what.add("a", make.blob("12345"))
    with pytest.raises(Problem, match="more than 12 bytes"):
        what.require_room(8, "b")
    with pytest.raises(Problem, match="more than 1 files"):
        what.wanted("b")


def test_time_is_bounded() -> None:
    with pytest.raises(Problem, match="IMPORT_SECONDS"):
        _ = fetched(seconds=0).left


def test_it_is_told_as_files_come() -> None:
    told: list[tuple[int, ...]] = []
    what = fetched()
    what.told = lambda *counts: told.append(counts)
    what.expected_files, what.expected_bytes = 2, 10
    what.add("a", make.blob("12345"))
    what.tell(3)
    assert told == [(1, 2, 5, 10), (1, 2, 8, 10)]

"""Which two archives are meant."""

import pytest

from checks.pairs import NoPair, pair_of
from tests import make

pytestmark = pytest.mark.django_db


def test_the_two_are_found_by_revision_and_name() -> None:
    release = make.release(files={"a-rc1.zip": "1", "a.txt": "t"})
    release.add_files({"a-rc2.zip": make.blob("2")}, by=make.member(release))
    row = pair_of(release, 2, "a-rc2.zip", 1, "a-rc1.zip")
    assert (row.old, row.new, row.format) == (make.blob("1"), make.blob("2"), "zip")
    assert row.pk is None
    for number, path, against, was in (
        (2, "a-rc2.zip", 1, ""),
        (1, "a-rc2.zip", 1, "a-rc1.zip"),
        (1, "a.txt", 1, "a.txt"),
        (1, "a-rc1.zip", 0, ""),
    ):
        with pytest.raises(NoPair):
            pair_of(release, number, path, against, was)

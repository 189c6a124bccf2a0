"""Comparisons between the row and the engine."""

import pytest

from checks import inside
from checks.models import Comparison
from tests import make
from tests.checks.engine.inside.packed import tar

pytestmark = pytest.mark.django_db


def test_stored_archives_are_compared() -> None:
    old, new = make.blob(tar({"t/a": b"1"})), make.blob(tar({"t/a": b"2"}))
    lines, outcome = inside.compare(Comparison.objects.of(old, new, "x.tgz"))
    assert [each.path for each in lines] == ["a"]
    assert outcome.counts == {"changed": 1}


def test_what_is_no_archive_is_a_problem() -> None:
    with pytest.raises(inside.Problem):
        inside.compare(Comparison.objects.of(make.blob("1"), make.blob("2"), "x.tgz"))

"""How the API writes numbers and names of revisions."""

from releases.api.items import key_of, number_of
from releases.models import Release
from tests import make


def test_five_digits_or_more() -> None:
    assert number_of(1) == "00001"
    assert number_of(123_456) == "123456"


def test_a_revision_is_known_by_its_release_and_number(db) -> None:
    release: Release = make.release(make.project("tool"), version="1.0")
    assert key_of(release, 3) == "tool-1.0 00003"

"""Which names are those of archives."""

import pytest

from trusted_releases.lib.archive_names import format_of, is_archive


@pytest.mark.parametrize("name", ["a.tar.gz", "a.TGZ", "a.zip", "b/a.whl", "a.tar.xz", "a.tar"])
def test_an_archive_is_known_by_its_end(name: str) -> None:
    assert is_archive(name)


@pytest.mark.parametrize("name", ["a.tar.gz.asc", "a.zip.sha512", "a.txt", "KEYS", "a.gz", "zip"])
def test_what_speaks_of_an_archive_is_none(name: str) -> None:
    assert not is_archive(name)


@pytest.mark.parametrize(
    ("name", "told"), [("a.tgz", "tar.gz"), ("a.jar", "zip"), ("a.tar.zst", "tar.zst"), ("a", "")]
)
def test_the_name_promises_a_format(name: str, told: str) -> None:
    assert format_of(name) == told

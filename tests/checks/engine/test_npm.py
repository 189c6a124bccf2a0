import pytest

from checks.engine import npm


def test_a_manifest_has_name_and_version():
    manifest = npm.parse(b'{"name": "thing", "version": "1.2.3"}')
    assert manifest.matches("thing-1.2.3") is True
    assert manifest.matches("thing-1.2.4") is False


def test_the_file_name_of_a_scoped_package_says_nothing():
    assert npm.parse(b'{"name": "@x/thing", "version": "1"}').matches("x-thing-1") is None


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"name": "a"}', b'{"name": " ", "version": "1"}', b"\xff", b"{" * 200_000],
)
def test_what_is_no_manifest_is_refused(content):
    with pytest.raises(npm.NotAPackage):
        npm.parse(content)


def test_a_collector_never_holds_more_than_its_limit_and_one_byte():
    collector = npm.Collector(10)
    for _ in range(100):
        collector.feed(b"x" * 7)
    assert len(collector.content) == 11

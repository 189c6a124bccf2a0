import pytest

from checks.engine import npm
from checks.engine.archive import Kind, Member


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


def test_only_the_first_manifest_counts_as_only_the_first_is_what_readers_agree_on():
    layout = npm.Layout()
    member = Member(npm.MANIFEST, npm.MANIFEST, Kind.FILE, 9, 0o644)
    assert layout.member(member) is not None
    assert layout.member(member) is None
    layout.finish()
    assert layout.tops == {"package"}


@pytest.mark.parametrize(
    ("name", "kind", "why"),
    [
        ("package/package.json", Kind.SYMLINK, "not a regular file"),
        ("package", Kind.SYMLINK, "not a folder"),
        ("package/index.js", Kind.FILE, "no package.json"),
    ],
)
def test_a_layout_that_is_none_says_why(name, kind, why):
    layout = npm.Layout()
    assert layout.member(Member(name, name, kind, 0, 0o644)) is None
    with pytest.raises(npm.NotAPackage, match=why):
        layout.manifest()

import pytest

from checks.engine.archive import Kind, Member
from checks.engine.tree import MAX_TOPS, Tops, is_apple_double


def tops(*members):
    found = Tops()
    for name, kind in members:
        found.add(Member(name, name, kind, 0, 0o644))
    return found


def test_a_folder_is_one_whether_the_archive_lists_it_or_not():
    assert tops(("a/x", Kind.FILE)).folders == ["a"]
    assert tops(("a", Kind.DIRECTORY)).folders == ["a"]


def test_files_and_links_are_no_folders():
    found = tops(("a", Kind.SYMLINK), ("b", Kind.FILE), ("", Kind.DIRECTORY))
    assert found.folders == []
    assert found.others == ["a", "b"]


def test_what_macos_adds_is_not_there():
    assert tops(("._a", Kind.FILE), ("._b/x", Kind.FILE)).kinds == {}


def test_an_archive_with_endless_tops_takes_little_memory():
    assert len(tops(*((str(n), Kind.FILE) for n in range(5000))).kinds) == MAX_TOPS


@pytest.mark.parametrize(("path", "is_one"), [("a/._b", True), ("._a/b", True), ("a/b._c", False)])
def test_apple_double_paths(path, is_one):
    assert is_apple_double(path) is is_one

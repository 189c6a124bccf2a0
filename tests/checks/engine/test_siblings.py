import pytest

from checks.engine.siblings import sibling_paths, siblings
from tests.checks.engine import made


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("x/a.zip", ["x/a.tar.gz", "x/a.tgz"]),
        ("x/a.tar.gz", ["x/a.tgz", "x/a.zip"]),
        ("a-src.zip", []),
        ("x/a.zip.asc", []),
    ],
)
def test_siblings_have_the_folder_and_the_name_in_common(tmp_path, path, expected):
    paths = ["x/a.zip", "x/a.tar.gz", "x/a.tgz", "y/a.zip", "a-src.zip", "x/a.zip.asc"]
    candidate = made.candidate(tmp_path, paths)
    assert [each.path for each in siblings(candidate.file(path), candidate)] == expected


def test_only_archives_have_siblings():
    assert sibling_paths("a.jar") == ()
    assert "a.tar.xz" in sibling_paths("a.zip")

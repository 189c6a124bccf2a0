import hashlib

import pytest

from checks.engine.archive import walk
from checks.engine.model import Limits
from checks.engine.source.compare import Relation, Watch, is_filled
from checks.engine.source.inventory import Inventory, Line, blob_id
from tests.checks.engine import made


def line(content, mode="100644", **more):
    return Line(mode, blob_id(content), more)


def compared(tmp_path, members, files, *, submodules=(), generated=()):
    inventory = Inventory(
        "r", "1" * 40, "", "", "2" * 40, files=files, submodules=dict.fromkeys(submodules, "3" * 40)
    )
    watch = Watch(inventory)
    file = tmp_path / "a.tar.gz"
    file.write_bytes(made.tar({f"r/{name}": content for name, content in members.items()}))
    walk(file, file.name, Limits(), [watch.gathered])
    return watch.compare("r", lambda path: path in generated)


def paths(found):
    return {str(relation): list(each) for relation, each in found.paths.items() if each}


def test_the_same_files_are_identical(tmp_path):
    found = compared(tmp_path, {"a": b"1", "l": "a"}, {"a": line(b"1"), "l": line(b"a", "120000")})
    assert (found.kind, found.same, paths(found)) == ("identical", 2, {})


def test_what_is_left_out_makes_a_subset(tmp_path):
    files = {"a": line(b"1"), "b": line(b"2"), "c": line(b"3", ignored=True)}
    found = compared(tmp_path, {"a": b"1"}, files)
    assert found.kind == "subset"
    assert paths(found) == {"missing": ["b"], "export_ignored": ["c"]}


def test_what_differs_is_told_by_how_it_does(tmp_path):
    members = {"a": b"x", "b": b"1\r\n", "c": b"new", "lib/x": b"y", "d": "a", "e": b"a"}
    files = {
        "a": line(b"1"),
        "b": line(b"1\n", also={blob_id(b"1\r\n"): "ends"}),
        "d": line(b"a"),
        "e": line(b"a", "120000"),
    }
    found = compared(tmp_path, members, files, submodules=["lib"])
    assert (found.kind, found.differing) == ("different", 6)
    assert paths(found) == {
        "changed": ["a", "d", "e"],
        "line_ends": ["b"],
        "extra": ["c"],
        "submodule": ["lib/x"],
    }


def test_what_may_differ_by_policy_is_no_difference(tmp_path):
    found = compared(tmp_path, {"a": b"x", "c": b""}, {"a": line(b"1")}, generated=("a", "c"))
    assert (found.kind, paths(found)) == ("subset", {"generated": ["a", "c"]})


def test_what_lost_its_mode_is_the_same_file_all_the_same(tmp_path):
    found = compared(tmp_path, {"run": b"1"}, {"run": line(b"1", "100755")})
    assert (found.kind, found.same, paths(found)) == ("subset", 1, {"mode_lost": ["run"]})


def test_what_git_archive_makes_of_a_file_is_the_commits(tmp_path):
    files = {"v": line(b"$Id$", also={blob_id(b"$Id: 1$"): "exported"})}
    assert compared(tmp_path, {"v": b"$Id: 1$"}, files).kind == "identical"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"at 1234567890 (tag: v1.0, main)\n", "identical"),
        (b"at  ()\n", "identical"),
        (b"at 12 (x)\nrm -rf\n", "different"),
        (b"not at 12 (x)\n", "different"),
        (b"at 12\n", "different"),
        (b"at 12 (HEAD -> main, tag: v1.0)\n", "identical"),
        (b"at 12 (x)\nevil() (y)\n", "different"),
        (b'at 12 ("; evil(); ")\n', "different"),
        (b"at 12 (" + b"x" * 301 + b")\n", "different"),
    ],
)
def test_filled_in_marks_are_the_commits_whatever_they_say(tmp_path, text, kind):
    files = {"v": line(b"at $Format:%h$ ($Format:%d$)\n", template=["at ", " (", ")\n"])}
    assert compared(tmp_path, {"v": text}, files).kind == kind


def test_the_content_that_a_pointer_stands_for_is_the_commits(tmp_path):
    files = {"big": line(b"pointer", lfs=[hashlib.sha256(b"large").hexdigest(), 5])}
    assert compared(tmp_path, {"big": b"large"}, files).kind == "identical"
    assert compared(tmp_path, {"big": b"other"}, files).kind == "different"
    pointer = compared(tmp_path, {"big": b"pointer"}, files)
    assert (pointer.same, paths(pointer)) == (1, {"pointer": ["big"]})


def test_the_package_info_of_python_is_no_extra_beside_its_build_file(tmp_path):
    files = {"pyproject.toml": line(b"")}
    with_it = {"pyproject.toml": b"", "PKG-INFO": b"Name: tool"}
    assert compared(tmp_path, with_it, files).kind == "identical"
    below = compared(tmp_path, {**with_it, "x/PKG-INFO": b""}, files)
    assert below.paths[Relation.EXTRA] == ["x/PKG-INFO"]
    assert compared(tmp_path, {"PKG-INFO": b""}, {}).kind == "different"


@pytest.mark.parametrize(
    ("text", "pieces", "filled"),
    [
        (b"ab", [b"a", b"b"], True),
        (b"a", [b"a", b"a"], False),
        (b"axbxc", [b"a", b"b", b"c"], True),
        (b"axcxb", [b"a", b"b", b"c"], False),
        (b"abc", [b"a", b"bc", b"c"], False),
        (b"anything", [b"", b""], True),
        (b"any\nthing", [b"", b""], False),
        (b"a", [b"a"], False),
        (b"", [], False),
    ],
)
def test_what_is_filled_in(text, pieces, filled):
    assert is_filled(text, pieces) is filled


def test_filling_in_takes_no_time_for_any_text():
    pieces = [b"a"] * 5_000
    assert not is_filled(b"a" * 4_000, pieces)

import json

import pytest

from checks.engine.model import Level
from checks.rules.structure import expected_roots
from tests.checks.engine import made

MANIFEST = json.dumps({"name": "thing", "version": "1.2.3"}).encode()
AS_SOURCE = {"source_paths": ("*.tgz",)}


def judged(tmp_path, name, content, **policy):
    return made.findings(made.candidate(tmp_path, {name: content}, **policy), "archive.structure")


@pytest.mark.parametrize(
    ("name", "root"),
    [
        ("apache-example-1.2.3.tar.gz", "apache-example-1.2.3"),
        ("apache-example-1.2.3-src.tar.gz", "apache-example-1.2.3"),
        ("apache-example-1.2.3-src.tar.gz", "apache-example-1.2.3-src"),
        ("a-1.0-source-release.tar.gz", "a-1.0"),
        ("a-1.0-sources.tar.gz", "a-1.0"),
        ("a-1.0-source.tgz", "a-1.0-source"),
        ("a-1.0.tar.bz2", "a-1.0"),
    ],
)
def test_one_folder_named_like_the_archive_is_a_note(tmp_path, name, root):
    mode = "w:bz2" if name.endswith("bz2") else "w:gz"
    (found,) = judged(tmp_path, name, made.tar({root: None, f"{root}/x": b"x"}, mode))
    assert found.level == Level.NOTE
    assert found.data["root"] == root


@pytest.mark.parametrize(
    ("name", "members", "says"),
    [
        ("a-1.0-src-20251202.tar.gz", {"a-1.0/x": b"x"}, "one expects a-1.0-src-20251202"),
        ("a-1.0.tar.gz", {"other/x": b"x"}, "into 'other'"),
        ("a-1.0.tar.gz", {"x": b"x"}, "files without a folder"),
        ("a-1.0.tar.gz", {"a-1.0": "elsewhere"}, "files without a folder"),
        ("a-1.0.tar.gz", {"a-1.0/x": b"x", "b/x": b"x"}, "2 folders: a-1.0, b"),
        ("a-1.0.tar.gz", {"a-1.0/x": b"x", "README": b"x"}, "beside its folder"),
    ],
)
def test_anything_else_is_a_suggestion_that_says_what_was_found(tmp_path, name, members, says):
    (found,) = judged(tmp_path, name, made.tar(members))
    assert found.level == Level.SUGGESTION
    assert says in found.message
    assert found.see == f"tar tf {name} | cut -d/ -f1 | sort -u"


def test_what_macos_adds_and_a_leading_dot_do_not_matter(tmp_path):
    members = {"./": None, "./a-1.0/x": b"x", "./._a-1.0": b"mac"}
    (found,) = judged(tmp_path, "a-1.0.tar.gz", made.tar(members))
    assert found.level == Level.NOTE


@pytest.mark.parametrize(
    ("members", "level", "says"),
    [
        ({"a-1.0/x": b"x"}, Level.NOTE, "one folder"),
        ({"._a-1.0": b"mac"}, Level.SUGGESTION, "empty"),
        ({"x": b"x"}, Level.SUGGESTION, "files without a folder"),
        ({"a-1.0/x": b"x", "b/y": b"y"}, Level.SUGGESTION, "2 folders"),
    ],
)
def test_zips_are_judged_like_tars(tmp_path, members, level, says):
    (found,) = judged(tmp_path, "a-1.0.zip", made.zipped(members))
    assert found.level == level
    assert says in found.message


def test_binary_archives_may_unpack_as_they_like(tmp_path):
    assert judged(tmp_path, "a-1.0-bin.tar.gz", made.tar({"x": b"x"})) == []


def test_a_package_of_npm_that_is_source_by_policy_may_have_its_own_root(tmp_path):
    content = made.tar({"package/package.json": MANIFEST})
    (found,) = judged(tmp_path, "thing-1.2.3.tgz", content, **AS_SOURCE)
    assert found.level == Level.NOTE
    assert found.data["npm_pack"]["filename_match"] is True


def test_a_package_of_npm_is_otherwise_a_binary_and_not_judged(tmp_path):
    content = made.tar({"package/package.json": MANIFEST})
    assert judged(tmp_path, "thing-1.2.3.tgz", content) == []


def test_a_package_of_npm_under_another_name_is_a_suggestion(tmp_path):
    content = made.tar({"package/package.json": MANIFEST})
    (found,) = judged(tmp_path, "thing-1.2.4.tgz", content, **AS_SOURCE)
    assert found.level == Level.SUGGESTION
    assert "thing 1.2.3" in found.message


def test_the_name_of_a_scoped_package_is_not_compared(tmp_path):
    manifest = json.dumps({"name": "@x/thing", "version": "1"}).encode()
    content = made.tar({"package/package.json": manifest})
    (found,) = judged(tmp_path, "x-thing-1.tgz", content, **AS_SOURCE)
    assert found.level == Level.NOTE
    assert found.data["npm_pack"]["filename_match"] is None


@pytest.mark.parametrize("manifest", ["../elsewhere.json", b" " * 614_400, b"{}"])
def test_a_root_named_package_without_a_manifest_is_a_mismatch(tmp_path, manifest):
    content = made.tar({"package/package.json": manifest, "package/x": b"x"})
    (found,) = judged(tmp_path, "thing-1.2.3.tgz", content, **AS_SOURCE)
    assert found.level == Level.SUGGESTION
    assert found.data["npm_pack_error"] in found.message


def test_a_broken_archive_is_not_judged(tmp_path):
    (found,) = judged(tmp_path, "a-1.0.tar.gz", made.tar({"other/x": b"x" * 9999})[:60])
    assert found.level == Level.NOTE
    assert "Not judged" in found.message


def test_expected_roots_leave_out_one_ending_at_most():
    assert expected_roots("d/a-1.0-src-src.zip") == ("a-1.0-src", "a-1.0-src-src")
    assert expected_roots("a-1.0.zip") == ("a-1.0",)

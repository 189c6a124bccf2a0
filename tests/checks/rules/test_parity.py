"""Archives in several formats: the vectors of parity, and how the engine compares archives."""

from dataclasses import replace

import pytest

from checks.engine.model import Level
from checks.engine.plan import plan
from checks.engine.run import run
from checks.rules.tree import ArchiveTree
from tests.checks.engine import made
from tests.checks.engine.archive import build

TREE = {"r/a": b"1", "r/b/c": b"2"}


def candidate(tmp_path, **archives):
    """Archives by their suffix: tar_gz for a-1.tar.gz."""
    files = {f"a-1.{suffix.replace('_', '.')}": content for suffix, content in archives.items()}
    return made.candidate(tmp_path, files)


def judged(tmp_path, **archives):
    return made.results_of(candidate(tmp_path, **archives), "archive.parity")


def keys(which):
    return {unit.path: unit.key for unit in plan(which) if unit.kind == "comparison"}


def test_y01_the_same_files_under_another_root_are_a_note(tmp_path):
    other = {path.replace("r/", "r-src/", 1): content for path, content in TREE.items()}
    found = judged(tmp_path, tar_gz=made.tar(TREE), zip=made.zipped(other))
    assert [(each.path, each.level) for each in found] == [
        ("a-1.tar.gz", Level.NOTE),
        ("a-1.zip", Level.NOTE),
    ]
    assert found[0].data["matched"] == ["a-1.zip"]


def test_y02_lost_modes_are_a_concern_that_says_so(tmp_path):
    runs = build.file("r/a", b"1", mode=0o755) + build.END
    found = judged(tmp_path, **{"tar_gz": made.gzipped(runs), "zip": made.zipped({"r/a": b"1"})})
    assert {each.level for each in found} == {Level.CONCERN}
    assert all("may be executed" in each.message for each in found)


def test_other_files_are_a_concern_with_a_command_that_shows_them(tmp_path):
    found = judged(tmp_path, tar_gz=made.tar(TREE), zip=made.zipped({"r/a": b"other"}))
    assert {each.level for each in found} == {Level.CONCERN}
    assert found[0].data["mismatched"] == ["a-1.zip"]
    assert found[0].see == (
        "mkdir 1 2; tar xf a-1.tar.gz -C 1; unzip -q a-1.zip -d 2; diff -r 1/* 2/*"
    )


def test_of_three_the_odd_one_is_named(tmp_path):
    odd = {**TREE, "r/a": b"odd"}
    found = judged(
        tmp_path, tar_gz=made.tar(TREE), tar_xz=made.tar(TREE, "w:xz"), zip=made.zipped(odd)
    )
    by_path = {each.path: each.data for each in found}
    assert by_path["a-1.tar.gz"]["mismatched"] == ["a-1.zip"]
    assert by_path["a-1.tar.gz"]["matched"] == ["a-1.tar.xz"]
    assert by_path["a-1.zip"]["mismatched"] == ["a-1.tar.gz", "a-1.tar.xz"]


@pytest.mark.parametrize(
    "names",
    [
        ["a.tar.gz"],
        ["a-src.tar.gz", "a.zip"],
        ["x/a.tar.gz", "y/a.zip"],
        ["a.tar.gz", "a.tar.gz.asc"],
        ["a.tar.gz", "a.jar"],
    ],
    ids=["Y04", "Y05", "folders", "signature", "jar"],
)
def test_archives_that_are_not_siblings_are_not_compared(tmp_path, names):
    files = {name: made.tar(TREE) for name in names}
    assert keys(made.candidate(tmp_path, files)) == {}


def test_an_archive_without_an_id_is_compared_with_nothing(tmp_path):
    two_roots = made.zipped({"r/a": b"1", "s/a": b"1"})
    assert judged(tmp_path, tar_gz=made.tar(TREE), zip=two_roots) == []


def test_the_bytes_of_every_sibling_are_in_the_key(tmp_path):
    before = candidate(tmp_path / "1", tar_gz=made.tar(TREE), zip=made.zipped(TREE))
    after = candidate(tmp_path / "2", tar_gz=made.tar(TREE), zip=made.zipped({"r/a": b"x"}))
    old, new = keys(before), keys(after)
    assert all(old[path] != new[path] for path in old)


def test_a_new_version_of_the_rule_that_finds_the_ids_is_in_the_key(tmp_path, monkeypatch):
    which = candidate(tmp_path, tar_gz=made.tar(TREE), zip=made.zipped(TREE))
    before = keys(which)
    monkeypatch.setattr(ArchiveTree, "version", 99)
    assert all(before[path] != key for path, key in keys(which).items())


def test_archives_that_were_examined_before_are_read_again_only_for_this(tmp_path):
    which = candidate(tmp_path, tar_gz=made.tar(TREE), zip=made.zipped(TREE))
    compared = [unit for unit in plan(which) if unit.kind == "comparison"]
    everything = list(run(which, plan(which)))
    alone = list(run(which, compared))
    assert [each.findings for each in alone] == [each.findings for each in everything[-2:]]


def test_an_archive_that_cannot_be_examined_is_an_error_and_no_verdict(tmp_path):
    which = candidate(tmp_path, tar_gz=made.tar(TREE), zip=made.zipped(TREE))
    gone = which.file("a-1.zip")
    lost = replace(which, files=(which.file("a-1.tar.gz"), replace(gone, location=tmp_path / "no")))
    results = [each for each in run(lost, plan(lost)) if "archive.parity" in each.rules]
    assert [each.findings for each in results] == [(), ()]
    assert all("fault of the check" in each.error for each in results)


def test_comparisons_come_last_and_read_nothing(tmp_path):
    which = candidate(tmp_path, tar_gz=made.tar(TREE), zip=made.zipped(TREE))
    units = plan(which)
    assert [unit.kind for unit in units[-2:]] == ["comparison", "comparison"]
    assert {unit.size for unit in units[-2:]} == {0}

from dataclasses import replace

import pytest

from checks.engine.model import Candidate, Limits, Policy
from checks.engine.plan import plan
from checks.rules.checksum import Checksum
from tests.checks.engine import made

FILES = {
    "a-src.tar.gz": b"source " * 99,
    "a-src.tar.gz.asc": b"signature",
    "a-src.tar.gz.sha512": b"digest",
    "b-bin.zip": b"binary",
    "README.md": b"read me",
}


@pytest.fixture
def candidate(tmp_path):
    return made.candidate(tmp_path, FILES)


def keys(candidate):
    """The key of each unit, by kind and path."""
    return {(unit.kind, unit.path): unit.key for unit in plan(candidate)}


def changed(candidate, **other):
    """Which units have another key under other inputs."""
    before, after = keys(candidate), keys(replace(candidate, **other))
    return {path for kind, path in before if before[kind, path] != after.get((kind, path))}


def with_file(candidate, tmp_path, path, content):
    kept = tuple(file for file in candidate.files if file.path != path)
    return (*kept, made.file(tmp_path / "other", path, content))


def test_the_release_comes_first_then_files_then_archives_by_size(candidate):
    units = plan(candidate)
    assert units[0].kind == "release"
    archives = [unit.path for unit in units if unit.kind == "archive"]
    assert archives == ["b-bin.zip", "a-src.tar.gz"]
    kinds = [unit.kind for unit in units]
    assert kinds == sorted(kinds, key=["release", "file", "archive"].index)


def test_the_plan_does_not_depend_on_the_order_or_the_place_of_files(candidate, tmp_path):
    turned = Candidate(tuple(reversed(candidate.files)))
    moved = made.candidate(tmp_path / "elsewhere", FILES)
    assert plan(turned) == plan(candidate) == plan(moved)


def test_planning_reads_no_file(candidate):
    for file in candidate.files:
        file.location.unlink()
    assert len(plan(candidate)) >= 4


def test_only_files_that_a_rule_looks_at_have_units(candidate):
    assert ("file", "README.md") not in keys(candidate)
    assert ("file", "a-src.tar.gz.sha512") in keys(candidate)


def test_the_policy_changes_the_units_that_read_it_and_no_others(candidate):
    podling = changed(candidate, policy=Policy(podling=True))
    assert podling >= {"", "a-src.tar.gz", "b-bin.zip"}
    assert "a-src.tar.gz.sha512" not in podling
    limits = changed(candidate, policy=Policy(limits=Limits(ratio=5)))
    assert limits == {"a-src.tar.gz", "b-bin.zip"}
    assert changed(candidate, policy=Policy(version="2")) & {"a-src.tar.gz", "b-bin.zip"} == set()


def test_other_bytes_change_the_file_and_what_is_about_it(candidate, tmp_path):
    other = with_file(candidate, tmp_path, "a-src.tar.gz", b"other")
    assert changed(candidate, files=other) >= {"", "a-src.tar.gz", "a-src.tar.gz.sha512"}
    assert "b-bin.zip" not in changed(candidate, files=other)


def test_an_unrelated_file_changes_the_release_only(candidate, tmp_path):
    other = with_file(candidate, tmp_path, "c-bin.zip", b"new")
    assert changed(candidate, files=other) == {""}


def test_other_bytes_of_a_file_whose_name_says_all_do_not_change_the_release(candidate, tmp_path):
    other = with_file(candidate, tmp_path, "b-bin.zip", b"other")
    assert changed(candidate, files=other) == {"b-bin.zip"}


def test_another_path_is_another_unit(candidate, tmp_path):
    content = FILES["b-bin.zip"]
    kept = tuple(file for file in candidate.files if file.path != "b-bin.zip")
    moved = (*kept, made.file(tmp_path / "other", "sub/b-bin.zip", content))
    after = keys(replace(candidate, files=moved))
    assert after["archive", "sub/b-bin.zip"] != keys(candidate)["archive", "b-bin.zip"]


def test_a_new_version_of_a_rule_changes_its_units(candidate, monkeypatch):
    before = keys(candidate)
    monkeypatch.setattr(Checksum, "version", 99)
    after = keys(candidate)
    assert {path for kind, path in before if before[kind, path] != after[kind, path]} == {
        "a-src.tar.gz.sha512"
    }

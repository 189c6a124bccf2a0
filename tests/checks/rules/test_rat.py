"""What is said of a source archive with the eyes of Apache RAT: the rows about whole archives."""

import pytest

from checks.engine.model import Level
from checks.rules import rat
from tests.checks.engine import made

HEADER = b"# http://www.apache.org/licenses/LICENSE-2.0\n"
GPL = b"# SPDX-License-Identifier: GPL-3.0-only\n"


def judged(tmp_path, members, name="r.tar.gz", **policy):
    policy.setdefault("license_mode", "both")
    candidate = made.candidate(tmp_path, {name: made.tar(members)}, **policy)
    return made.findings(candidate, "license.rat")


def members(found):
    return [each.member for each in found if each.member]


def summary(found):
    (said,) = [each for each in found if "total_files" in each.data]
    return said


def test_t02_a_file_without_a_licence_is_a_concern(tmp_path):
    found = judged(tmp_path, {"r/a.py": b"x = 1\n", "r/b.py": HEADER})
    (concern,) = [each for each in found if each.member]
    assert (concern.level, concern.member) == (Level.CONCERN, "r/a.py")
    assert summary(found).message == "Of 2 files, 1 file has no known licence (1 .py)."
    assert summary(found).level == Level.NOTE


def test_files_that_are_all_approved_are_one_note(tmp_path):
    (found,) = judged(tmp_path, {"r/a.py": HEADER, "r/LICENSE": b"x", "r/x.png": b"\x89PNG\r\n"})
    assert found.message == "All 3 files have approved licences."
    assert found.level == Level.NOTE


def test_t11_a_licence_that_is_not_approved_is_named(tmp_path):
    found = judged(tmp_path, {"r/a.py": GPL})
    (concern,) = [each for each in found if each.member]
    assert concern.data == {"license": "GNU General Public License V3.0"}
    assert summary(found).data["unapproved_licenses"] == 1


def test_a_licence_that_rat_hides_behind_an_approved_one_is_a_suggestion(tmp_path):
    found = judged(tmp_path, {"r/a.py": GPL + HEADER})
    assert summary(found).data["approved_licenses"] == 1
    (hidden,) = [each for each in found if each.level == Level.SUGGESTION]
    assert hidden.data["hidden"] == {"r/a.py": "GNU General Public License V3.0"}


HIDDEN = {"src/core/a.py": b"x", "src/tags/b.py": b"x", "target/c.py": b"x", "bin/d.py": b"x"}


def test_t35_folders_of_build_and_version_control_are_left_out(tmp_path):
    found = judged(tmp_path, {f"r/{path}": content for path, content in HIDDEN.items()})
    assert members(found) == []
    assert summary(found).data["excluded_files"] == 4
    assert summary(found).data["extended_std_applied"] is True


@pytest.mark.parametrize("first", [True, False])
def test_t36_an_exclude_file_turns_that_off_wherever_in_the_archive_it_stands(tmp_path, first):
    tree = {f"r/{path}": content for path, content in HIDDEN.items()}
    empty = {"r/.rat-excludes": b""}
    found = judged(tmp_path, {**empty, **tree} if first else {**tree, **empty})
    assert sorted(members(found)) == sorted(f"r/{path}" for path in HIDDEN)
    assert summary(found).data["excludes_source"] == "archive"


def test_the_exclude_file_of_an_archive_is_followed_from_its_folder(tmp_path):
    tree = {
        "r/.rat-excludes": b"# comment\n*.java\n**/a.txt\nsub/\n",
        "r/A.java": b"x",
        "r/q/B.java": b"x",
        "r/q/a.txt": b"x",
        "r/sub/deep/c.py": b"x",
    }
    assert members(judged(tmp_path, tree)) == ["r/q/B.java"]


def test_the_policy_excludes_where_the_archive_does_not(tmp_path):
    found = judged(tmp_path, {"r/a.txt": b"x"}, rat_excludes=("**/*.txt",))
    assert members(found) == []
    assert summary(found).data["excludes_source"] == "policy"
    tree = {"r/a.txt": b"x", "r/.rat-excludes": b""}
    assert members(judged(tmp_path / "2", tree, rat_excludes=("**/*.txt",))) == ["r/a.txt"]


def test_t41_two_exclude_files_are_a_concern_and_nothing_is_judged(tmp_path):
    tree = {"r/.rat-excludes": b"", "r/sub/.rat-excludes": b"", "r/a.py": b"x"}
    (found,) = judged(tmp_path, tree)
    assert found.level == Level.CONCERN
    assert "2 files named .rat-excludes" in found.message


def test_t42_files_outside_the_folder_of_the_exclude_file_are_a_concern(tmp_path):
    (found,) = judged(tmp_path, {"r/sub/.rat-excludes": b"", "r/x.py": b"x"})
    assert found.level == Level.CONCERN
    assert found.message.startswith("1 file lies outside r/sub/")


def test_t44_the_members_named_are_capped_and_the_counts_are_not(tmp_path):
    found = judged(tmp_path, {f"r/{number}.py": b"x" for number in range(250)})
    assert len(members(found)) == rat.MAX_LISTED == 100
    assert summary(found).data["unknown_licenses"] == 250
    assert summary(found).level == Level.CONCERN


def test_lines_that_are_not_followed_are_told(tmp_path):
    found = judged(tmp_path, {"r/.rat-excludes": b"%regex[(a+)+b]\n!c\n"})
    (told,) = [each for each in found if each.level == Level.SUGGESTION]
    assert told.data["lines"] == ["%regex[(a+)+b]", "!c"]


@pytest.mark.parametrize(
    ("mode", "name", "asked"),
    [
        ("both", "r.tar.gz", True),
        ("rat", "r.tar.gz", True),
        ("lightweight", "r.tar.gz", False),
        ("both", "r-bin.tar.gz", False),
    ],
)
def test_source_archives_are_judged_unless_the_project_wants_none_of_it(
    tmp_path, mode, name, asked
):
    assert bool(judged(tmp_path, {"r/a.py": b"x"}, name, license_mode=mode)) is asked


def test_a_package_of_npm_is_no_source_and_is_not_judged(tmp_path):
    package = {"package/package.json": b'{"name": "a", "version": "1"}', "package/a.ts": b"x"}
    assert judged(tmp_path, package, "a-1.tgz") == []


def test_a_broken_archive_is_not_judged(tmp_path):
    content = made.tar({"r/a.py": b"x" * 4000})[:60]
    candidate = made.candidate(tmp_path, {"r.tar.gz": content}, license_mode="both")
    (found,) = made.findings(candidate, "license.rat")
    assert "Not judged" in found.message

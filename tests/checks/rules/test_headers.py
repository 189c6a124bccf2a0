"""The vectors about the headers of a whole archive, each with its number."""

import re

import pytest

from checks.engine.headers import WINDOW
from checks.engine.model import Level
from checks.rules import headers
from tests.checks.engine import made
from tests.checks.engine.test_headers import HEADER


def judged(tmp_path, files, name="r.tar.gz", **policy):
    policy.setdefault("license_mode", "both")
    members = {f"r/{path}": content.encode() for path, content in files.items()}
    candidate = made.candidate(tmp_path, {name: made.tar(members)}, **policy)
    return made.findings(candidate, "license.headers")


def summary(found):
    (note,) = [each for each in found if "files_checked" in each.data]
    return note


def test_x15_generated_files_are_skipped_by_their_exact_ending(tmp_path):
    found = judged(tmp_path, {"a.min.js": "x", "a.MIN.JS": "x"})
    assert [each.member for each in found if each.member] == ["r/a.MIN.JS"]
    assert summary(found).data["files_skipped"] == 1


@pytest.mark.parametrize("name", ["a.PY", "a.c++", "a.S", "a.t", "a.php8", "a.ksh", "a.sc"])
def test_x17_the_extension_decides_in_any_case(tmp_path, name):
    assert summary(judged(tmp_path, {name: "x"})).data["files_checked"] == 1


@pytest.mark.parametrize("name", [".py", "py", "a.md", "a.xml", "Makefile", "a.", "a.pyi"])
def test_other_files_need_no_header(tmp_path, name):
    assert summary(judged(tmp_path, {name: "x"})).data["files_checked"] == 0


def test_x18_files_of_nothing_are_skipped(tmp_path):
    found = judged(tmp_path, {"a.py": " \n\t\n", "__init__.py": "", "b.py": " " * WINDOW})
    assert summary(found).data["files_skipped"] == 2
    assert [each.member for each in found if each.member] == ["r/b.py"]


def test_x20_what_the_policy_excludes_is_not_counted(tmp_path):
    files = {"a.py": "x", "b.c": HEADER}
    data = summary(judged(tmp_path, files, header_excludes=("*.py",))).data
    assert (data["files_checked"], data["files_skipped"]) == (1, 0)
    assert data["excludes_source"] == "policy"


def test_x21_a_pattern_can_name_the_archive(tmp_path):
    files = {"a.py": "x"}
    excludes = ("/r.tar.gz/**/*.py",)
    assert summary(judged(tmp_path, files, header_excludes=excludes)).data["files_checked"] == 0
    other = judged(tmp_path / "2", files, "other.tar.gz", header_excludes=excludes)
    assert summary(other).data["files_checked"] == 1


def test_the_policy_excludes_nothing_from_a_binary_archive(tmp_path):
    found = judged(tmp_path, {"a.py": "x"}, "r-bin.tar.gz", header_excludes=("*.py",))
    assert summary(found).data["files_with_invalid_headers"] == 1


def test_x23_the_counts_and_one_concern_about_the_archive(tmp_path):
    files = {"a.py": HEADER, "b.py": HEADER, "c.py": "x", "d.md": "x", "e": "", "f.js": "", "g": ""}
    found = judged(tmp_path, files)
    assert summary(found).message == (
        "Checked 3 files, found 2 with valid headers, 1 with invalid headers, and 4 skipped."
    )
    concerns = [each for each in found if each.level == Level.CONCERN]
    assert [each.member for each in concerns] == ["r/c.py", ""]
    assert concerns[1].message.startswith("1 source file has no licence header (1 .py).")
    assert concerns[0].see == "tar xOf r.tar.gz r/c.py | head -c 4096"


def test_x24_one_good_file_is_said_in_the_singular(tmp_path):
    (found,) = judged(tmp_path, {"a.py": HEADER})
    assert found.message.startswith("Checked 1 file,")
    assert found.level == Level.NOTE


def test_the_members_named_are_capped_and_the_counts_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(headers, "MAX_LISTED", 3)
    found = judged(tmp_path, {f"{number}.py": "x" for number in range(9)})
    assert len([each for each in found if each.member]) == 3
    assert summary(found).data["files_with_invalid_headers"] == 9
    assert any(re.match("9 source files have", each.message) for each in found)


@pytest.mark.parametrize(
    ("mode", "name", "asked"),
    [
        ("both", "r.tar.gz", True),
        ("lightweight", "r.tar.gz", True),
        ("rat", "r.tar.gz", False),
        ("rat", "r-bin.tar.gz", True),
    ],
)
def test_a_project_chooses_how_its_sources_are_judged(tmp_path, mode, name, asked):
    assert bool(judged(tmp_path, {"a.py": "x"}, name, license_mode=mode)) is asked


def test_files_that_macos_adds_and_links_are_not_judged(tmp_path):
    members = {"r/._a.py": b"x", "r/b.py": "a.py", "r/a.py": HEADER.encode()}
    candidate = made.candidate(tmp_path, {"r.tar.gz": made.tar(members)}, license_mode="both")
    data = summary(made.findings(candidate, "license.headers")).data
    assert (data["files_checked"], data["files_skipped"]) == (1, 1)


def test_a_broken_archive_is_not_judged(tmp_path):
    content = made.tar({"r/a.py": b"x" * 4000})[:60]
    candidate = made.candidate(tmp_path, {"r.tar.gz": content}, license_mode="both")
    (found,) = made.findings(candidate, "license.headers")
    assert "Not judged" in found.message

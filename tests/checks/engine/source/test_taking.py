"""What a commit holds, listed from git's own objects."""

import hashlib

import pytest

from checks.engine.source import taking
from checks.engine.source.git import Git, Problem
from checks.engine.source.inventory import blob_id
from checks.engine.source.taking import take
from tests.checks.engine.source import repos


def taken(tmp_path, files, **more):
    folder = tmp_path / "tool"
    commit = repos.repository(folder, files, **more)
    return listed(tmp_path, commit)


def listed(tmp_path, commit):
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    git = Git(tmp_path / "tool", scratch)
    return take(git, scratch, commit, repository="r", tag="", tag_commit="")


def test_files_links_and_what_may_be_executed(tmp_path):
    files = {"a.txt": b"one", "bin/run": b"#!/bin/sh", "link": "a.txt", "ü/ß": b"", "x y": b"2"}
    found = taken(tmp_path, files, runs=("bin/run",))
    assert {path: line[:2] for path, line in found.files.items()} == {
        "a.txt": ("100644", blob_id(b"one")),
        "bin/run": ("100755", blob_id(b"#!/bin/sh")),
        "link": ("120000", blob_id(b"a.txt")),
        "ü/ß": ("100644", blob_id(b"")),
        "x y": ("100644", blob_id(b"2")),
    }
    tree = repos.git(tmp_path / "tool", "rev-parse", "HEAD^{tree}").decode().strip()
    assert found.tree == tree


def test_a_text_is_known_with_other_line_ends(tmp_path):
    found = taken(tmp_path, {"unix": b"a\nb\n", "dos": b"a\r\nb\r\n", "none": b"a", "bin": b"\0\n"})
    assert found.files["unix"].more == {"also": {blob_id(b"a\r\nb\r\n"): "ends"}}
    assert found.files["dos"].more == {"also": {blob_id(b"a\nb\n"): "ends"}}
    assert found.files["none"].more == found.files["bin"].more == {}


def test_mixed_line_ends_have_two_other_forms(tmp_path):
    found = taken(tmp_path, {"mixed": b"a\r\nb\n"})
    assert set(found.files["mixed"].more["also"]) == {
        blob_id(b"a\nb\n"),
        blob_id(b"a\r\nb\r\n"),
    }


def test_a_submodule_is_named_and_not_followed(tmp_path):
    folder = tmp_path / "tool"
    repos.repository(folder, {"a": b"1"})
    repos.add_submodule(folder, "vendored/lib")
    found = listed(tmp_path, repos.commit(folder, {}))
    assert found.submodules == {"vendored/lib": "1" * 40}
    assert list(found.files) == ["a"]


def test_a_pointer_of_lfs_is_known_with_what_it_stands_for(tmp_path):
    digest = hashlib.sha256(b"large").hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 5\n"
    found = taken(tmp_path, {"large.bin": pointer.encode()})
    assert found.files["large.bin"].more["lfs"] == [digest, 5]


def test_what_git_archive_makes_of_a_file_is_known(tmp_path):
    files = {
        ".gitattributes": b"version export-subst\nsecret export-ignore\nwin eol=crlf text\n",
        "version": b"made from $Format:%H$ of $Format:%D$\n",
        "plain": b"not $Format:%H$ here\n",
        "secret": b"no",
        "win": b"a\nb\n",
    }
    found = taken(tmp_path, files).files
    assert found["version"].more["template"] == ["made from ", " of ", "\n"]
    assert "exported" in found["version"].more["also"].values()
    assert "template" not in found["plain"].more
    assert found["secret"].more["ignored"]
    assert found["win"].more["also"] == {blob_id(b"a\r\nb\r\n"): "exported"}


def test_without_attributes_nothing_is_exported(tmp_path, monkeypatch):
    monkeypatch.setattr(taking, "_exported", None)
    assert list(taken(tmp_path, {"version": b"$Format:%H$\n"}).files) == ["version"]


@pytest.mark.parametrize("name", [".git", "..", ".GIT", "a\\b", "-rf", "\n", "\x1b[31m"])
def test_a_hostile_name_is_text_and_nothing_more(tmp_path, name):
    """No working git makes such a tree; somebody who wants to can."""
    folder = tmp_path / "tool"
    repos.repository(folder, {"a": b"1"})
    blob = repos.git(folder, "hash-object", "-w", "--stdin", given=b"x").strip()
    entry = b"100644 %b\0%b" % (name.encode(), bytes.fromhex(blob.decode()))
    write = ("hash-object", "-w", "-t", "tree", "--literally", "--stdin")
    tree = repos.git(folder, *write, given=entry).decode().strip()
    commit = repos.git(folder, "commit-tree", "-m", "x", tree).decode().strip()
    found = listed(tmp_path, commit)
    assert list(found.files) == [name]
    assert {each.name for each in tmp_path.iterdir()} == {"tool", "scratch"}
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_name_that_is_no_text_is_shown_with_its_bytes(tmp_path):
    folder = tmp_path / "tool"
    repos.repository(folder, {"a": b"1"})
    blob = bytes.fromhex(repos.git(folder, "hash-object", "-w", "--stdin", given=b"x").decode())
    write = ("hash-object", "-w", "-t", "tree", "--stdin")
    tree = repos.git(folder, *write, given=b"100644 \xff\0" + blob).decode().strip()
    commit = repos.git(folder, "commit-tree", "-m", "x", tree).decode().strip()
    assert list(listed(tmp_path, commit).files) == ["\\xff"]


def bomb(folder, depth=12, width=10):
    """A commit of few objects that holds width ** depth files."""
    id_ = repos.git(folder, "hash-object", "-w", "--stdin", given=b"x").decode().strip()
    mode, kind = "100644", "blob"
    for _ in range(depth):
        lines = "".join(f"{mode} {kind} {id_}\tf{each}\n" for each in range(width))
        id_ = repos.git(folder, "mktree", given=lines.encode()).decode().strip()
        mode, kind = "040000", "tree"
    return repos.git(folder, "commit-tree", "-m", "bomb", id_).decode().strip()


def test_a_commit_of_a_million_million_files_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(taking, "MAX_FILES", 2_000)
    repos.repository(tmp_path / "tool", {"a": b"1"})
    with pytest.raises(Problem, match="more than 2,000 files"):
        listed(tmp_path, bomb(tmp_path / "tool"))


def test_of_large_contents_the_ids_alone_are_known(tmp_path, monkeypatch):
    monkeypatch.setattr(taking, "SMALL", 3)
    found = taken(tmp_path, {"large": b"ab\ncd\n", "small": b"a\n"})
    assert found.files["large"].more == {}
    assert found.files["small"].more


def test_no_more_content_is_looked_at_than_is_allowed_in_all(tmp_path, monkeypatch):
    monkeypatch.setattr(taking, "LOOKED_AT", 5)
    found = taken(tmp_path, {"1": b"a\n", "2": b"b\n", "3": b"c\n"})
    assert sum(bool(line.more) for line in found.files.values()) == 2


def test_an_export_that_is_too_large_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(taking, "Limits", lambda **kwargs: taking_limits)
    from checks.engine.model import Limits

    taking_limits = Limits(total_size=10, file_size=10)
    with pytest.raises(Problem, match="more than is compared"):
        taken(tmp_path, {".gitattributes": b"* text\n", "a": b"x" * 5_000})


def test_a_repository_with_sha256(tmp_path):
    folder = tmp_path / "tool"
    folder.mkdir()
    repos.git(folder, "init", "--quiet", "--object-format=sha256")
    found = listed(tmp_path, repos.commit(folder, {".gitattributes": b"", "a": b"1\n"}))
    assert found.algorithm == "sha256"
    assert found.files["a"].id == blob_id(b"1\n", "sha256")

"""The id of a folder, proved with git itself."""

import hashlib
import subprocess

import pytest

from checks.engine.archive import walk
from checks.engine.gittree import GitTree, blob_id
from checks.engine.model import Limits
from tests.checks.engine import made
from tests.checks.engine.archive import build


def ids(folder, content, name="r.tar.gz"):
    path = folder / name
    path.write_bytes(content)
    tree = GitTree()
    assert walk(path, name, Limits(), [tree]).complete
    return tree.ids()


def git(folder, *args):
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C.UTF-8"}
    command = ["git", "-c", "core.autocrlf=false", *args]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    return done.stdout.decode().strip()


def written_by_git(folder, archive):
    """Unpack the archive with tar and have git write the tree of its root."""
    work = folder / "work"
    work.mkdir()
    subprocess.run(["tar", "xf", str(archive), "-C", str(work)], check=True)
    root = next(work.iterdir())
    git(root, "init", "-q")
    git(root, "add", "-A", "-f")
    return git(root, "write-tree")


MEMBERS = [
    build.directory("r/"),
    build.directory("r/empty/"),
    build.file("r/run.sh", b"#!/bin/sh\n", mode=0o755),
    build.file("r/a.txt", b"text\r\n"),
    build.file("r/a/b", b""),
    build.file("r/a0", b"sorts after a/"),
    build.file("r/a/deep/er/file", bytes(70_000)),
    build.file("r/été", b"utf-8"),
    build.symlink("r/link", "a/b"),
    build.hardlink("r/hard", "r/run.sh"),
]


def test_git_writes_the_same_tree_for_what_tar_unpacks(tmp_path):
    content = build.many(MEMBERS) + build.END
    found = ids(tmp_path, content, "r.tar")
    assert found.root == "r"
    assert found.swhid == f"swh:1:dir:{written_by_git(tmp_path, tmp_path / 'r.tar')}"


def test_git_mktree_agrees_on_one_level(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "x").write_bytes(b"content")
    blob = git(tmp_path, "hash-object", "-w", "x")
    assert blob == blob_id(b"content").hex()
    listing = f"100644 blob {blob}\tx\n100755 blob {blob}\ty\n"
    tree = subprocess.run(
        ["git", "mktree"], cwd=tmp_path, input=listing.encode(), capture_output=True, check=True
    )
    members = [build.file("r/x", b"content"), build.file("r/y", b"content", mode=0o755)]
    assert (
        ids(tmp_path, build.many(members) + build.END, "r.tar").tree == tree.stdout.decode().strip()
    )


def test_the_order_and_the_name_of_the_root_do_not_matter(tmp_path):
    one = {"r/b": b"2", "r/a": b"1"}
    other = {"s-src": None, "s-src/a": b"1", "s-src/b": b"2", "._s": b"mac"}
    assert ids(tmp_path, made.tar(one)).tree == ids(tmp_path, made.tar(other)).tree


def test_a_zip_has_the_tree_of_the_tar(tmp_path):
    members = {"r/a": b"1", "r/b/c": b"2"}
    assert ids(tmp_path, made.tar(members)) == ids(tmp_path, made.zipped(members), "r.zip")


def test_modes_are_in_one_id_and_not_in_the_other(tmp_path):
    plain = ids(tmp_path, build.file("r/x", b"1") + build.END, "r.tar")
    runs = ids(tmp_path, build.file("r/x", b"1", mode=0o755) + build.END, "r.tar")
    assert plain.tree != runs.tree
    assert plain.content == runs.content


def test_a_folder_of_nothing_has_the_id_that_git_gives_to_it(tmp_path):
    empty = hashlib.sha1(b"tree 0\0").hexdigest()
    assert ids(tmp_path, build.directory("r/") + build.END, "r.tar").tree == empty


@pytest.mark.parametrize(
    "members",
    [
        [build.file("r/a", b"1"), build.file("s/a", b"1")],
        [build.file("r/a", b"1"), build.file("stray", b"1")],
        [build.file("r/a", b"1"), build.file("r/a/b", b"1")],
        [build.file("r/a", b"1"), build.file("r/../b", b"1")],
        [build.file("r/a\\b", b"1")],
        [build.file("r/a\\b/c", b"1")],
        [build.file(b"r/\xff", b"1")],
        [build.hardlink("r/a", "r/none")],
        [build.file("r", b"1")],
    ],
)
def test_what_git_could_not_hold_has_no_id(tmp_path, members):
    assert ids(tmp_path, build.many(members) + build.END, "r.tar") is None


@pytest.mark.parametrize("runs", [set(), {"r/top"}, {"r/a/b/deep"}, {"r/top", "r/a/b/deep"}])
def test_the_id_of_the_content_is_that_of_the_tree_in_which_nothing_runs(tmp_path, runs):
    files = ("r/top", "r/a/one", "r/a/b/deep", "r/a.b/two", "r/z/three")

    def packed(runs):
        modes = {each: 0o755 if each in runs else 0o644 for each in files}
        return b"".join(build.file(each, b"x", mode=modes[each]) for each in files) + build.END

    found = ids(tmp_path, packed(runs), "r.tar")
    none_runs = ids(tmp_path, packed(set()), "r.tar")
    assert found.content == none_runs.tree
    assert (found.tree == none_runs.tree) is (not runs)


def test_a_path_that_comes_twice_is_what_came_last(tmp_path):
    first, last = build.file("r/a", b"1", mode=0o755), build.file("r/a", b"2")
    twice = ids(tmp_path, first + last + build.END, "r.tar")
    assert twice == ids(tmp_path, last + build.END, "r.tar")


def test_ids_can_be_asked_for_twice(tmp_path):
    path = tmp_path / "r.tar"
    path.write_bytes(build.many(MEMBERS) + build.END)
    tree = GitTree()
    walk(path, path.name, Limits(), [tree])
    assert tree.ids() == tree.ids()


def test_a_large_file_has_the_id_that_a_small_one_of_the_same_bytes_has(tmp_path):
    """It comes in pieces, and not in a batch."""
    content = bytes(range(256)) * 20_000
    found = ids(tmp_path, build.file("r/a/x", content, mode=0o755) + build.END, "r.tar")
    assert found.swhid == f"swh:1:dir:{written_by_git(tmp_path, tmp_path / 'r.tar')}"

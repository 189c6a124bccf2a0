import hashlib
import os

import pytest

from checks.engine import folder
from checks.engine.folder import candidate_from
from checks.engine.model import Policy
from trusted_releases.lib.errors import BadInput


def test_files_are_hashed_and_named_by_their_path_below_the_folder(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.zip").write_bytes(b"b")
    (tmp_path / "a.zip").write_bytes(b"a")
    candidate = candidate_from(tmp_path, Policy(podling=True))
    assert [file.path for file in candidate.files] == ["a.zip", "sub/b.zip"]
    assert candidate.files[0].sha512 == hashlib.sha512(b"a").hexdigest()
    assert candidate.policy.podling


def test_the_keys_that_are_used_are_not_part_of_the_release(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"a")
    keys = tmp_path / "KEYS"
    keys.write_bytes(b"keys")
    candidate = candidate_from(tmp_path, Policy(), keys)
    assert [file.path for file in candidate.files] == ["a.zip"]
    assert candidate.keys == b"keys"
    assert len(candidate_from(tmp_path, Policy()).files) == 2


def bad_link(tmp_path):
    (tmp_path / "a.zip").symlink_to("/etc/hostname")


def bad_folder_link(tmp_path):
    (tmp_path / "sub").symlink_to("/etc")


def bad_fifo(tmp_path):
    os.mkfifo(tmp_path / "a.zip")


def bad_name(tmp_path):
    (tmp_path / os.fsdecode(b"a\xff.zip")).write_bytes(b"a")


def nothing(tmp_path):
    pass


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (bad_link, "is a link"),
        (bad_folder_link, "is a link"),
        (bad_fifo, "special file"),
        (bad_name, "not UTF-8"),
        (nothing, "no files"),
    ],
)
def test_what_is_no_regular_file_is_refused(tmp_path, make, why):
    make(tmp_path)
    with pytest.raises(BadInput, match=why):
        candidate_from(tmp_path, Policy())


def test_a_folder_must_be_one_and_keys_must_be_readable(tmp_path):
    with pytest.raises(BadInput, match="is no folder"):
        candidate_from(tmp_path / "none", Policy())
    (tmp_path / "a").write_bytes(b"a")
    with pytest.raises(BadInput, match="cannot be read"):
        candidate_from(tmp_path, Policy(), tmp_path / "none")


def test_too_many_files_and_too_many_keys_are_refused(tmp_path, monkeypatch):
    for name in "abc":
        (tmp_path / name).write_bytes(b"12345")
    monkeypatch.setattr(folder, "MAX_KEYS", 4)
    with pytest.raises(BadInput, match="no KEYS file is"):
        candidate_from(tmp_path, Policy(), tmp_path / "a")
    monkeypatch.setattr(folder, "MAX_FILES", 2)
    with pytest.raises(BadInput, match="more than 2 files"):
        candidate_from(tmp_path, Policy())


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    (tmp_path / "a.zip").write_bytes(b"a")

    def refuse(path, flags):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(BadInput, match=r"a\.zip cannot be read: Permission denied"):
        candidate_from(tmp_path, Policy())


def test_a_folder_that_may_not_be_read_is_named():
    with pytest.raises(BadInput, match="x cannot be read: Permission denied"):
        folder._unreadable(PermissionError(13, "Permission denied", "x"))

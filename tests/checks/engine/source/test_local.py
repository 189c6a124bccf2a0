import pytest

from checks.engine.source import local
from checks.engine.source.git import Problem
from checks.engine.source.inventory import blob_id
from checks.engine.source.local import inventory_of
from tests.checks.engine.source import repos


@pytest.fixture
def checkout(tmp_path):
    repos.repository(tmp_path / "tool", {"a": b"1\n"})
    return tmp_path / "tool"


def test_of_a_checkout_the_commit_counts_and_not_what_was_changed_since(checkout):
    (checkout / "a").write_bytes(b"changed")
    (checkout / "new").write_bytes(b"new")
    found = inventory_of(checkout)
    assert found.files["a"].id == blob_id(b"1\n")
    assert list(found.files) == ["a"]
    assert found.commit == repos.git(checkout, "rev-parse", "HEAD").decode().strip()


def test_another_commit_can_be_named(checkout):
    repos.commit(checkout, {"b": b"2\n"}, tag="v2.0")
    assert list(inventory_of(checkout, "v1.0").files) == ["a"]
    assert list(inventory_of(checkout).files) == ["a", "b"]


def test_a_bare_repository_will_do(checkout, tmp_path):
    repos.git(checkout, "clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    assert list(inventory_of(tmp_path / "bare.git").files) == ["a"]


@pytest.mark.parametrize(
    ("revision", "why"), [("nothing", "Git cannot read nothing"), ("--help", "is no commit")]
)
def test_what_is_no_commit_is_said(checkout, revision, why):
    with pytest.raises(Problem, match=why):
        inventory_of(checkout, revision)


def test_a_plain_folder_is_listed_without_what_tools_keep_in_it(tmp_path):
    for name, content in {"a": b"1", "d/run": b"2", ".svn/x": b"3"}.items():
        path = tmp_path / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "src/d/run").chmod(0o755)
    (tmp_path / "src/l").symlink_to("d")
    found = inventory_of(tmp_path / "src")
    assert {path: line[:2] for path, line in found.files.items()} == {
        "a": ("100644", blob_id(b"1")),
        "d/run": ("100755", blob_id(b"2")),
        "l": ("120000", blob_id(b"d")),
    }
    assert found.commit == ""


def test_a_checkout_that_git_will_not_read_is_no_plain_folder(tmp_path):
    (tmp_path / "tool").mkdir()
    (tmp_path / "tool/.git").write_text("gitdir: elsewhere")
    with pytest.raises(Problem, match="Git cannot read"):
        inventory_of(tmp_path / "tool")


def test_a_folder_below_a_checkout_is_a_plain_folder(checkout):
    (checkout / "below").mkdir()
    (checkout / "below/x").write_bytes(b"x")
    found = inventory_of(checkout / "below")
    assert (found.commit, list(found.files)) == ("", ["x"])


def test_what_is_no_folder_is_said(tmp_path):
    with pytest.raises(Problem, match="is no folder"):
        inventory_of(tmp_path / "nothing")


def test_too_many_files_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(local, "MAX_FILES", 1)
    for name in "ab":
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(Problem, match="more than 1 files"):
        inventory_of(tmp_path)

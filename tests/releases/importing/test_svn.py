"""Files from a Subversion repository, served by the real svnserve."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from releases.importing import svn
from releases.importing.address import Problem
from tests.releases.importing import servers
from tests.releases.importing.servers import Repository, contents, fetched, needs_svn

pytestmark = [pytest.mark.django_db, needs_svn]


@pytest.fixture
def there(tmp_path) -> Iterator[Repository]:
    (tmp_path / "served").mkdir()
    with servers.repository(tmp_path / "served") as made:
        made.commit({"dev/tool.zip": b"one", "dev/docs/x.txt": b"x", "dev/.hidden": b"h"})
        yield made


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    return made


def fetch(there: Repository, folder: Path, path: str = "/dev", at: str = "HEAD", **bounds: float):
    what = fetched(**bounds)
    svn.fetch(there.url + path, at, there.allowed, what, folder)
    return what


def test_a_folder_comes_with_the_number_of_its_revision(there, folder) -> None:
    what = fetch(there, folder, "/dev/")
    assert contents(what) == {"tool.zip": b"one", "docs/x.txt": b"x"}
    assert what.found == "1"
    assert what.left_out == [".hidden"]
    assert what.expected_files == 3


def test_an_older_revision_and_a_single_file_can_be_had(there, folder) -> None:
    there.commit({"dev/tool.zip": b"two"})
    what = fetch(there, folder, "/dev/tool.zip", "1")
    assert (contents(what), what.found) == ({"tool.zip": b"one"}, "1")


def test_externals_are_not_followed(there, folder) -> None:
    there.commit({"dev/new": b"n"}, externals="https://example.org/x elsewhere")
    assert "elsewhere/x" not in contents(fetch(there, folder, ""))


def test_a_link_is_refused(there, folder) -> None:
    checkout = there.folder / "checkout"
    (checkout / "dev" / "link").symlink_to("/etc/passwd")
    there.commit({})
    with pytest.raises(Problem, match="link is a link"):
        fetch(there, folder)


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        ({"files": 2}, "more than 2 files"),
        ({"file_bytes": 2}, "larger than 2 bytes"),
        ({"total_bytes": 4}, "All together has 5 bytes"),
    ],
)
def test_more_than_is_allowed_is_refused_before_it_comes(there, folder, bounds, why) -> None:
    with pytest.raises(Problem, match=why):
        fetch(there, folder, **bounds)
    assert not (folder / "export").exists()


def test_a_repository_that_takes_too_long_is_ended(there, folder) -> None:
    with pytest.raises(Problem, match="IMPORT_SECONDS"):
        fetch(there, folder, seconds=0.01)


@pytest.mark.parametrize(
    ("path", "at", "why"),
    [
        ("/gone", "HEAD", "nothing at this address"),
        ("/dev", "99", "no such revision"),
    ],
)
def test_what_is_not_there_is_said(there, folder, path, at, why) -> None:
    with pytest.raises(Problem, match=why):
        fetch(there, folder, path, at)


def test_a_private_repository_is_said_and_nobody_is_asked_for_a_password(there, folder) -> None:
    (there.place / "conf" / "svnserve.conf").write_text("[general]\nanon-access = none\n")
    with pytest.raises(Problem, match="asks for a password"):
        fetch(there, folder)


def test_a_server_that_is_gone_may_be_there_later(there, folder) -> None:
    there.stop()
    with pytest.raises(Problem, match="could not export this") as problem:
        fetch(there, folder)
    assert problem.value.again


def test_files_of_this_machine_are_no_repository(there, folder) -> None:
    with pytest.raises(Problem, match="begins with svn://"):
        svn.fetch(f"file://{there.place}", "HEAD", there.allowed, fetched(), folder)


def test_without_the_program_it_is_said_what_to_do(there, folder, monkeypatch) -> None:
    monkeypatch.setattr(svn.shutil, "which", lambda _: None)
    with pytest.raises(Problem, match="Operators can install it"):
        fetch(there, folder)

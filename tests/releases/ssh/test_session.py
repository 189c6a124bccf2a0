"""What one run of rsync means for a release, without SSH."""

import os
from pathlib import Path

import pytest
from django.conf import settings as live
from django.core.exceptions import PermissionDenied
from django.utils.timezone import now

from releases.models import Arrival, Release
from releases.phases import Phase
from releases.ssh import session
from releases.ssh.commands import Command
from releases.ssh.session import Session, begin, end, full
from tests import make
from tests.archives import tar_gz
from trusted_releases.ledger.limits import LIMITS, Limit, TooMany, actor_of, spend
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return make.project("tool")


@pytest.fixture
def alice(project):
    return make.member(project, username="alice")


def command(version: str = "1.0", folder: str = "", **more) -> Command:
    given = {"gives": False, "deletes": False, "project": "tool", **more}
    return Command(version=version, folder=folder, arguments=(), **given)


def put(run: Session, **files: bytes) -> Session:
    for name, content in files.items():
        place = run.folder / name.replace("__", "/").replace("_", ".")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return run


def paths(version: str = "1.0") -> list[str]:
    return [each.path for each in Release.objects.get(version=version).newest.entries]


def test_files_become_a_revision_of_a_release_that_they_begin(alice) -> None:
    run = put(begin(alice, command()), a_txt=b"a")
    assert not Release.objects.exists()
    assert end(run).startswith("Revision 1 of Tool 1.0: Uploaded a.txt by rsync. http")
    assert paths() == ["a.txt"]
    run.discard()
    assert not run.place.exists()


def test_an_empty_run_begins_nothing(alice) -> None:
    assert end(begin(alice, command())) == "No file has come, so nothing was begun."
    assert not Release.objects.exists()


def test_releases_begun_by_rsync_are_counted_with_those_begun_elsewhere(
    alice, settings, monkeypatch
) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setitem(LIMITS, "release.create", Limit(2))
    spend(actor_of(alice, ""), "release.create")
    end(put(begin(alice, command()), a_txt=b"a"))
    with pytest.raises(TooMany):
        begin(alice, command("2.0"))
    assert not Release.objects.filter(version="2.0").exists()
    assert end(put(begin(alice, command()), b_txt=b"b")).startswith("Revision 2")


def test_a_release_that_somebody_began_meanwhile_takes_the_files(alice, project) -> None:
    run = put(begin(alice, command()), a_txt=b"a")
    make.release(project, version="1.0", files={"b.txt": "b"})
    end(run)
    assert paths() == ["a.txt", "b.txt"]


def test_a_refused_upload_begins_no_release(alice) -> None:
    run = put(begin(alice, command()), a_txt=b"a", A_txt=b"b")
    with pytest.raises(BadInput, match="differ in case only"):
        end(run)
    assert not Release.objects.exists()
    assert Event.objects.filter(tag=Tag.REFUSED).exists()


def test_an_archive_is_on_its_way(alice, project) -> None:
    make.release(project, version="1.0", files={"b.txt": "b"})
    told = end(put(begin(alice, command(folder="bin/")), tool_tar_gz=tar_gz()))
    assert told.startswith("Received bin/tool.tar.gz for Tool 1.0. It becomes a revision when")
    assert Arrival.objects.get().files.get().path == "bin/tool.tar.gz"


def test_delete_concerns_its_folder_only(alice, project) -> None:
    make.release(project, version="1.0", files={"a.txt": "a", "x/b.txt": "b", "xy/c.txt": "c"})
    run = begin(alice, command(folder="x/", deletes=True))
    assert [each.name for each in run.folder.iterdir()] == ["b.txt"]
    (run.folder / "b.txt").unlink()
    end(run)
    assert paths() == ["a.txt", "xy/c.txt"]


def test_what_rsync_did_not_delete_stays_and_is_no_file_that_came(alice, project) -> None:
    make.release(project, version="1.0", files={"a.txt": "a", "x/b.txt": "b", "x/c.txt": "c"})
    run = begin(alice, command(deletes=True))
    assert full(run) == (1, 0), "the folder; names only are no files"
    (run.folder / "a.txt").unlink()
    (run.folder / "x" / "b.txt").unlink()
    put(run, x__b_txt=b"new")
    assert full(run) == (2, 3)
    (run.folder / "x").chmod(0o500)  # as a sender may have it
    end(run)
    assert paths() == ["x/b.txt", "x/c.txt"]


def test_what_lies_in_a_folder_without_any_rights_is_counted(alice) -> None:
    run = put(begin(alice, command()), x__y__b_txt=b"new")
    inner, outer = run.folder / "x" / "y", run.folder / "x"
    for folder in (inner, outer, run.folder):  # as rsync leaves them when they are full
        folder.chmod(0)
    assert full(run) == (3, 3)
    # Whoever is not root sees nothing in them without this.
    assert [each.stat().st_mode & 0o777 for each in (run.folder, outer, inner)] == [0o700] * 3


def test_a_name_that_is_no_text_is_told_so_that_a_terminal_takes_it(alice, settings) -> None:
    settings.MAX_FILE_SIZE = 3
    run = begin(alice, command())
    Path(os.fsdecode(bytes(run.folder) + b"/b\xff\x1b[31mig")).write_bytes(b"long")
    with pytest.raises(NotReady) as refused:
        full(run)
    assert str(refused.value).isprintable()
    assert r"b\udcff\x1b[31mig" in str(refused.value)


def test_names_of_the_release_are_no_way_out_of_the_folder(alice, project) -> None:
    make.release(project, version="1.0", files={"a.txt": "a"})
    run = begin(alice, command(deletes=True))
    assert (run.folder / "a.txt").is_symlink()
    assert not (run.folder / "a.txt").exists()
    (run.folder / "b.txt").symlink_to("/etc/passwd")
    with pytest.raises(BadInput, match="is a link"):
        end(run)
    assert paths() == ["a.txt"]


def test_a_version_that_is_none_and_a_project_that_is_none_are_told(alice) -> None:
    with pytest.raises(BadInput, match="is no version"):
        begin(alice, command(version="1.0-"))
    with pytest.raises(BadInput, match="There is no project other"):
        begin(alice, command(project="other"))
    assert session_folders() == []


def test_who_may_not_is_refused_and_no_folder_is_made(project) -> None:
    stranger = make.user(is_committer=True)
    draft = make.release(project, version="1.0", files={"a.txt": "a"})
    for wanted in (command(), command(version="2.0")):
        with pytest.raises(PermissionDenied):
            begin(stranger, wanted)
    assert Event.objects.filter(tag=Tag.REFUSED).count() == 2
    assert draft.last_revision == 1
    assert session_folders() == []


def test_what_one_may_not_see_is_not_there(project) -> None:
    make.release(project, version="1.0", files={"a.txt": "a"})
    with pytest.raises(BadInput, match=r"no release tool 1\.0 that you may see"):
        begin(make.user(), command(gives=True))


def test_files_are_laid_out_for_who_wants_them(alice, project) -> None:
    make.release(project, version="1.0", files={"a.txt": "a", "x/y/b.txt": "b"})
    run = begin(alice, command(gives=True))
    assert (run.folder / "x" / "y" / "b.txt").read_text() == "b"
    assert (run.folder / "a.txt").read_text() == "a"
    assert end(run) == ""
    run.discard()
    below = begin(alice, command(gives=True, folder="x/"))
    assert [each.name for each in below.folder.iterdir()] == ["y"]
    below.discard()


def test_where_no_second_name_can_be_had_files_are_copied(alice, project, monkeypatch) -> None:
    make.release(project, version="1.0", files={"a.txt": "a"})

    def refused(*given) -> None:
        raise OSError("another disk")

    monkeypatch.setattr(os, "link", refused)
    run = begin(alice, command(gives=True))
    assert (run.folder / "a.txt").read_text() == "a"
    run.discard()


def test_a_folder_that_cannot_be_laid_out_is_gone(alice, project, monkeypatch) -> None:
    make.release(project, version="1.0", files={"a.txt": "a"})

    def refused(*given) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(session, "_lay_out", refused)
    with pytest.raises(ZeroDivisionError):
        begin(alice, command(gives=True))
    assert session_folders() == []


def test_what_is_released_is_downloaded_from_its_page(alice) -> None:
    release = make.passed()
    Release.objects.filter(pk=release.pk).update(phase=Phase.RELEASED, released_at=now())
    wanted = command(version=release.version, project=release.project.slug, gives=True)
    with pytest.raises(BadInput, match=r"is released\. Download it: http"):
        begin(alice, wanted)


@pytest.mark.parametrize("name", ["MAX_FILES", "MAX_REVISION_SIZE", "MAX_FILE_SIZE"])
def test_more_than_may_be_is_refused_whatever_comes_first(alice, settings, name: str) -> None:
    run = put(begin(alice, command()), **{f"n{number}": b"xx" for number in range(8)})
    assert (full(run).files, full(run).size) == (8, 16)
    setattr(settings, name, 3 if name != "MAX_FILE_SIZE" else 1)
    with pytest.raises(NotReady, match=r"A release has at most 3|n\d is too large: .* at most 1 b"):
        full(run)
    with pytest.raises((NotReady, BadInput), match="at most"):
        end(run)
    assert not Release.objects.exists()


def test_a_file_that_is_coming_still_is_told_by_its_own_name(alice, settings) -> None:
    settings.MAX_FILE_SIZE = 1
    run = begin(alice, command())
    (run.folder / ".big.bin.aB3dEf").write_bytes(b"xx")
    with pytest.raises(NotReady, match=r"^big\.bin is too large"):
        full(run)


def test_folders_count_and_may_not_be_too_deep(alice, settings) -> None:
    run = begin(alice, command())
    settings.MAX_FILES = 3
    for number in range(7):
        (run.folder / f"d{number}").mkdir()
    with pytest.raises(NotReady):
        full(run)
    deep = begin(alice, command())
    (deep.folder / "/".join("d" * 40)).mkdir(parents=True)
    with pytest.raises(NotReady, match="folders deep"):
        full(deep)


def session_folders() -> list[Path]:
    return list(Path(live.SCRATCH_DIR).glob("rsync-*"))


@pytest.fixture(autouse=True)
def _own_scratch(settings, tmp_path: Path) -> None:
    settings.SCRATCH_DIR = tmp_path / "scratch"

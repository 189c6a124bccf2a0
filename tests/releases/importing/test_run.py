"""An import between its row and the programs that fetch."""

from pathlib import Path

import pytest

from releases.importing import run
from releases.models import Blob, Import, Release
from tests import make
from tests.releases.importing import servers
from tests.releases.importing.servers import contents, listing, needs_svn, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def release() -> Release:
    return make.release(files={"a": "a"})


def row(release: Release, host: str, settings, **more: str) -> Import:
    settings.IMPORT_HOSTS, settings.IMPORT_PRIVATE = [host], True
    settings.IMPORT_SCHEMES = ["http", "svn"]
    return release.import_files(by=make.member(release), **more)


def test_a_web_server_is_asked_within_the_limits_of_the_settings(release, settings) -> None:
    with servers.web() as web:
        web.pages |= {"/r/": listing("x.zip"), "/r/x.zip": page(b"12345")}
        asked = row(release, web.host, settings, kind="web", url=web.url + "/r/")
        told: list[tuple[int, ...]] = []
        assert contents(run.fetch(asked, lambda *each: told.append(each))) == {"x.zip": b"12345"}
        assert told[-1][:3] == (1, 0, 5)
        for name in ("MAX_FILE_SIZE", "MAX_REVISION_SIZE", "IMPORT_BYTES"):
            before = getattr(settings, name)
            setattr(settings, name, 4)
            with pytest.raises(run.Problem, match="4 bytes"):
                run.fetch(asked, lambda *_: None)
            setattr(settings, name, before)


def test_what_the_project_has_no_room_for_is_not_fetched_to_its_end(release, settings) -> None:
    sent: list[int] = []

    def large(handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while len(sent) < 1000:
            handler.wfile.write(bytes(1 << 16))
            sent.append(1 << 16)

    settings.PROJECT_QUOTA = 1 << 20
    with servers.web() as web:
        web.pages["/x.bin"] = large
        asked = row(release, web.host, settings, kind="web", url=web.url + "/x.bin")
        with pytest.raises(run.Problem, match=r"may hold 1\.0 MB together") as problem:
            run.fetch(asked, lambda *_: None)
    assert not problem.value.again
    assert Blob.objects.count() == 1  # the release's own
    assert sum(sent) < 60 << 20


@needs_svn
def test_nothing_of_a_repository_comes_that_there_is_no_room_for(
    release, settings, tmp_path
) -> None:
    settings.PROJECT_QUOTA = 1000
    with servers.repository(tmp_path) as there:
        there.commit({"x.bin": bytes(2000)})
        asked = row(release, there.host, settings, kind="svn", url=there.url)
        with pytest.raises(run.Problem, match="and this is 2"):
            run.fetch(asked, lambda *_: None)


def test_a_folder_without_files_is_a_problem_with_what_to_do(release, settings) -> None:
    with servers.web() as web:
        web.pages["/r/"] = listing(".hidden")
        asked = row(release, web.host, settings, kind="web", url=web.url + "/r/")
        with pytest.raises(run.Problem, match="no file at"):
            run.fetch(asked, lambda *_: None)


@needs_svn
def test_a_repository_is_exported_and_its_folder_is_gone_afterwards(
    release, settings, tmp_path
) -> None:
    with servers.repository(tmp_path) as there:
        there.commit({"x.zip": b"x"})
        asked = row(release, there.host, settings, kind="svn", url=there.url)
        what = run.fetch(asked, lambda *_: None)
    assert (contents(what), what.found) == ({"x.zip": b"x"}, "1")
    assert not list(Path(settings.SCRATCH_DIR).glob("import-*"))


def test_a_host_that_was_taken_off_the_list_meanwhile_is_not_asked(release, settings) -> None:
    with servers.web() as web:
        asked = row(release, web.host, settings, kind="web", url=web.url + "/x")
        settings.IMPORT_HOSTS = []
        with pytest.raises(run.Problem, match="not imported from"):
            run.fetch(asked, lambda *_: None)
        assert not web.asked

"""Uploads in a browser: cut, reloaded and gone on with; refused before they begin; dropped."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Page, Route, expect

from projects.models import Project
from releases.models import OpenUpload, Release
from tests.journeys.site import Site
from tests.journeys.steps import tool
from tests.processes import wait_for
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import Stale

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

PART = 1 << 16
PARTS = 12
CONTENT = b"".join(bytes([n]) * PART for n in range(PARTS - 1)) + b"the end"
PART_URL = "**/upload/part/**"


@pytest.fixture(scope="module")
def project(site: Site) -> Project:
    return tool(site.people)


@pytest.fixture(autouse=True)
def _small_parts(site: Site) -> Iterator[None]:
    with override_settings(UPLOAD_PART_SIZE=PART):
        yield


def draft(site: Site, project: Project, version: str) -> Release:
    return Release.objects.start(project, version, by=site.people["alice"])


def file_of(folder: Path, name: str = "big.bin", content: bytes = CONTENT) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def form(page: Page) -> Any:
    return page.locator("form[data-send]").first


def send(page: Page, *files: Path) -> None:
    form(page).locator("input[type=file]").set_input_files(files)
    form(page).get_by_role("button", name="Upload files").click()


def there(release: Release, path: str) -> bytes:
    release.refresh_from_db()
    return b"".join(release.newest.entries.get(path=path).blob.stream())


class Counted:
    """Lets so many parts through, then cuts the line."""

    def __init__(self, page: Page, most: int = 1000) -> None:
        self.most, self.sent = most, []
        page.route(PART_URL, self.pass_on)

    def pass_on(self, route: Route) -> None:
        if len(self.sent) >= self.most:
            route.abort("connectionreset")
            return
        self.sent.append(re.search(r"offset=(\d+)", route.request.url)[1])
        route.continue_()


def test_after_a_cut_and_a_reload_no_part_is_sent_twice(
    site: Site, project: Project, tmp_path: Path
) -> None:
    release, big = draft(site, project, "7.1"), file_of(tmp_path)
    with site.seat("alice") as seat:
        page = seat.page
        page.goto(release.get_absolute_url())
        line = Counted(page, most=5)
        send(page, big)
        expect(page.get_by_text("The connection broke").first).to_be_attached()
        wait_for(lambda: len(OpenUpload.objects.get(release=release).parts()) == 5)
        page.reload()
        notice = page.get_by_role("group", name="Unfinished upload 1")
        expect(notice).to_contain_text("An upload of yours has not ended")
        expect(notice).to_contain_text("big.bin")
        assert len(line.sent) == 5
        line.most = 1000
        send(page, big)
        expect(page.get_by_text("Uploaded big.bin").first).to_be_visible()
        assert len(line.sent) == len(set(line.sent)) == PARTS
    assert there(release, "big.bin") == CONTENT


def test_a_cut_line_is_gone_on_with_by_a_button(
    site: Site, project: Project, tmp_path: Path
) -> None:
    release, content = draft(site, project, "7.2"), CONTENT[::-1]
    big = file_of(tmp_path, content=content)
    with site.seat("alice") as seat:
        page = seat.page
        page.clock.install()
        page.goto(release.get_absolute_url())
        cut = Counted(page, most=4)
        send(page, big)
        expect(page.get_by_text("Trying again").first).to_be_attached()
        again = form(page).get_by_role("button", name="Go on")
        for _ in range(200):  # the minute of trying again
            if again.is_visible():
                break
            page.clock.run_for(31_000)
            page.wait_for_timeout(200)
        expect(again).to_be_focused()
        cut.most = 1000
        again.press("Enter")
        expect(page.get_by_text("Uploaded big.bin").first).to_be_visible()
        assert len(cut.sent) == len(set(cut.sent)) == PARTS
    assert there(release, "big.bin") == content


def test_what_the_site_has_is_not_sent_at_all(site: Site, project: Project, tmp_path: Path) -> None:
    one, other = draft(site, project, "7.3"), draft(site, project, "7.4")
    content = b"once" * PART
    big = file_of(tmp_path, "known.bin", content)
    with site.seat("alice") as seat:
        page = seat.page
        sent = Counted(page)
        for release, parts in ((one, 4), (other, 4)):
            page.goto(release.get_absolute_url())
            send(page, big)
            expect(page.get_by_text("Uploaded known.bin").first).to_be_visible()
            assert len(sent.sent) == parts
    assert there(other, "known.bin") == content


@pytest.mark.parametrize("refused", [False, True])
def test_a_large_one_is_put_together_while_the_page_says_how_far(
    site: Site, project: Project, tmp_path: Path, refused: bool
) -> None:
    release = draft(site, project, f"7.8.{int(refused)}")
    big = file_of(tmp_path, content=CONTENT * 2 + bytes([refused]))
    with site.seat("alice") as seat, override_settings(ASSEMBLE_AT_ONCE=0):
        page = seat.page
        page.goto(release.get_absolute_url())
        send(page, big)
        expect(page.get_by_text("Everything has arrived. Put together").first).to_be_attached()
        upload = OpenUpload.objects.get(release=release)
        if refused:
            upload.record_refused(Stale("Somebody was faster."))
            Job.objects.about(upload).delete()
            expect(form(page).get_by_role("alert")).to_contain_text("Somebody was faster.")
            return
        run_pending()
        expect(page.get_by_text("Uploaded big.bin").first).to_be_visible()
    assert there(release, "big.bin") == big.read_bytes()


def test_what_could_not_be_taken_is_refused_before_anything_is_sent(
    site: Site, project: Project, tmp_path: Path
) -> None:
    release = draft(site, project, "7.5")
    files = [file_of(tmp_path), file_of(tmp_path, "a b.txt", b"x")]
    with site.seat("alice") as seat, override_settings(MAX_FILE_SIZE=1000):
        page = seat.page
        page.goto(release.get_absolute_url())
        sent = Counted(page)
        send(page, *files)
        box = form(page).get_by_role("alert")
        expect(box).to_contain_text("big.bin has 704.0 KB; the limit for one file is 1000 bytes.")
        expect(box).to_contain_text("a b.txt: the character")
        assert sent.sent == []
        expect(form(page).get_by_role("button", name="Upload files")).to_be_enabled()


def test_a_cancelled_upload_leaves_nothing(site: Site, project: Project, tmp_path: Path) -> None:
    release, big = draft(site, project, "7.6"), file_of(tmp_path, content=CONTENT + b"!")
    with site.seat("alice") as seat:
        page = seat.page
        page.goto(release.get_absolute_url())
        Counted(page, most=3)
        send(page, big)
        expect(page.get_by_text("Trying again").first).to_be_attached()
        form(page).get_by_role("button", name="Cancel").click()
        expect(form(page).get_by_role("button", name="Upload files")).to_be_focused()
        expect(form(page).locator(".sending")).to_be_hidden()
    assert not OpenUpload.objects.filter(release=release).exists()


DROP = """(names) => {
  const form = document.querySelector("form[data-send]");
  const made = (name) => new File(["of " + name], name);
  const file = (name) => ({ isFile: true, name, file: (done) => done(made(name)) });
  const folder = (name, inside) => {
    const some = [inside, []];
    const reader = { readEntries: (done) => done(some.shift()) };
    return { isDirectory: true, name, createReader: () => reader };
  };
  const entry = folder("dist", [file("a.bin"), folder("linux", [file("b.bin")])]);
  const event = new Event("drop", { cancelable: true, bubbles: true });
  event.dataTransfer = { items: [{ webkitGetAsEntry: () => entry }] };
  form.dispatchEvent(event);
}"""


def test_a_folder_that_is_dropped_comes_without_its_own_name(site: Site, project: Project) -> None:
    release = draft(site, project, "7.7")
    with site.seat("alice") as seat:
        page = seat.page
        page.goto(release.get_absolute_url())
        page.evaluate(DROP)
        expect(page.get_by_text("2 files dropped").first).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Uploaded 2 files").first).to_be_visible()
        assert seat.complaints == []
    assert there(release, "linux/b.bin") == b"of b.bin"
    assert there(release, "a.bin") == b"of a.bin"

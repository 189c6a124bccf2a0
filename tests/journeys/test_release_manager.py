"""Alice releases: from an empty draft to the page from which the world downloads."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from projects.models import Project
from releases.models import Release
from releases.phases import Choice, Phase
from tests.journeys.site import Seat, Site
from tests.journeys.steps import (
    WAYS,
    becomes_visible,
    button,
    each_way,
    files,
    link,
    log_in,
    tool,
    type_the_name,
)
from tests.processes import MANAGE, running, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def project(site: Site) -> Project:
    return tool(site.people)


@pytest.fixture(scope="module", autouse=True)
def _worker(site: Site, project: Project) -> Iterator[None]:
    """A real one, beside all ways through this journey."""
    with running(*MANAGE, "worker", SITE_URL=site.url, DEMO="1"):
        yield


@each_way
def test_from_an_empty_draft_to_the_download_page(
    site: Site, project: Project, tmp_path: Path, scripts: bool, width: int
) -> None:
    version = f"1.{WAYS.index((scripts, width))}"
    with site.seat(scripts=scripts, width=width) as seat:
        start(seat, project, version)
        release = Release.objects.get(project=project, version=version)
        made = files(tmp_path, version)
        compose(seat, made)
        call(seat)
        others_vote(site, release)
        resolve(seat)
        publish(seat)
        announce(seat, release)
        download(seat, made)
        assert seat.complaints == []


def start(seat: Seat, project: Project, version: str) -> None:
    page = seat.page
    page.goto("/")
    link(page, "^log in").first.click()
    log_in(page, "alice")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(project.get_absolute_url())
    link(page, "start a (new )?release").first.click()
    page.get_by_role("textbox", name="Version").fill(version)
    button(page, "start the release").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(version)


def upload(page: Page, paths: list[Path]) -> None:
    button(page, "^(choose )?files").set_input_files(paths)
    button(page, "^upload").click()


def compose(seat: Seat, made: dict[str, Path]) -> None:
    """A wrong checksum is found, understood and mended; then a vote can be called."""
    page = seat.page
    right = made["checksum"].read_text()
    made["checksum"].write_text(right.replace(right[:8], "0" * 8))
    upload(page, list(made.values()))
    becomes_visible(seat, page.get_by_text(re.compile("blocker", re.IGNORECASE)).first)
    link(page, "finding").first.click()
    expect(page.get_by_text(re.compile("checksum", re.IGNORECASE)).first).to_be_visible()
    expect(page.get_by_role("heading", name=made["checksum"].name).first).to_be_visible()
    page.go_back()
    made["checksum"].write_text(right)
    upload(page, [made["checksum"]])
    becomes_visible(seat, link(page, "^call a vote"))


def mail_reads(page: Page, words: str) -> None:
    """The mail is shown as it will go out, before it goes."""
    preview = page.get_by_role("region", name="The mail, as it will go out")
    expect(preview).to_contain_text(re.compile(words))
    expect(preview).not_to_contain_text("{{")


def call(seat: Seat) -> None:
    page = seat.page
    link(page, "^call a vote").first.click()
    mail_reads(page, r"\[VOTE\].*Apache Tool")
    concerns = page.get_by_role("group", name="Concerns")
    for concern in concerns.get_by_role("checkbox").all():
        concern.check()
    button(page, "^call (the )?vote").click()
    expect(page).to_have_url(re.compile("/votes?/"))


def others_vote(site: Site, release: Release) -> None:
    vote = release.votes.get()
    for name in ("alice", "bob", "carol"):
        vote.cast(Choice.FOR, by=site.people[name], manifest_digest=vote.manifest_digest)


def resolve(seat: Seat) -> None:
    page = seat.page
    becomes_visible(seat, page.get_by_text("Carol Chen").first)
    link(page, "^resolve").first.click()
    page.get_by_role("radio", name=re.compile("^passed", re.IGNORECASE)).check()
    if seat.scripts:
        mail_reads(page, r"\[RESULT\]")
    type_the_name(page)
    button(page, "^resolve").click()
    expect(page).not_to_have_url(re.compile("/resolve/"))
    expect(page.get_by_role("main")).to_contain_text(re.compile("passed", re.IGNORECASE))


def publish(seat: Seat) -> None:
    page = seat.page
    link(page, "^publish…?$").first.click()
    type_the_name(page)
    button(page, "^publish").click()
    becomes_visible(seat, link(page, "^announce"))


def announce(seat: Seat, release: Release) -> None:
    page = seat.page
    link(page, "^announce").first.click()
    mail_reads(page, rf"Apache Tool {re.escape(release.version)}")
    type_the_name(page)
    button(page, "^announce").click()
    expect(page).to_have_url(re.compile("/download/$"))
    wait_for(lambda: Release.objects.get(pk=release.pk).phase == Phase.RELEASED)


def download(seat: Seat, made: dict[str, Path]) -> None:
    page = seat.page
    for path in made.values():
        with page.expect_download() as begun:
            # A signature is called so, beside its file: what tells it from others is its address.
            page.get_by_role("main").locator(f"a[href$='/{path.name}']").first.click()
        assert Path(begun.value.path()).read_bytes() == path.read_bytes()

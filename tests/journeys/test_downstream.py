"""A stranger with a digest: what it is, how to get it, and proof on the own machine."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.looks import OVERFLOW
from tests.journeys.site import NARROW, PATIENCE, Site
from tests.journeys.steps import each_way, link

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]


def search(page: Page, words: str) -> None:
    """The search that every page has, wherever a narrow screen puts it."""
    box = page.get_by_role("searchbox").first
    if not box.is_visible():
        link(page, "^search").first.click()
        box = page.get_by_role("main").get_by_role("searchbox").first
    box.fill(words)
    box.press("Enter")


def commands_of(page: Page, scripts: bool) -> list[str]:
    """What one gets by the copy buttons, or by selecting the text where there are none."""
    for each in page.get_by_role("main").locator("summary").all():
        each.click()
    shown = [each.inner_text() for each in page.get_by_role("main").locator("pre:has(code)").all()]
    buttons = page.get_by_role("button", name="Copy the command", exact=True)
    if not scripts:
        expect(buttons).to_have_count(0)  # it would do nothing
        return shown
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    copied = []
    for each in buttons.all():
        each.click()
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    assert [each.strip() for each in copied] == [each.strip() for each in shown]
    return copied


def run(command: str, folder: Path) -> str:
    """In a real shell, with a key ring of its own; every command must succeed."""
    home = folder / "gnupg"
    home.mkdir(mode=0o700, exist_ok=True)
    quiet = {"GNUPGHOME": str(home), "NO_PROXY": "localhost", "no_proxy": "localhost"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, **quiet, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


@each_way
def test_from_a_pasted_digest_to_a_verified_download(
    site: Site, tmp_path: Path, scripts: bool, width: int
) -> None:
    release = site.world.released
    entry = release.voted.entries.get(path__endswith=".tar.gz")
    with site.seat(scripts=scripts, width=width) as seat:
        page = seat.page
        page.goto("/")
        search(page, entry.blob.sha512)
        main = page.get_by_role("main")
        expect(main).to_contain_text(entry.path)
        if not page.url.endswith("/download/"):
            page.goto(link(page, r"\b1\.0\b").first.get_attribute("href") or "")
        expect(page).to_have_url(re.compile("/download/$"))
        with page.expect_download() as begun:
            page.get_by_role("link", name=entry.path, exact=True).first.click()
        assert Path(begun.value.path()).stat().st_size == entry.blob.size
        told = "".join(run(command, tmp_path) for command in commands_of(page, scripts))
        assert f"{entry.path}: OK" in told
        assert "Good signature" in told
        assert "VERIFIED" in told
        assert "NOT VERIFIED" not in told
        for proof in ("KEYS", "manifest", "vote"):
            address = link(page, rf"\b{proof}\b").first.get_attribute("href")
            assert page.request.get(f"{site.url}{address}").ok, proof
        assert seat.complaints == []


def test_a_changed_download_is_found_out_by_the_same_commands(site: Site, tmp_path: Path) -> None:
    release = site.world.released
    name = release.voted.entries.get(path__endswith=".tar.gz").path
    with site.seat(scripts=False) as seat:
        seat.page.goto(f"{release.get_absolute_url()}download/")
        commands = commands_of(seat.page, scripts=False)
    steps = [each for each in commands if "VERIFIED" not in each and "verify.sh" not in each]
    run(steps[0], tmp_path)
    (tmp_path / name).write_bytes(b"something else")
    verdicts = []
    for command in steps[1:]:
        try:
            run(command, tmp_path)
        except AssertionError as error:
            verdicts.append(str(error))
    assert any("FAILED" in each for each in verdicts)
    assert any("BAD signature" in each for each in verdicts)


@pytest.mark.parametrize("name", ["download", "vote"])
def test_a_printed_page_says_everything_and_fits_the_paper(site: Site, name: str) -> None:
    release = site.world.released
    with site.seat(width=NARROW * 2) as seat:
        page = seat.page
        page.goto(f"{release.get_absolute_url()}{name}/")
        page.emulate_media(media="print")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text(release.voted.manifest_digest)
        expect(page.get_by_role("navigation").first).to_be_hidden(timeout=PATIENCE)
        assert page.evaluate(OVERFLOW) == []
        assert page.pdf().startswith(b"%PDF")

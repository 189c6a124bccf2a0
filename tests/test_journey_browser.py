"""One release in a real browser, from files to announcement, with a real worker beside it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from keys.models import Certificate
from projects.models import Project, User
from projects.roles import Role
from releases.models import Release
from tests import make, pgp
from tests.checks.engine.made import tar
from tests.processes import ROOT, wait_for

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True),
]

PASSWORD = "correct horse battery staple"
NAME = "apache-tool-1.0-src.tar.gz"
LICENSE = ROOT / "checks" / "rules" / "data" / "apache-2.0.txt"
ATTRIBUTION = (
    b"This product includes software developed at\n"
    b"The Apache Software Foundation (http://www.apache.org/).\n"
)
PATIENCE = 90_000  # milliseconds, for what a worker does on a machine with much else to do


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Five seconds, the default, is too little for a page on a busy machine."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def project() -> Project:
    return make.project("tool", name="Apache Tool", committee=make.committee("tool"))


@pytest.fixture
def people(project) -> list[User]:
    """A release manager who is a member, and two more members."""
    names = ("alice", "bob", "carol")
    members = [make.member(project, Role.MEMBER, username=name) for name in names]
    for person in members:
        person.set_password(PASSWORD)
        person.save()
    return members


@pytest.fixture
def files(tmp_path, project, people) -> list[Path]:
    """A signed source release with its checksum; its key is the committee's."""
    signer = pgp.Signer("Alice Archer <alice@example.org>")
    archive = tmp_path / NAME
    notice = b"Apache Tool\nCopyright 2026 The Apache Software Foundation\n\n" + ATTRIBUTION
    root = "apache-tool-1.0-src"
    archive.write_bytes(
        tar({root: None, f"{root}/LICENSE": LICENSE.read_bytes(), f"{root}/NOTICE": notice})
    )
    digest = hashlib.sha512(archive.read_bytes()).hexdigest()
    checksum = archive.with_name(f"{NAME}.sha512")
    checksum.write_text(f"{digest}  {NAME}\n")
    signature = signer.home.sign(archive, keys=[signer.fingerprint])
    Certificate.objects.import_keys(signer.public, committee=project.committee, by=people[0])
    return [archive, signature, checksum]


def log_in(page: Page, person: User) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", person.username)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    expect(page.get_by_text("Log out")).to_be_visible()


def complaints_of(page: Page) -> list[str]:
    """What the browser complains about: scripts that fail, things the policy forbids."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda line: found.append(line.text) if "Content Security Policy" in line.text else None,
    )
    return found


def test_a_release_goes_from_files_to_announcement(
    browser_page: Page, chromium: Browser, live_server, live_worker, project, people, files
):
    page, (alice, *others) = browser_page, people
    page.set_default_timeout(30_000)
    complaints = complaints_of(page)
    log_in(page, alice)

    page.goto(project.get_absolute_url())
    page.click("text=Start a release")
    page.fill("input[name=version]", "1.0")
    page.click("text=Start the release")

    page.set_input_files("#files", [str(file) for file in files])
    page.click("form.upload button[type=submit]")
    # Nobody reloads: the page itself finds out when the checks are done.
    expect(page.locator("#state").get_by_text("Nothing stands in the way")).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.locator("table.files .level.good")).to_have_text("good")

    page.click("text=Call a vote")
    for concern in page.locator("input[name=acknowledged]").all():
        concern.check()
    page.click("main button.danger")
    expect(page.get_by_text("The vote has begun")).to_be_visible()

    vote_page = page.url
    vote(page)
    for person in others:
        context = chromium.new_context(base_url=live_server.url)
        context.set_default_timeout(30_000)
        theirs = context.new_page()
        log_in(theirs, person)
        theirs.goto(vote_page)
        vote(theirs)
        context.close()

    page.reload()
    expect(page.locator("table.tally")).to_contain_text("3 of 3")
    page.click("text=Resolve the vote…")
    page.check("input[value=passed]")
    page.click("main button.danger")

    page.click("text=Publish…")
    page.click("main button.danger")
    announce = page.get_by_role("link", name="Announce…")
    expect(announce).to_be_visible(timeout=PATIENCE)
    announce.click()
    page.fill("input[name=typed]", "1.0")
    page.click("main button.danger")
    expect(page.get_by_text("The release is announced.")).to_be_visible()

    for file in files:
        with page.expect_download() as started:
            page.locator("table.files").get_by_role("link", name=file.name, exact=True).click()
        assert Path(started.value.path()).read_bytes() == file.read_bytes()
    release = Release.objects.get()
    # The call, three ballots, the result, the news.
    wait_for(lambda: release.messages.exclude(sent_at=None).count() == 6, seconds=90)
    assert complaints == []


def vote(page: Page) -> None:
    page.check("input[name=choice][value='+1']")
    page.fill("textarea[name=comment]", "Signature and checksum are good.")
    page.click("#ballot button[type=submit]")
    expect(page.get_by_text("Your vote is counted.")).to_be_visible()


def test_without_scripts_files_go_up_and_the_page_says_how_to_see_more(
    chromium: Browser, live_server, project, people, files
):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    context.set_default_timeout(30_000)
    page = context.new_page()
    log_in(page, people[0])
    page.goto(f"/projects/{project.slug}/start/")
    page.fill("input[name=version]", "1.0")
    page.click("text=Start the release")
    page.set_input_files("#files", [str(file) for file in files])
    page.fill("input[name=directory]", "src")
    page.click("form.upload button[type=submit]")
    expect(page.get_by_text("Uploaded 3 files: revision 1.")).to_be_visible()
    expect(page.get_by_role("link", name="Reload this page")).to_be_visible()
    expect(page.get_by_role("link", name=f"src/{NAME}", exact=True)).to_be_visible()
    context.close()


def test_a_refused_upload_is_told_where_one_is_and_changes_nothing(
    browser_page: Page, project, people, tmp_path
):
    bad = tmp_path / "with space.tar.gz"
    bad.write_bytes(b"bytes")
    log_in(browser_page, people[0])
    draft = make.release(project, by=people[0], version="1.0")
    browser_page.goto(draft.get_absolute_url())
    browser_page.set_input_files("#files", str(bad))
    browser_page.click("form.upload button[type=submit]")
    expect(browser_page.locator(".refusals")).to_contain_text("is not allowed. Use letters")
    expect(browser_page.locator("form.upload button[type=submit]")).to_be_enabled()
    connection.close()
    assert Release.objects.get().last_revision == 0

"""Bob votes: from the link in the mail to a ballot that counts, with the keyboard alone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from projects.models import Project
from releases import texts
from releases.models import Message, Release, Vote
from releases.phases import Choice, Outcome
from tests import make
from tests.journeys.site import Seat, Site
from tests.journeys.steps import WAYS, checked_draft, each_way, link, tool
from trusted_releases import demo
from trusted_releases.ledger.worker import run_pending

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

MOST = 200  # presses of Tab; no page has that many things to stop at


@pytest.fixture(scope="module")
def project(site: Site) -> Project:
    return tool(site.people)


def call(site: Site, release: Release) -> Vote:
    """Put the newest revision to the vote, and send the mail that says so."""
    alice, newest = site.people["alice"], release.newest
    assert newest is not None
    subject, body = texts.vote_mail(release, alice)
    vote = release.start_vote(
        by=alice,
        revision=newest.number,
        subject=subject,
        body=body,
        acknowledged=newest.concerns,
    )
    run_pending()
    return vote


def address_in_the_mail(release: Release) -> str:
    """The address of the vote, as people find it in their mail."""
    body = Message.objects.filter(release=release, subject__contains="[VOTE]").latest("pk").body
    found = re.findall(r"https?://\S+/votes?/\S*", body)
    assert found, body
    return found[0]


def tab_to(page: Page, what: Locator) -> None:
    """Press Tab until the focus is there."""
    target = what.element_handle()
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if target.evaluate("(each) => each === document.activeElement"):
            return
    raise AssertionError(f"{what} is not reached by Tab.")


def log_in_by_keyboard(page: Page) -> None:
    tab_to(page, link(page, "^log in").last)
    page.keyboard.press("Enter")
    form = page.get_by_role("main")
    name = form.get_by_role("textbox").first
    expect(name).to_be_visible()
    if not name.evaluate("(each) => each === document.activeElement"):
        tab_to(page, name)
    page.keyboard.type("bob")
    tab_to(page, form.get_by_label(re.compile("^password", re.IGNORECASE)))
    page.keyboard.type(demo.password())
    page.keyboard.press("Enter")


def choose(page: Page, choice: str) -> None:
    """To the group of choices by Tab, to the choice by arrows, and off by Enter."""
    wanted = page.get_by_role("radio", name=re.compile(rf"^{re.escape(choice)}(?!\d)"))
    here = page.locator("input[type=radio]:checked")
    tab_to(page, here if here.count() else page.get_by_role("radio").first)
    if not here.count():
        page.keyboard.press("Space")
    for _ in range(page.get_by_role("radio").count()):
        if wanted.is_checked():
            break
        page.keyboard.press("ArrowDown")
    expect(wanted).to_be_checked()


def say(page: Page, text: str) -> None:
    tab_to(page, page.get_by_label(re.compile("^comment", re.IGNORECASE)))
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
    tab_to(page, page.get_by_role("button", name=re.compile("vote", re.IGNORECASE)).last)
    page.keyboard.press("Enter")


@each_way
def test_from_the_mail_to_a_changed_ballot_by_keyboard(
    site: Site, project: Project, tmp_path: Path, scripts: bool, width: int
) -> None:
    version = f"2.{WAYS.index((scripts, width))}"
    release = checked_draft(project, site.people["alice"], tmp_path, version)
    vote = call(site, release)
    address = address_in_the_mail(release)
    with site.seat(scripts=scripts, width=width) as seat:
        page = seat.page
        page.goto(address)
        main = page.get_by_role("main")
        expect(main).to_contain_text(vote.manifest_digest)
        expect(main).to_contain_text(f"apache-tool-{version}-source.tar.gz")
        log_in_by_keyboard(page)
        expect(page).to_have_url(re.compile(re.escape(address) + "(#.*)?$"))
        choose(page, "-1")
        say(page, "The notice names last year.")
        expect(page.get_by_role("main")).to_contain_text("The notice names last year.")
        choose(page, "+1")
        say(page, "Looked again: it is right.")
        main = page.get_by_role("main")
        expect(main).to_contain_text("Looked again: it is right.")
        expect(main).to_contain_text("You voted +1")
        expect(main).to_contain_text(re.compile(r"1 of 3"))
        assert [each.choice for each in vote.latest_ballots()] == [Choice.FOR]
        closed_is_told(site, seat, release)
        assert seat.complaints == []


def closed_is_told(site: Site, seat: Seat, release: Release) -> None:
    """Who votes after the end reads that, and nothing is counted."""
    release.refresh_from_db()
    release.resolve_vote(Outcome.CANCELLED, by=site.people["alice"], seen=release.last_vote)
    page = seat.page
    before = release.votes.get().ballots.count()
    page.get_by_role("button", name=re.compile("vote", re.IGNORECASE)).last.click()
    expect(page.get_by_role("alert").first).to_contain_text(re.compile("vote", re.IGNORECASE))
    assert release.votes.get().ballots.count() == before


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_ballot_for_files_that_are_not_voted_on_any_more_is_refused(
    site: Site, project: Project, tmp_path: Path, scripts: bool
) -> None:
    """The page was open while the vote was cancelled and called again on other files."""
    alice, version = site.people["alice"], f"3.{int(scripts)}"
    release = checked_draft(project, alice, tmp_path, version)
    call(site, release)
    with site.seat("bob", scripts=scripts) as seat:
        page = seat.page
        page.goto(address_in_the_mail(release))
        page.get_by_role("radio", name=re.compile(r"^\+1")).check()
        release.refresh_from_db()
        release.resolve_vote(Outcome.CANCELLED, by=alice, seen=release.last_vote)
        release.add_files({"RELEASE-NOTES.md": make.blob("Faster.\n")}, by=alice)
        run_pending()
        again = call(site, Release.objects.get(pk=release.pk))
        page.get_by_role("button", name=re.compile("vote", re.IGNORECASE)).last.click()
        told = page.get_by_role("alert").first
        expect(told).to_contain_text(re.compile("not taken", re.IGNORECASE))
        assert not again.ballots.exists()
        link(page, f"vote {again.number}").first.click()
        expect(page.get_by_role("main")).to_contain_text(again.manifest_digest)
        expect(page.get_by_role("radio", name=re.compile(r"^\+1"))).not_to_be_checked()

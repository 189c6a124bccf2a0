"""An operator: in with a second factor, a failed job, a vote to cancel, a word to everybody."""

import base64
import hashlib
import hmac
import re
import struct
import time
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from playwright.sync_api import Page, expect

from projects.models import User
from releases.models import Release
from releases.phases import Outcome, Phase
from tests import make
from tests.journeys.site import Seat, Site
from tests.journeys.steps import (
    TYPED,
    WAYS,
    button,
    checked_draft,
    each_way,
    link,
    log_in,
    tool,
    type_the_name,
)
from trusted_releases import demo
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.worker import run_pending

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(200)]

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
REASON = "The disk was full; it is not any more."


def code(secret: str) -> str:
    """The six digits of this half minute (RFC 6238), as the app on a phone shows them."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def operator(name: str) -> User:
    person = make.user(name, full_name="Olga Operator", is_staff=True, is_superuser=True)
    person.set_password(demo.password())
    person.save()
    return person


def enter_code(page: Page, secret: str) -> None:
    page.get_by_role("textbox", name=re.compile("code", re.IGNORECASE)).fill(code(secret))
    page.keyboard.press("Enter")


def give_reason(page: Page, submit: str) -> None:
    page.get_by_role("textbox", name=re.compile("^reason", re.IGNORECASE)).fill(REASON)
    if page.get_by_role("textbox", name=TYPED).count():  # only what nothing takes back asks for it
        type_the_name(page)
    button(page, submit).click()


@each_way
def test_from_the_second_factor_to_acting_on_behalf(
    site: Site, settings: Any, tmp_path: Path, scripts: bool, width: int
) -> None:
    settings.ADMIN_MFA = True
    number = WAYS.index((scripts, width))
    person = operator(f"olga{number}")
    TOTP.activate(person, SECRET)
    release = voting(site, tmp_path, f"5.{number}")
    with site.seat(scripts=scripts, width=width) as seat:
        come_in(seat, person)
        retry_a_failed_job(seat, release)
        cancel_the_vote(seat, release)
        tell_everybody(site, seat, f"Maintenance on Sunday, {number}.")
        act_for_alice(seat, f"6.{number}", person)
        assert seat.complaints == []


def voting(site: Site, folder: Path, version: str) -> Release:
    """An open vote, and one job of it that has failed."""
    alice = site.people["alice"]
    release = checked_draft(tool(site.people), alice, folder, version)
    make.vote(release, by=alice)
    run_pending()
    failed = Job.objects.filter(release=str(release.pk)).latest("pk")
    Job.objects.filter(pk=failed.pk).update(state=Job.State.FAILED, error="The disk is full.")
    return Release.objects.get(pk=release.pk)


def come_in(seat: Seat, person: User) -> None:
    page = seat.page
    page.goto("/admin/")
    form = page.get_by_role("main")
    form.get_by_label(re.compile("^(log ?in|user)", re.IGNORECASE)).fill(person.username)
    form.get_by_label(re.compile("^password", re.IGNORECASE)).fill(demo.password())
    form.get_by_role("button", name="Log in", exact=True).click()
    enter_code(page, SECRET)
    expect(page).to_have_url(re.compile("/admin/$"))
    expect(page.get_by_role("main")).to_contain_text(re.compile("failed", re.IGNORECASE))


def retry_a_failed_job(seat: Seat, release: Release) -> None:
    page = seat.page
    job = Job.objects.failed().get(release=str(release.pk))
    link(page, "failed").first.click()
    expect(page.get_by_role("main")).to_contain_text("The disk is full.")
    page.get_by_role("main").get_by_role("link", name=str(job.pk), exact=True).first.click()
    link(page, "^run again").click()
    give_reason(page, "^run again")
    expect(page.get_by_role("main")).to_contain_text("Run again: done")
    run_pending()
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def cancel_the_vote(seat: Seat, release: Release) -> None:
    page = seat.page
    page.goto("/admin/releases/release/")
    page.get_by_role("main").get_by_role("link", name=str(release), exact=True).first.click()
    link(page, "^cancel the vote").click()
    expect(page.get_by_role("main")).to_contain_text("This cannot be undone")
    give_reason(page, "^cancel the vote")
    expect(page.locator("body")).to_contain_text("Cancel the vote: done")
    assert release.votes.get().outcome == Outcome.CANCELLED
    assert Release.objects.get(pk=release.pk).phase == Phase.COMPOSE


def tell_everybody(site: Site, seat: Seat, text: str) -> None:
    page = seat.page
    page.goto("/admin/projects/banner/add/")
    page.get_by_role("textbox", name=re.compile("^text", re.IGNORECASE)).fill(text)
    button(page, "^save$").click()
    expect(page.locator("body")).to_contain_text("was added")
    with site.seat(scripts=seat.scripts) as other:
        other.page.goto("/")
        expect(other.page.get_by_text(text)).to_be_visible()


def act_for_alice(seat: Seat, version: str, person: User) -> None:
    """In her name, and the log has both."""
    page = seat.page
    page.goto("/admin/projects/user/")
    page.get_by_role("main").get_by_role("link", name="alice", exact=True).first.click()
    link(page, "^act on behalf").click()
    give_reason(page, "^act")
    strip = page.get_by_text(re.compile("acts for Alice", re.IGNORECASE))
    expect(strip.first).to_be_visible()
    page.goto("/projects/tool/start/")
    page.get_by_role("textbox", name="Version").fill(version)
    button(page, "start the release").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(version)
    made = Release.objects.get(version=version)
    event = Event.objects.of_release(made.pk).earliest("pk")
    assert (event.actor, event.facts["on_behalf_of"]) == (person.username, "alice")
    button(page, "^stop acting").click()
    expect(page.get_by_text(re.compile("acts for Alice", re.IGNORECASE))).to_have_count(0)


def test_who_has_no_second_factor_is_led_to_one_and_back(site: Site, settings: Any) -> None:
    settings.ADMIN_MFA = True
    person = operator("nora")
    with site.seat(scripts=False) as seat:
        page = seat.page
        page.goto("/accounts/login/")
        log_in(page, person.username)
        page.goto("/admin/")
        expect(page.get_by_role("heading", level=1)).to_contain_text("second factor")
        link(page, "set up an app").click()
        if not page.get_by_label(re.compile("secret", re.IGNORECASE)).count():
            page.get_by_role("main").get_by_label(re.compile("^password", re.I)).fill(
                demo.password()
            )
            page.keyboard.press("Enter")
        secret = page.get_by_label(re.compile("secret", re.IGNORECASE)).input_value()
        enter_code(page, secret)
        link(page, "go on to the console").click()
        if not page.url.endswith("/admin/"):
            cache.clear()  # a code is taken once; another one would be half a minute away
            enter_code(page, secret)
        expect(page).to_have_url(re.compile("/admin/$"))
        expect(link(page, "failed").first).to_be_visible()
        assert seat.complaints == []

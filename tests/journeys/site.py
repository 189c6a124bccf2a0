"""A site that lives as long as a test module: its people and releases, and browsers to see it.

Building a world takes seconds, so that the tests of one module share theirs. Tests that change
something change a release of their own.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from projects.models import User
from tests import pages
from tests.journeys.complaints import Complaints
from tests.visitors import logged_in
from trusted_releases import demo

WIDE, NARROW = 1280, 390
HEIGHT = 900
PATIENCE = 20_000  # milliseconds, on a machine with much else to do


@dataclass
class Seat:
    """A person before a browser."""

    context: BrowserContext
    page: Page
    complaints: Complaints
    scripts: bool


@dataclass
class Site:
    url: str
    chromium: Browser

    @cached_property
    def world(self) -> pages.World:
        """People, and releases at each point of their lives; made when first asked for."""
        return pages.world()

    @cached_property
    def people(self) -> dict[str, User]:
        return demo.people()

    @contextmanager
    def seat(
        self, by: str = pages.NOBODY, *, scripts: bool = True, width: int = WIDE, scheme: str = ""
    ) -> Iterator[Seat]:
        """A fresh profile in which this person, if any, is logged in."""
        context = self.chromium.new_context(
            base_url=self.url,
            viewport={"width": width, "height": HEIGHT},
            java_script_enabled=scripts,
            color_scheme="dark" if scheme == "dark" else "light",
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE)
        complaints = Complaints(context)
        try:
            if by:
                enter(context, self.url, self.people[by])
            yield Seat(context, context.new_page(), complaints, scripts)
        finally:
            context.close()

    @property
    def password(self) -> str:
        return demo.password()


def enter(context: BrowserContext, url: str, person: User) -> None:
    """Be logged in as this person, without the form."""
    cookie = logged_in(person).cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


@contextmanager
def open_for_visitors(chromium: Browser) -> Iterator[Site]:
    """The world, served; all of it is gone afterwards."""
    server = LiveServer("localhost")
    try:
        with override_settings(SITE_URL=server.url, DEMO=True, ADMIN_MFA=False):
            yield Site(server.url, chromium)
    finally:
        server.stop()
        shutil.rmtree(Path(settings.DATA_DIR) / "downloads", ignore_errors=True)

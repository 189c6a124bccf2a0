"""What the tests of journeys and pages share."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from playwright.sync_api import Browser, expect

from tests.journeys.site import PATIENCE, Site, open_for_visitors


@pytest.fixture(scope="module")
def transactional_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database, emptied at the end of a module and not after each of its tests.

    It has the name of pytest-django's own, which sorts the tests that use it behind those that
    roll back, and makes the database for them.
    """
    with django_db_blocker.unblock():
        yield
        call_command("flush", interactive=False, verbosity=0)
        connections.close_all()


@pytest.fixture(scope="module")
def site(chromium: Browser, transactional_db: None) -> Iterator[Site]:
    """The product with people and releases in it, for all tests of a module."""
    with open_for_visitors(chromium) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _nothing_left_in_the_download_area() -> None:
    """What a module's world has published stays for the module; `site` cleans up."""


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """Five seconds, the default, is too little for a page on a busy machine."""
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)

"""Fixtures that every test may ask for. What they are made of stands in the modules beside."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from playwright.sync_api import Browser, Page

from tests import browser, processes, s3, smtp


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Let processes that tests start find the test's database as their own."""
    with django_db_blocker.unblock():
        os.environ["DATABASE_URL"] = processes.database_url()


@pytest.fixture(autouse=True)
def _nothing_left_in_the_cache() -> None:
    """Rate limits of one test are not those of the next."""
    if django_settings.configured:  # not where only the engine is tested, without Django
        cache.clear()
        # That there is no banner is known: the queries of pages are counted without that one.
        cache.set("banner", "")


@pytest.fixture(autouse=True)
def _nothing_left_in_the_download_area() -> None:
    """A release of one test does not lie where the next one publishes."""
    if django_settings.configured:
        shutil.rmtree(Path(django_settings.DATA_DIR) / "downloads", ignore_errors=True)


@pytest.fixture
def data_dir() -> Path:
    """Where this process keeps blobs, downloads and scratch; never in the work tree."""
    return Path(django_settings.DATA_DIR)


@pytest.fixture(name="smtp")
def smtp_server(settings: Any) -> Iterator[smtp.Received]:
    """A real SMTP server that Django's mail goes to, with the messages it received."""
    with smtp.serving() as received:
        for name, value in received.settings().items():
            setattr(settings, name, value)
        yield received


@pytest.fixture(scope="session")
def s3_server() -> Iterator[s3.Bucket]:
    with s3.serving() as bucket:
        yield bucket


@pytest.fixture(name="s3")
def s3_blobs(s3_server: s3.Bucket, settings: Any) -> s3.Bucket:
    """An empty bucket, in which the blob store of this test lies."""
    s3_server.clear()
    settings.BLOB_STORE = "s3"
    settings.STORAGES = {**settings.STORAGES, "blobs": s3_server.storage()}
    return s3_server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with browser.running() as found:
        yield found


@pytest.fixture
def browser_page(chromium: Browser, live_server: Any) -> Iterator[Page]:
    """A fresh page of a fresh profile; paths such as "/login" are those of the live server."""
    context = chromium.new_context(base_url=live_server.url, accept_downloads=True)
    context.set_default_timeout(15_000)
    try:
        yield context.new_page()
    finally:
        context.close()


@pytest.fixture
def start_worker(
    transactional_db: None,
) -> Callable[..., AbstractContextManager[processes.Child]]:
    """`with start_worker() as worker:` is a real `manage.py worker` on the test's database."""

    def start(*arguments: str, **env: str) -> AbstractContextManager[processes.Child]:
        return processes.running(*processes.MANAGE, "worker", *arguments, **env)

    return start


@pytest.fixture
def live_worker(
    start_worker: Callable[..., AbstractContextManager[processes.Child]],
) -> Iterator[processes.Child]:
    """A real worker beside the test, stopped at its end."""
    with start_worker() as worker:
        yield worker

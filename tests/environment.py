"""What must be so before Django is imported: the environment, and the database server.

A pytest plugin, named in pyproject.toml. Tests never see the developer's own settings or data:
everything is written below one temporary directory, which goes away with the process.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Cluster

FRESH = {
    "ENV_FILE": "",
    "DEBUG": "1",
    "DEMO": "0",
    "HTTPS": "0",
    "SECRET_KEY": "for-tests-only-" + "0123456789" * 5,
    "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
    "SITE_URL": "http://testserver",
    "MAIL_DOMAIN": "example.org",
    "BLOB_STORE": "files",
    "LOG_LEVEL": "WARNING",
    # The sync API of Playwright keeps an event loop running in the thread of the test.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
    # No test reaches a cloud, or finds its credentials.
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
# Read by settings.py; what the developer's shell says about them is not for tests.
OURS = ("BLOB_DIR", "DOWNLOADS_DIR", "SCRATCH_DIR", "LOG_SIGNING_KEY_FILE", "EMAIL_BACKEND")
ALSO_OURS = ("OIDC_ISSUER", "S3_BUCKET", "S3_ENDPOINT_URL", "SINGLE_QUEUE", "SECRET_KEY_FILE")

CLUSTER = pytest.StashKey[Cluster]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db",
        choices=["sqlite", "postgres"],
        default="sqlite",
        help="the database: a SQLite file, or a throw-away PostgreSQL cluster",
    )
    parser.addoption(
        "--only-db",
        action="store_true",
        help="leave out what another database cannot change: tests that use none, or marked `once`",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Set the stage once in the main process; the workers of xdist inherit it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        run = Path(tempfile.mkdtemp(prefix="tr-tests-"))
        atexit.register(shutil.rmtree, run, ignore_errors=True)
        os.environ["TEST_RUN_DIR"] = str(run)
        for name in OURS + ALSO_OURS:
            os.environ.pop(name, None)
        os.environ.update(FRESH)
        if early_config.known_args_namespace.db == "postgres":
            early_config.stash[CLUSTER] = cluster = Cluster.start()
            os.environ["DATABASE_URL"] = cluster.url("postgres")
    data = Path(os.environ["TEST_RUN_DIR"]) / (worker or "main")
    data.mkdir()
    os.environ["DATA_DIR"] = str(data)
    if early_config.known_args_namespace.db == "sqlite":
        os.environ["DATABASE_URL"] = f"sqlite:///{data}/unused.sqlite3"
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the cluster, also after Ctrl-C. (After a SIGKILL it stops by itself.)"""
    if cluster := config.stash.get(CLUSTER, None):
        cluster.stop()


DATABASE_FIXTURES = {"db", "transactional_db"}


def depends_on_database(item: pytest.Item) -> bool:
    """Whether the outcome of a test may differ from one database to another."""
    if item.get_closest_marker("postgres"):
        return True
    if item.get_closest_marker("once"):
        return False
    asks = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or not asks.isdisjoint(
        DATABASE_FIXTURES
    )


def patience_with(item: pytest.Item) -> int:
    """Seconds that the test may take by its own word; 0 when it has none."""
    marker = item.get_closest_marker("timeout")
    return int(marker.args[0]) if marker else 0


def longest_first(items: list[pytest.Item]) -> None:
    """Put the modules with the longest tests to the front, so that no process of several is left
    with one of them when all else is done. Needs xdist's `--no-loadscope-reorder`."""
    longest: dict[str, int] = {}
    for item in items:
        module = item.nodeid.partition("::")[0]
        longest[module] = max(longest.get(module, 0), patience_with(item))
    items.sort(key=lambda item: -longest[item.nodeid.partition("::")[0]])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.option.only_db:
        other = [item for item in items if not depends_on_database(item)]
        config.hook.pytest_deselected(items=other)
        gone = set(other)
        items[:] = [item for item in items if item not in gone]
    longest_first(items)
    if config.option.db == "postgres":
        return
    skip = pytest.mark.skip(reason="needs PostgreSQL: run with --db=postgres")
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(skip)

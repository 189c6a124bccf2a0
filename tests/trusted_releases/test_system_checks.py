"""Each refusal at the start: that it refuses, and that it lets the right thing pass."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import connections

from trusted_releases import system_checks
from trusted_releases.system_checks import refuse_unsafe_start

GOOD_KEY = "k3y-" + "abcdefghijklmnopqrstuvwxyz" * 2


@pytest.fixture(autouse=True)
def _production(settings: Any) -> None:
    """A sound production set-up, of which each test spoils one thing."""
    settings.DEBUG = False
    settings.DEMO = False
    settings.HTTPS = True
    settings.SECRET_KEY = GOOD_KEY
    settings.ALLOWED_HOSTS = ["releases.example.org"]
    settings.SITE_URL = "https://releases.example.org"
    settings.STATIC_ROOT = "absent"


def ids(question: Callable[[], Iterator[CheckMessage]]) -> list[str | None]:
    found = list(question())
    assert all(message.hint for message in found), "a complaint says what to do"
    return [message.id for message in found]


def test_a_sound_production_starts() -> None:
    serious = [found for found in run_checks(tags=[system_checks.TAG]) if found.is_serious()]
    assert serious == []
    refuse_unsafe_start()


def test_an_unsafe_one_does_not_and_all_reasons_are_given(settings: Any) -> None:
    settings.DEMO = True
    settings.SECRET_KEY = "short"
    with pytest.raises(SystemExit, match=r"(?s)tr\.E001.*tr\.E003"):
        refuse_unsafe_start()


@pytest.mark.parametrize("key", ["", "short", "a" * 60, "insecure-" + GOOD_KEY])
def test_a_weak_secret_key_is_refused_unless_debugging(settings: Any, key: str) -> None:
    settings.SECRET_KEY = key
    assert ids(system_checks.secret_key) == ["tr.E001"]
    settings.DEBUG = True
    assert ids(system_checks.secret_key) == []


def test_a_long_secret_key_is_accepted() -> None:
    assert ids(system_checks.secret_key) == []


def test_debug_is_for_this_machine_only(settings: Any) -> None:
    assert ids(system_checks.debug_in_public) == []
    settings.DEBUG = True
    assert ids(system_checks.debug_in_public) == ["tr.E002"]
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    assert ids(system_checks.debug_in_public) == []


def test_a_demo_needs_debug(settings: Any) -> None:
    settings.DEMO = True
    assert ids(system_checks.demo_in_public) == ["tr.E003"]
    settings.DEBUG = True
    assert ids(system_checks.demo_in_public) == []


@pytest.mark.parametrize("url", ["http://releases.example.org", "releases.example.org", "ftp://x"])
def test_people_are_sent_to_https(settings: Any, url: str) -> None:
    assert ids(system_checks.site_url) == []
    settings.SITE_URL = url
    assert ids(system_checks.site_url) == ["tr.E004"]


def test_a_checkout_may_be_http(settings: Any) -> None:
    settings.DEBUG = True
    settings.SITE_URL = "http://localhost:8000"
    assert ids(system_checks.site_url) == []


def test_https_is_switched_off_for_this_machine_only(settings: Any) -> None:
    assert ids(system_checks.plain_http) == []
    settings.HTTPS = False
    settings.SITE_URL = "http://releases.example.org"
    assert ids(system_checks.plain_http) == ["tr.E015"]
    settings.ALLOWED_HOSTS = ["localhost"]
    assert ids(system_checks.plain_http) == []


@pytest.mark.parametrize("hosts", [[], ["*"]])
def test_the_site_knows_its_names(settings: Any, hosts: list[str]) -> None:
    assert ids(system_checks.hosts) == []
    settings.ALLOWED_HOSTS = hosts
    assert ids(system_checks.hosts) == ["tr.E005"]
    settings.DEBUG = True
    assert ids(system_checks.hosts) == []


def test_downloads_lie_in_a_file_system(settings: Any) -> None:
    assert ids(system_checks.downloads_storage) == []
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "downloads": memory}
    assert ids(system_checks.downloads_storage) == ["tr.E006"]


def test_a_bucket_has_a_name(settings: Any) -> None:
    settings.BLOB_STORE = "s3"
    blobs = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": ""}}
    settings.STORAGES = {**settings.STORAGES, "blobs": blobs}
    assert ids(system_checks.blob_bucket) == ["tr.E007"]
    blobs["OPTIONS"] = {"bucket_name": "blobs"}
    assert ids(system_checks.blob_bucket) == []


def test_missing_directories_are_made(settings: Any, tmp_path: Path) -> None:
    settings.SCRATCH_DIR = tmp_path / "deep" / "scratch"
    assert ids(system_checks.directories) == []
    assert settings.SCRATCH_DIR.is_dir()


def test_a_directory_that_cannot_be_used_is_named(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.DATA_DIR = tmp_path / "file" / "data"
    found = list(system_checks.directories())
    assert [message.id for message in found] == ["tr.E008"]
    assert str(settings.DATA_DIR) in found[0].msg


def test_a_read_only_directory_is_named(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # root may write everywhere, so the answer of the system is what is changed
    monkeypatch.setattr(os, "access", lambda path, mode: path != Path(settings.SCRATCH_DIR))
    assert ids(system_checks.directories) == ["tr.E008"]


def fake_gpg(directory: Path, script: str) -> None:
    program = directory / "gpg"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("echo 'gpg (GnuPG) 2.4.7'", []),
        ("echo 'gpg (GnuPG/MacGPG2) 2.2.41'", []),
        ("echo 'gpg (GnuPG) 1.4.23'", ["tr.E009"]),
        ("echo something else", ["tr.E009"]),
        ("exit 1", ["tr.E009"]),
    ],
)
def test_gpg_is_new_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, found: list[str]
) -> None:
    fake_gpg(tmp_path, script)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert ids(system_checks.gpg) == found


def test_a_missing_gpg_is_named_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (found,) = system_checks.gpg()
    assert (found.id, found.msg) == ("tr.E009", "gpg is not installed.")
    assert "apt-get install gnupg" in str(found.hint)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"CONN_MAX_AGE": 60}, []),
        ({"CONN_MAX_AGE": 60, "OPTIONS": {"pool": True}}, ["tr.E010"]),
        ({"CONN_MAX_AGE": 0}, ["tr.W011"]),
    ],
)
def test_postgresql_is_used_as_workers_need_it(
    monkeypatch: pytest.MonkeyPatch, settings: Any, options: dict[str, Any], found: list[str]
) -> None:
    postgresql = {"ENGINE": "django.db.backends.postgresql", **options}
    monkeypatch.setitem(settings.DATABASES, "default", postgresql)
    assert ids(system_checks.database_options) == found
    assert ids(system_checks.sqlite_in_production) == []


def test_sqlite_in_production_is_a_warning(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": "django.db.backends.sqlite3"})
    assert ids(system_checks.sqlite_in_production) == ["tr.W012"]
    assert ids(system_checks.database_options) == []
    settings.DEBUG = True
    assert ids(system_checks.sqlite_in_production) == []


def test_a_console_without_second_factor_is_a_warning(settings: Any) -> None:
    settings.DEBUG, settings.ADMIN_MFA = False, False
    assert ids(system_checks.console_without_second_factor) == ["tr.W016"]
    settings.ADMIN_MFA = True
    assert ids(system_checks.console_without_second_factor) == []
    settings.DEBUG, settings.ADMIN_MFA = True, False
    assert ids(system_checks.console_without_second_factor) == []


def test_style_sheets_are_collected(settings: Any, tmp_path: Path) -> None:
    assert ids(system_checks.static_files) == ["tr.W014"]
    (tmp_path / "staticfiles.json").write_text("{}")
    settings.STATIC_ROOT = tmp_path
    assert ids(system_checks.static_files) == []
    settings.DEBUG, settings.STATIC_ROOT = True, None
    assert ids(system_checks.static_files) == []


@pytest.mark.django_db
def test_the_database_of_these_tests_runs_as_it_should() -> None:
    found = run_checks(tags=["database"], databases=["default"])
    assert [message.id for message in found if str(message.id).startswith("tr.")] == []


class Plain:
    """SQLite as it comes, without our options."""

    vendor = "sqlite"
    transaction_mode = None

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", timeout=1)

    def cursor(self) -> "Plain":
        return self

    def __enter__(self) -> sqlite3.Cursor:
        return self.connection.cursor()

    def __exit__(self, *error: object) -> None:
        self.connection.close()


def test_sqlite_as_it_comes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(connections), "__getitem__", lambda handler, alias: Plain())
    found = system_checks.sqlite_in_force(None, databases=["default"])
    assert [message.id for message in found] == ["tr.E013"] * 3
    assert "journal_mode=memory, not wal" in found[0].msg
    assert "busy_timeout=1000 ms" in found[1].msg
    assert "DEFERRED transactions" in found[2].msg


@pytest.mark.parametrize("schemes", [["https", "http"], ["file"]])
def test_a_source_that_could_be_changed_on_its_way_is_refused_unless_debugging(
    settings: Any, schemes: list[str]
) -> None:
    settings.SOURCE_SCHEMES = schemes
    assert ids(system_checks.source_schemes) == ["tr.E016"]
    settings.DEBUG = True
    assert ids(system_checks.source_schemes) == []


def test_https_is_a_sound_way_to_a_source(settings: Any) -> None:
    settings.SOURCE_SCHEMES = ["https"]
    assert ids(system_checks.source_schemes) == []

"""Refuses an unsafe start, and says what to change.

Errors stop every command of `manage.py`, and web servers too (`refuse_unsafe_start`). What only the
machine can tell (directories, gpg, the database's true settings) is checked as well, so that a
mistake shows at the start and not in the middle of a vote.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage, storages
from django.db import connections

TAG = "trusted_releases"
SECRET_LENGTH = 50  # characters, as Django's own check --deploy asks
GPG_LEAST = (2, 2)  # keys.openpgp reads the status lines of 2.2 and later
# The last is a name of this machine too, by which existing clients look for a test server.
LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1", "localhost.apache.org"}
SQLITE_WAIT = 5_000  # milliseconds; below it a worker beside the web server loses writes

Question = Callable[[], Iterator[CheckMessage]]


def refuse_unsafe_start() -> None:
    """Raise SystemExit naming all that is wrong. For web servers: commands check by themselves."""
    found = [message for message in run_checks(tags=[TAG]) if message.is_serious()]
    if found:
        reasons = sorted(str(message) for message in found)
        raise SystemExit("\n".join(["Not safe to start:", *reasons]))


def at_start(question: Question) -> Question:
    """Ask this with every command and at every start of the web server."""
    register(lambda app_configs, **kwargs: list(question()), TAG)
    return question


@at_start
def secret_key() -> Iterator[CheckMessage]:
    """E001: whoever knows the key logs in as anybody."""
    if settings.DEBUG:
        return
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:
        key = ""
    if len(key) < SECRET_LENGTH or len(set(key)) < 5 or "insecure" in key:
        yield Error(
            "SECRET_KEY is missing, known or too short.",
            hint="Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))', and set"
            " SECRET_KEY, or SECRET_KEY_FILE to a file that only the service may read.",
            id="tr.E001",
        )


@at_start
def debug_in_public() -> Iterator[CheckMessage]:
    """E002: DEBUG shows settings and source to whoever causes an error."""
    public = [host for host in settings.ALLOWED_HOSTS if host not in LOOPBACK]
    if settings.DEBUG and public:
        yield Error(
            f"DEBUG is on while the site answers to {', '.join(public)}.",
            hint="Set DEBUG=0, or let ALLOWED_HOSTS name this machine only.",
            id="tr.E002",
        )


@at_start
def demo_in_public() -> Iterator[CheckMessage]:
    """E003: the demo's accounts have passwords that are printed."""
    if settings.DEMO and not settings.DEBUG:
        yield Error(
            "DEMO is on without DEBUG: accounts with known passwords on a real site.",
            hint="Set DEMO=0.",
            id="tr.E003",
        )


@at_start
def source_schemes() -> Iterator[CheckMessage]:
    """E016: what is compared with a release must not be changed on its way, nor lie on our disk."""
    for name in ("SOURCE_SCHEMES", "IMPORT_SCHEMES"):
        odd = sorted(set(getattr(settings, name)) - {"https"})
        if odd and not settings.DEBUG:
            yield Error(
                f"{name} allows {', '.join(odd)} for what is fetched from elsewhere.",
                hint=f"Set {name}=https.",
                id="tr.E016",
            )


@at_start
def site_url() -> Iterator[CheckMessage]:
    """E004: mails and KEYS files carry this address to people who verify what they download."""
    url = urlsplit(settings.SITE_URL)
    if not url.hostname or url.scheme not in ("http", "https"):
        problem = f"SITE_URL={settings.SITE_URL!r} is not an address of the web."
    elif not settings.DEBUG and settings.HTTPS and url.scheme != "https":
        problem = f"SITE_URL={settings.SITE_URL!r} is not https."
    else:
        return
    yield Error(problem, hint="Set SITE_URL=https://releases.example.org", id="tr.E004")


@at_start
def plain_http() -> Iterator[CheckMessage]:
    """E015: without HTTPS a session's cookie can be read, and an artifact replaced, on the way."""
    public = [host for host in settings.ALLOWED_HOSTS if host not in LOOPBACK]
    if public and not (settings.DEBUG or settings.HTTPS):
        yield Error(
            f"HTTPS is off while the site answers to {', '.join(public)}.",
            hint="Set HTTPS=1 and put a proxy that speaks HTTPS in front (BEHIND_PROXY=1), or let"
            " ALLOWED_HOSTS name this machine only.",
            id="tr.E015",
        )


@at_start
def hosts() -> Iterator[CheckMessage]:
    """E005: without hosts every page is a 400; with a star links in mails can be forged."""
    if settings.DEBUG:
        return
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS is empty or allows every name.",
            hint="Set ALLOWED_HOSTS=releases.example.org",
            id="tr.E005",
        )


@at_start
def downloads_storage() -> Iterator[CheckMessage]:
    """E006: a publication appears by one rename, which only a file system does atomically."""
    if not isinstance(storages["downloads"], FileSystemStorage):
        yield Error(
            'STORAGES["downloads"] is not a file system.',
            hint="Publish to a directory, and let a sync or a web server take it from there.",
            id="tr.E006",
        )


@at_start
def blob_bucket() -> Iterator[CheckMessage]:
    """E007: without its bucket the store fails at the first upload."""
    if settings.BLOB_STORE == "s3" and not settings.STORAGES["blobs"]["OPTIONS"]["bucket_name"]:
        yield Error("BLOB_STORE=s3 names no bucket.", hint="Set S3_BUCKET.", id="tr.E007")


def our_directories() -> dict[str, Path]:
    """The directories that the product writes to, by the variable that moves each."""
    found = {
        "DATA_DIR": Path(settings.DATA_DIR),
        "SCRATCH_DIR": Path(settings.SCRATCH_DIR),
        "DOWNLOADS_DIR": Path(settings.STORAGES["downloads"]["OPTIONS"]["location"]),
    }
    if settings.BLOB_STORE == "files":
        found["BLOB_DIR"] = Path(settings.STORAGES["blobs"]["OPTIONS"]["location"])
        found["REVIEW_DIR"] = Path(settings.STORAGES["reviews"]["OPTIONS"]["location"])
    return found


@at_start
def directories() -> Iterator[CheckMessage]:
    """E008: uploads, blobs and downloads need directories; those that are missing are made."""
    for variable, path in our_directories().items():
        try:
            path.mkdir(parents=True, exist_ok=True)
            problem = "" if os.access(path, os.W_OK | os.X_OK) else "not writable"
        except OSError as error:
            problem = error.strerror or str(error)
        if problem:
            yield Error(
                f"{variable}: {path} cannot be used ({problem}).",
                hint=f"Give the service's user a directory there, or set {variable} to another.",
                id="tr.E008",
            )


def gpg_version() -> tuple[int, ...] | None:
    """The version of the gpg on the path, () for one that does not say, None without one."""
    if not (program := shutil.which("gpg")):
        return None
    try:
        said = subprocess.run(  # noqa: S603 - a fixed argument to a program found on the path
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.match(r"gpg \(GnuPG[^)]*\) (\d+)\.(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else ()


@at_start
def gpg() -> Iterator[CheckMessage]:
    """E009: signatures are judged by gpg."""
    version = gpg_version()
    if version is None:
        problem = "gpg is not installed."
    elif version < GPG_LEAST:
        said = ".".join(map(str, version)) or "unknown"
        problem = f"gpg is version {said}; signatures need 2.2 or later."
    else:
        return
    yield Error(problem, hint="Install it: apt-get install gnupg", id="tr.E009")


@at_start
def database_options() -> Iterator[CheckMessage]:
    """E010, W011: options under which workers lose work or crawl (docs/operating.md, "Workers")."""
    database = settings.DATABASES["default"]
    if "postgresql" not in database["ENGINE"]:
        return
    if database.get("OPTIONS", {}).get("pool"):
        yield Error(
            "The database has a connection pool: forked workers would share its sockets.",
            hint='Leave OPTIONS["pool"] out; CONN_MAX_AGE=60 keeps connections instead.',
            id="tr.E010",
        )
    if not database.get("CONN_MAX_AGE"):
        yield Warning(
            "CONN_MAX_AGE is 0: each step of the queue opens a new database connection.",
            hint="Set CONN_MAX_AGE to 60 and CONN_HEALTH_CHECKS to True.",
            id="tr.W011",
        )


@at_start
def console_without_second_factor() -> Iterator[CheckMessage]:
    """W016: from the console one cancels votes and keeps people out; passwords get stolen."""
    if not (settings.DEBUG or settings.ADMIN_MFA):
        yield Warning(
            "ADMIN_MFA is off: a password alone opens the console.",
            hint="Leave ADMIN_MFA out, or set ADMIN_MFA=1.",
            id="tr.W016",
        )


@at_start
def sqlite_in_production() -> Iterator[CheckMessage]:
    """W012: SQLite serves one host with one worker; a second host corrupts it."""
    if not settings.DEBUG and "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        yield Warning(
            "The database is SQLite: one host, one worker, a local disk, and no more.",
            hint="Set DATABASE_URL=postgresql://… before a second host or worker is added.",
            id="tr.W012",
        )


@at_start
def static_files() -> Iterator[CheckMessage]:
    """W014: without the collected files every page fails on its style sheet."""
    if settings.DEBUG:
        return
    if not Path(settings.STATIC_ROOT or "", "staticfiles.json").exists():
        yield Warning(
            f"No style sheets have been collected in {settings.STATIC_ROOT}.",
            hint="Run manage.py collectstatic, with each upgrade.",
            id="tr.W014",
        )


@register(Tags.database)
def sqlite_in_force(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """E013: what SQLite does, not what the settings say. With other values writes get lost."""
    return [
        Error(
            f"SQLite runs with {problem}.",
            hint="Use the options of trusted_releases.env.SQLITE_OPTIONS, on a local disk.",
            id="tr.E013",
        )
        for alias in databases or ()
        if connections[alias].vendor == "sqlite"
        for problem in sqlite_problems(connections[alias])
    ]


def sqlite_problems(connection: Any) -> Iterator[str]:
    """Each setting of this SQLite connection under which a worker beside the web loses writes."""
    with connection.cursor() as cursor:
        journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        wait = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
    if journal != "wal":
        yield f"journal_mode={journal}, not wal"
    if wait < SQLITE_WAIT:
        yield f"busy_timeout={wait} ms, less than {SQLITE_WAIT}"
    if connection.transaction_mode != "IMMEDIATE":
        yield f"{connection.transaction_mode or 'DEFERRED'} transactions, not IMMEDIATE"

"""Reads settings from the environment, strictly: what is not understood is named, not guessed."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def load(file: Path) -> None:
    """Take `NAME=value` lines from a file, for what the environment itself does not say.

    The file is that of systemd's EnvironmentFile and of compose: comments begin a line, quotes
    around a value are taken off, nothing is expanded. `ENV_FILE` names another, or none ("").
    """
    chosen = os.environ.get("ENV_FILE")
    if chosen is not None:
        file = Path(chosen)
    if not file.is_file():
        return
    for count, line in enumerate(map(str.strip, file.read_text().splitlines()), start=1):
        if not line or line.startswith("#"):
            continue
        name, _, value = line.removeprefix("export ").partition("=")
        if not name.strip().isidentifier() or "=" not in line:
            raise ImproperlyConfigured(f"{file}, line {count}: write NAME=value.")
        os.environ.setdefault(name.strip(), _unquoted(value.strip()))


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def text(name: str, default: str = "") -> str:
    """The variable, or what the file named by `NAME_FILE` holds, or the default.

    The `_FILE` form is how container platforms hand over secrets.
    """
    if (value := os.environ.get(name)) is not None:
        return value
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: cannot read {path}: {error}") from error
    return default


def address(name: str, note: Path, default: str) -> str:
    """The variable, or what a command such as `up` has noted in this file, or the default.

    Without a slash at the end.
    """
    with suppress(OSError):  # nothing has been noted
        default = note.read_text().strip() or default
    return text(name, default).rstrip("/")


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither true nor false. Use 1 or 0.")


def number(name: str, default: int, *, least: int = 0) -> int:
    value = text(name, str(default)).strip()
    try:
        found = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from None
    if found < least:
        raise ImproperlyConfigured(f"{name}={found} is too small: at least {least}.")
    return found


def words(name: str, default: str = "") -> list[str]:
    """A list, written with commas between its items."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def pairs(name: str, default: str = "") -> dict[str, str]:
    """Names with their values, written as `name=value` with commas between them."""
    found = {}
    for word in words(name, default):
        key, equals, value = word.partition("=")
        if not (key.strip() and equals):
            raise ImproperlyConfigured(f"{name}: {word!r} is not name=value.")
        found[key.strip()] = value.strip()
    return found


def path(name: str, default: Path) -> Path:
    return Path(text(name, str(default))).expanduser().resolve()


def choice(name: str, default: str, *allowed: str) -> str:
    value = text(name, default).strip()
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r} must be one of: {', '.join(allowed)}.")
    return value


SQLITE_OPTIONS = {
    # Measured: with Django's defaults a worker beside the web server loses writes to
    # "database is locked"; with these none are lost and pages answer three times faster.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def database(name: str, default: str) -> dict[str, Any]:
    """A database from a URL: `sqlite:///path` or `postgresql://user:password@host:port/name`.

    `host` may be a directory of a Unix socket, written with %2F; `?sslmode=require` and other
    libpq parameters are passed on. Odd characters in any part are written as %XX.
    """
    value = text(name, default)
    url = urlsplit(value)
    if url.scheme == "sqlite":
        return _sqlite(name, unquote(url.path))
    if url.scheme in ("postgresql", "postgres"):
        return _postgresql(name, url)
    raise ImproperlyConfigured(
        f"{name}: write sqlite:///path or postgresql://user:password@host/name."
    )


def _sqlite(name: str, path: str) -> dict[str, Any]:
    file = path.removeprefix("/")
    if not file:
        raise ImproperlyConfigured(f"{name}: sqlite:///relative/path or sqlite:////full/path.")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(file).resolve(),
        "OPTIONS": dict(SQLITE_OPTIONS),
    }


def _postgresql(name: str, url: SplitResult) -> dict[str, Any]:
    if not url.path.strip("/"):
        raise ImproperlyConfigured(f"{name}: the URL names no database.")
    try:
        port = url.port
    except ValueError:
        raise ImproperlyConfigured(f"{name}: the port is not a number below 65536.") from None
    # Not url.hostname, which is lower-cased: the host may be the directory of a socket.
    host = url.netloc.rpartition("@")[2]
    if port is not None:
        host = host.rpartition(":")[0]
    # No OPTIONS["pool"]: forked workers would share its sockets. Connections are kept
    # instead, without which each queue operation opens a new one.
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.strip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(host).removeprefix("[").removesuffix("]"),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(url.query)),
    }

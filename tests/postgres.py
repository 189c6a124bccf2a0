"""A PostgreSQL cluster for one run of the tests: made in a second, gone with the run."""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

MISSING = "PostgreSQL's initdb was not found. Install it: apt-get install postgresql"
# Nothing here must survive a power cut, so nothing waits for the disk.
OPTIONS = {
    "fsync": "off",
    # It would run at a moment of its own choice, and then plans of tiny tables are other ones.
    "autovacuum": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
}
# Waits until the run closes its end of the pipe, by leaving or by dying, and then cleans up.
GUARD = 'read -r _; "$1" -D "$2/data" -m immediate -w stop >/dev/null 2>&1; rm -rf "$2"'


def programs() -> Path | None:
    """The directory of initdb and pg_ctl: the newest installed, Debian hides them from the path."""
    places = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0,
        reverse=True,
    )
    if on_path := shutil.which("initdb"):
        places.append(Path(on_path).resolve().parent)
    return next((place for place in places if (place / "pg_ctl").exists()), None)


def other_user() -> str | None:
    """Whom to run as: PostgreSQL refuses to run as root. None is ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@dataclass
class Cluster:
    """A running server, reachable through a socket in its directory only."""

    directory: Path
    guard: subprocess.Popen[bytes]

    @classmethod
    def start(cls) -> Self:
        """Make and start one. RuntimeError names what is missing, or what the server said."""
        if (bin_ := programs()) is None:
            raise RuntimeError(MISSING)
        user = other_user()
        prefix = [] if user is None else ["runuser", "-u", user, "--"]
        # A short path: a socket's may have no more than 107 characters.
        directory = Path(tempfile.mkdtemp(prefix="tr-pg-", dir="/tmp"))
        directory.chmod(0o711)
        if user is not None:
            shutil.chown(directory, user)
        run([*prefix, str(bin_ / "initdb"), "-D", str(directory / "data"), *INITDB], directory)
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in OPTIONS.items())
        options += f" -c unix_socket_directories={directory}"
        pg_ctl = [*prefix, str(bin_ / "pg_ctl")]
        log = str(directory / "log")
        run(
            [*pg_ctl, "-D", f"{directory}/data", "-l", log, "-w", "-o", options, "start"], directory
        )
        guard = subprocess.Popen(
            [*prefix, "sh", "-c", GUARD, "guard", str(bin_ / "pg_ctl"), str(directory)],
            stdin=subprocess.PIPE,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the tests; the guard hears of it by the pipe
        )
        return cls(directory, guard)

    def url(self, name: str) -> str:
        return f"postgresql://tests@{quote(str(self.directory), safe='')}/{name}"

    def stop(self) -> None:
        """Stop the server and remove its directory."""
        self.guard.communicate(timeout=30)


INITDB = ("-A", "trust", "-U", "tests", "-E", "UTF8", "--locale=C", "--no-sync")


def run(command: list[str], directory: Path) -> None:
    done = subprocess.run(
        command, cwd="/", text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        shutil.rmtree(directory, ignore_errors=True)
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr}")

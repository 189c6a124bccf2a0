"""`manage.py up`: everything one needs in one terminal, and what `make run` calls."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command

from releases import archive_server
from releases.mail import Mailbox
from trusted_releases import demo
from trusted_releases.lib import testing
from trusted_releases.lib.certificates import Pair, own_pair

PORTS_TRIED = 20
START_SECONDS = 30
Children = dict[str, subprocess.Popen[bytes]]
GUNICORN = ["-m", "gunicorn", "--config", str(settings.BASE_DIR / "deploy" / "gunicorn.conf.py")]


class Command(BaseCommand):
    help = "Migrate, seed the demo, and run web server and worker until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000, help="the next free one is taken")
        parser.add_argument(
            "--tls", action="store_true", help="serve https, with a certificate made for this"
        )

    def handle(self, *args: Any, host: str, port: int, tls: bool = False, **options: Any) -> None:
        begun = time.monotonic()
        call_command("migrate", verbosity=0)
        accounts = self.seeded()
        port = free_port(host, port)
        bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        pair = own_pair(Path(settings.DATA_DIR) / "tls") if tls else None
        scheme = "https" if pair else "http"
        address = f"{scheme}://{bind}".replace("127.0.0.1", "localhost")
        # Commands beside this one, such as `demo`, write mails whose links lead here.
        (Path(settings.DATA_DIR) / "site-url").write_text(f"{address}\n")
        ssh = ssh_of(host)
        with (
            asked_to_stop() as stops,
            archive() as lists,
            children(address, bind, pair, ssh, lists) as running,
        ):
            lacks_samples = False
            if self.served(address, running, stops, pair):
                lacks_samples = wants_samples()
                if lacks_samples:
                    accounts += f"\n\nReleases to look at come within a minute: {address}/releases/"
                if lists:
                    accounts += f"\n\nWhat the lists got, to answer a vote by mail: {lists}/"
                if pair:
                    accounts += f"\n\nIts certificate, for clients to trust: {pair.certificate}"
                self.welcome(address, accounts, time.monotonic() - begun, ssh)
            with making_samples(wanted=lacks_samples):
                while not stops and not (died := gone(running)):
                    time.sleep(0.2)
            if not stops:
                self.stderr.write(" ".join(ended(name, running[name].returncode) for name in died))
            self.stdout.write("\nStopping; running jobs finish. Ctrl-C again kills them.")
            asked = bool(stops)
            stop(running, stops)
        self.stdout.write("Stopped.")
        if not asked:
            raise CommandError("What went wrong stands above.")

    def seeded(self) -> str:
        """Seed the demo, and what clients are tested with, where this is for either; what that
        says about accounts."""
        said = StringIO()
        if settings.DEMO:
            call_command("seed_demo", stdout=said)
        if testing.is_on():
            call_command("seed_test_client", stdout=said)
        return said.getvalue().strip()

    def served(
        self, address: str, running: Children, stops: list[int], pair: Pair | None = None
    ) -> bool:
        """Wait for the health page: True when it answers, False when somebody died or we stop."""
        end = time.monotonic() + START_SECONDS
        health = f"{address}/healthz"
        trust = ssl.create_default_context(cafile=pair.certificate) if pair else None
        while not stops and not gone(running):
            with suppress(URLError, OSError), urlopen(health, timeout=2, context=trust):  # noqa: S310
                return True
            if time.monotonic() > end:
                stop(running, stops)
                raise CommandError(f"{address}/healthz did not answer in {START_SECONDS} seconds.")
            time.sleep(0.1)
        return False

    def welcome(
        self, address: str, accounts: str, seconds: float, ssh: tuple[str, int] | None = None
    ) -> None:
        lines = ["", f"{settings.SITE_NAME} is at {address} (ready in {seconds:.1f} s)"]
        lines += ["", accounts] if accounts else []
        lines += ["", rsync_line(ssh)] if settings.SSH_PORT else []
        lines += ["", f"Data is in {settings.DATA_DIR}. Stop with Ctrl-C; nothing is lost.", ""]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


@contextmanager
def asked_to_stop() -> Iterator[list[int]]:
    """A list that grows with each SIGINT or SIGTERM, while the block runs."""
    stops: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        stops.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stops
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def archive() -> Iterator[str]:
    """The address of an archive of what the demo's lists got; empty where there is none."""
    if not settings.DEMO or settings.ARCHIVE_URL:
        yield ""
        return
    with archive_server.running(Mailbox.directory()) as address:
        yield address


def wants_samples() -> bool:
    """Whether this is a demo without releases of its own. Test mode has what clients expect there,
    and nothing else."""
    return settings.DEMO and not testing.is_on() and not demo.samples_made().exists()


@contextmanager
def making_samples(*, wanted: bool) -> Iterator[None]:
    """While the block runs, its worker makes the demo's sample releases; what is broken off goes on
    with the next start."""
    if not wanted:
        yield
        return
    manage = str(Path(settings.BASE_DIR) / "manage.py")
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, manage, "demo_releases"], stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield
    finally:
        kill(process)


@contextmanager
def children(
    address: str,
    bind: str,
    pair: Pair | None = None,
    ssh: tuple[str, int] | None = None,
    lists: str = "",
) -> Iterator[Children]:
    """Web server, worker and, with its address, the server for rsync, each in a group of its own:
    Ctrl-C must reach us alone.

    A group that gets SIGTERM as a whole would lose its running jobs.
    """
    environment = {"SITE_URL": address, "PYTHONUNBUFFERED": "1", **os.environ}
    if lists:
        environment["ARCHIVE_URL"] = lists
    manage = str(Path(settings.BASE_DIR) / "manage.py")
    tls = ["--certfile", str(pair.certificate), "--keyfile", str(pair.key)] if pair else []
    commands = {
        "web server": [*GUNICORN, "--bind", bind, "--log-level", "warning", *tls],
        "worker": [manage, "worker"],
    }
    environment["SSH_PORT"] = str(ssh[1] if ssh else 0)  # as the pages tell it
    if ssh:
        host, port = ssh
        commands["server for rsync"] = [manage, "serve_ssh", "--host", host, "--port", str(port)]
    running: Children = {}
    try:
        for name, command in commands.items():
            running[name] = subprocess.Popen(  # noqa: S603 - our own programs
                [sys.executable, *command],
                cwd=settings.BASE_DIR,
                env=environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        yield running
    finally:
        for child in running.values():
            kill(child)


def ssh_of(host: str) -> tuple[str, int] | None:
    """Where the server for rsync listens; None where there is to be none, or no rsync."""
    if not settings.SSH_PORT or shutil.which(settings.RSYNC) is None:
        return None
    return host, free_port(host, settings.SSH_PORT)


def rsync_line(ssh: tuple[str, int] | None) -> str:
    if ssh is None:
        return (
            "Files by rsync: not served, for rsync is not installed here (apt-get install rsync)."
        )
    return f"Files by rsync: on port {ssh[1]}; the page of each draft says how."


def gone(running: Children) -> list[str]:
    """The names of those that have ended."""
    return [name for name, child in running.items() if child.poll() is not None]


def ended(name: str, code: int) -> str:
    """How a child that nobody asked to stop has ended, as a sentence."""
    if code >= 0:
        return f"The {name} stopped by itself with exit code {code}."
    try:
        by = signal.Signals(-code).name
    except ValueError:  # a real-time signal has no name
        by = f"signal {-code}"
    memory = ", as the system does when memory runs out" if by == "SIGKILL" else ""
    return f"The {name} was stopped by {by}{memory}."


def stop(running: Children, stops: list[int]) -> None:
    """Ask each child to finish, and wait for that; one more signal to us, and they are killed."""
    asked = len(stops)
    for child in running.values():
        if child.poll() is None:
            child.terminate()
    while len(gone(running)) < len(running):
        if len(stops) > asked:
            for child in running.values():
                kill(child)
        time.sleep(0.1)


def kill(child: subprocess.Popen[bytes]) -> None:
    """End the child's whole group, if there is one left."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or the next that nobody listens on. CommandError when all are taken."""
    for port in range(wanted, min(wanted + PORTS_TRIED, 65_536)):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind((host, port))
                return port
    raise CommandError(f"Ports {wanted} to {wanted + PORTS_TRIED - 1} of {host} are taken.")

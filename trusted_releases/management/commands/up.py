"""`manage.py up`: everything one needs in one terminal, and what `make run` calls."""

import os
import signal
import socket
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

PORTS_TRIED = 20
START_SECONDS = 30
Children = dict[str, subprocess.Popen[bytes]]
GUNICORN = ["-m", "gunicorn", "--config", str(settings.BASE_DIR / "deploy" / "gunicorn.conf.py")]


class Command(BaseCommand):
    help = "Migrate, seed the demo, and run web server and worker until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000, help="the next free one is taken")

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        begun = time.monotonic()
        call_command("migrate", verbosity=0)
        accounts = self.seeded()
        port = free_port(host, port)
        bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        address = f"http://{bind}".replace("127.0.0.1", "localhost")
        with asked_to_stop() as stops, children(address, bind) as running:
            if self.served(address, running, stops):
                self.welcome(address, accounts, time.monotonic() - begun)
            while not stops and not (died := gone(running)):
                time.sleep(0.2)
            if not stops:
                self.stderr.write(f"The {' and the '.join(died)} stopped by itself.")
            self.stdout.write("\nStopping; running jobs finish. Ctrl-C again kills them.")
            asked = bool(stops)
            stop(running, stops)
        self.stdout.write("Stopped.")
        if not asked:
            raise CommandError("What went wrong stands above.")

    def seeded(self) -> str:
        """Seed the demo where this is one, and return what the seed says about accounts."""
        if not settings.DEMO:
            return ""
        said = StringIO()
        call_command("seed_demo", stdout=said)
        return said.getvalue().strip()

    def served(self, address: str, running: Children, stops: list[int]) -> bool:
        """Wait for the health page: True when it answers, False when somebody died or we stop."""
        end = time.monotonic() + START_SECONDS
        while not stops and not gone(running):
            with suppress(URLError, OSError), urlopen(f"{address}/healthz", timeout=2):  # noqa: S310
                return True
            if time.monotonic() > end:
                stop(running, stops)
                raise CommandError(f"{address}/healthz did not answer in {START_SECONDS} seconds.")
            time.sleep(0.1)
        return False

    def welcome(self, address: str, accounts: str, seconds: float) -> None:
        lines = ["", f"{settings.SITE_NAME} is at {address} (ready in {seconds:.1f} s)"]
        lines += ["", accounts] if accounts else []
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
def children(address: str, bind: str) -> Iterator[Children]:
    """Web server and worker, each in a group of its own: Ctrl-C must reach us alone.

    A group that gets SIGTERM as a whole would lose its running jobs.
    """
    environment = {"SITE_URL": address, "PYTHONUNBUFFERED": "1", **os.environ}
    manage = str(Path(settings.BASE_DIR) / "manage.py")
    commands = {
        "web server": [*GUNICORN, "--bind", bind, "--log-level", "warning"],
        "worker": [manage, "worker"],
    }
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


def gone(running: Children) -> list[str]:
    """The names of those that have ended."""
    return [name for name, child in running.items() if child.poll() is not None]


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

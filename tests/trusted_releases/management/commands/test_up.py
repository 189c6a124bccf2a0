"""`manage.py up`: the ports it takes, how it starts, and how its children end."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.core.management import CommandError, call_command

from tests import processes
from trusted_releases.management.commands import up
from trusted_releases.management.commands.up import (
    Children,
    asked_to_stop,
    free_port,
    gone,
    kill,
    stop,
)

POLITE = "import signal, time; signal.signal(15, lambda *a: (time.sleep(0.3), exit(0)))"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN)"
READY = "; print('ready', flush=True); time.sleep(60)"


def child(code: str) -> subprocess.Popen[bytes]:
    """A running Python program in a group of its own, which has set up its signals."""
    command = [sys.executable, "-c", code + READY]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_the_next_free_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port("127.0.0.1", port) < port + 20


def test_no_free_port_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trusted_releases.management.commands.up.PORTS_TRIED", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Ports {port} to {port} of 127.0.0.1 are taken"):
            free_port("127.0.0.1", port)


def test_children_are_asked_and_may_finish() -> None:
    polite = child(POLITE)
    stop({"one": polite}, [signal.SIGINT])
    assert polite.returncode == 0


def test_a_second_signal_kills_those_who_do_not_listen() -> None:
    deaf = child(DEAF)
    with asked_to_stop() as stops:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stops == [signal.SIGTERM]
        begun = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        before = signal.signal(signal.SIGALRM, lambda *_: stops.append(signal.SIGINT))
        stop({"one": deaf}, stops)
        signal.signal(signal.SIGALRM, before)
    assert deaf.returncode == -signal.SIGKILL
    assert time.monotonic() - begun < 10


def test_signals_mean_afterwards_what_they_meant_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with asked_to_stop():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_killing_what_has_gone_is_no_error() -> None:
    gone = child(POLITE)
    kill(gone)
    kill(gone)
    assert gone.returncode == -signal.SIGKILL


@contextmanager
def stand_ins(address: str, bind: str, *more: Any) -> Iterator[Children]:
    """Children of which one dies at once, and no web server."""
    running = {"worker": child(POLITE), "web server": child("import time")}
    kill(running["web server"])
    yield running
    assert gone(running) == ["worker", "web server"], "the other one was stopped"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (3, "The worker stopped by itself with exit code 3."),
        (-signal.SIGSEGV, "The worker was stopped by SIGSEGV."),
        (-signal.SIGKILL, "The worker was stopped by SIGKILL, as the system does when memory"),
        (-50, "The worker was stopped by signal 50."),
    ],
)
def test_how_a_child_has_ended_is_a_sentence(code: int, said: str) -> None:
    assert up.ended("worker", code).startswith(said)


@pytest.mark.django_db
def test_when_one_child_dies_the_other_is_stopped_and_the_person_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(up, "children", stand_ins)
    with pytest.raises(CommandError, match="What went wrong stands above"):
        call_command("up", port=8450)
    said = capsys.readouterr()
    assert "The web server was stopped by SIGKILL, as the system does when memory runs" in said.err
    assert "ready in" not in said.out, "nobody is welcomed to what does not run"


def test_without_rsync_it_is_told_what_to_install(settings: Any) -> None:
    settings.RSYNC = "/nowhere/rsync"
    assert up.ssh_of("127.0.0.1") is None
    assert "apt-get install rsync" in up.rsync_line(None)
    settings.RSYNC, settings.SSH_PORT = "rsync", 0
    assert up.ssh_of("127.0.0.1") is None


@pytest.mark.django_db
def test_the_demo_says_who_can_log_in_and_only_the_demo(settings: Any) -> None:
    assert up.Command().seeded() == ""
    settings.DEMO = True
    assert "Log in as one of these" in up.Command().seeded()


@pytest.mark.django_db
def test_in_test_mode_clients_find_their_projects(settings: Any) -> None:
    settings.TEST_MODE = settings.DEBUG = True
    assert up.Command().seeded() == "Projects: test, test-client."


@pytest.mark.slow
def test_it_serves_until_it_is_stopped_and_starts_again_on_the_same_data(tmp_path: Path) -> None:
    """The whole command, twice: what `make run` does, without the demo."""
    env = {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "DJANGO_SETTINGS_MODULE": "trusted_releases.settings",
    }
    command = [*processes.MANAGE, "up", "--port", "8400"]
    for _ in range(2):
        with processes.running(*command, **env) as run:
            found = run.says(r"at (http://\S+)")
            assert (tmp_path / "site-url").read_text() == f"{found[1]}\n", "where links lead"
            with urlopen(f"{found[1]}/healthz", timeout=5) as answer:
                assert answer.status == 200
            port = int(run.says(r"Files by rsync: on port (\d+)")[1])
            run.says(rf"rsync over SSH on 127\.0\.0\.1 port {port}, host key")
            with socket.create_connection(("127.0.0.1", port), 10) as there:
                assert there.recv(8) == b"SSH-2.0-"
            family = run.family()
            assert len(family) > 3
            assert run.stop() == 0, run.output
            assert "Stopped." in run.output


@pytest.mark.slow
def test_with_tls_clients_that_verify_find_it_under_each_of_its_names(tmp_path: Path) -> None:
    env = {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "DJANGO_SETTINGS_MODULE": "trusted_releases.settings",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,localhost.apache.org",
    }
    with processes.running(*processes.MANAGE, "up", "--tls", "--port", "8430", **env) as run:
        port = int(run.says(r"at https://localhost:(\d+)")[1])
        trust = ssl.create_default_context(cafile=run.says(r"to trust: (\S+)")[1])
        for name in ("localhost", "127.0.0.1", "localhost.apache.org"):
            with socket.create_connection(("127.0.0.1", port), 5) as line:
                inside = trust.wrap_socket(line, server_hostname=name)
                asked = f"GET /api/projects/list HTTP/1.1\r\nHost: {name}:{port}\r\n\r\n"
                inside.sendall(asked.encode())
                assert inside.recv(4096).startswith(b"HTTP/1.1 200 ")
        for name, believed in (("example.org", trust), ("localhost", ssl.create_default_context())):
            with (
                socket.create_connection(("127.0.0.1", port), 5) as line,
                pytest.raises(ssl.SSLCertVerificationError),
            ):
                believed.wrap_socket(line, server_hostname=name)
        assert (tmp_path / "tls" / "key.pem").stat().st_mode & 0o777 == 0o600
        assert run.stop() == 0, run.output

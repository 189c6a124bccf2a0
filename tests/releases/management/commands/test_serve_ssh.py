"""`manage.py serve_ssh`: what it says, and how it ends."""

import socket

import pytest

from tests.processes import MANAGE, manage, running
from tests.rsync import serving

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_it_says_where_it_is_and_who_it_is_and_ends_when_it_is_asked_to() -> None:
    with serving() as (server, port):
        assert server.says(r"host key SHA256:\S{43}")
        with socket.create_connection(("127.0.0.1", port), 10) as there:
            assert there.recv(8) == b"SSH-2.0-"
        assert server.stop() == 0


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = manage("serve_ssh", "--host", "127.0.0.1", "--port", port)
    assert told.returncode == 1
    assert f"Nobody can listen on port {port}" in told.stderr
    assert "Traceback" not in told.stderr


def test_without_rsync_it_says_what_to_install() -> None:
    told = manage("serve_ssh", "--port", "0", RSYNC="/nowhere/rsync")
    assert told.returncode == 1
    assert "apt-get install rsync" in told.stderr


def test_it_starts_beside_another_of_the_same_installation() -> None:
    with serving() as (first, _), running(*MANAGE, "serve_ssh", "--port", "0") as second:
        told = first.says(r"host key (\S+)")[1]
        assert second.says(r"host key (\S+)")[1] == told

"""The one door to one server."""

import socket
import threading

import pytest

from releases.importing.address import Place
from releases.importing.gate import Gate

pytestmark = pytest.mark.once


@pytest.fixture
def echo():
    """A server that says again what it hears; its port."""
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            while block := line.recv(1 << 16):
                line.sendall(block)
            line.close()

    threading.Thread(target=serve, daemon=True).start()
    yield door.getsockname()[1]
    door.close()


def place(port: int) -> Place:
    return Place("", "https", "svn.example.org", port, "/", ("127.0.0.1",))


def ask(gate: Gate, head: str) -> tuple[socket.socket, bytes]:
    line = socket.create_connection(("127.0.0.1", gate.port), timeout=5)
    line.sendall(head.encode())
    return line, line.recv(200)


def test_what_is_meant_for_the_host_goes_to_the_address_that_was_judged(echo) -> None:
    with Gate(place(echo), 1000) as gate:
        line, said = ask(gate, f"CONNECT svn.example.org:{echo} HTTP/1.1\r\nHost: x\r\n\r\n")
        assert said.startswith(b"HTTP/1.1 200 ")
        line.sendall(b"hello")
        assert line.recv(10) == b"hello"
        line.close()
    assert gate.refused == []


@pytest.mark.parametrize(
    "head",
    [
        "CONNECT other.example.org:443 HTTP/1.1\r\n\r\n",
        "CONNECT svn.example.org:22 HTTP/1.1\r\n\r\n",
        "GET http://svn.example.org/ HTTP/1.1\r\n\r\n",
        "nonsense\r\n\r\n",
    ],
)
def test_everything_else_is_refused_and_remembered(echo, head: str) -> None:
    with Gate(place(echo), 1000) as gate:
        _, said = ask(gate, head)
        assert said.startswith(b"HTTP/1.1 403 ")
        assert len(gate.refused) == 1


def test_more_bytes_than_are_allowed_end_it(echo) -> None:
    with Gate(place(echo), 1000) as gate:
        line, _ = ask(gate, f"CONNECT svn.example.org:{echo} HTTP/1.1\r\n\r\n")
        line.sendall(bytes(2000))
        assert line.recv(5000) == b""
        assert gate.spent


def test_after_the_block_nobody_is_let_in(echo) -> None:
    with Gate(place(echo), 1000) as gate:
        pass
    with pytest.raises(ConnectionError):
        ask(gate, "CONNECT")

"""The one door through which another program reaches one server, and nothing else.

It speaks as a proxy does (CONNECT), listens on this machine only, lets pass what is meant for the
one host, and asks the address that was judged, whatever the name says later. Bytes are counted.
"""

import socket
import threading
from contextlib import closing, suppress
from types import TracebackType

from releases.importing.address import Place

BLOCK = 1 << 16
PATIENCE = 30.0  # seconds without a byte
LONGEST_HEAD = 8192


class Gate:
    """Use it in a `with` block. `refused` are the places somebody was led to and not let to."""

    def __init__(self, place: Place, most: int) -> None:
        self._place, self._left = place, most
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._closed = False
        self.refused: list[str] = []
        self.spent = False
        self._door = socket.create_server(("127.0.0.1", 0), backlog=8)
        self.port: int = self._door.getsockname()[1]

    def __enter__(self) -> "Gate":
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._closed = True
        for each in [self._door, *self._open]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while not self._closed:
                line, _ = self._door.accept()
                self._open.append(line)
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with closing(line), suppress(OSError):
            line.settimeout(PATIENCE)
            asked = self._asked(line)
            if asked != f"{self._place.host}:{self._place.port}":
                self.refused.append(asked[:200])
                line.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                return
            address = (self._place.addresses[0], self._place.port)
            with closing(socket.create_connection(address, timeout=PATIENCE)) as there:
                self._open.append(there)
                line.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=self._pass, args=(line, there), daemon=True)
                back.start()
                self._pass(there, line)
                back.join(PATIENCE)

    def _asked(self, line: socket.socket) -> str:
        """Which host and port CONNECT names; "" for any other request."""
        head = b""
        while b"\r\n\r\n" not in head and len(head) < LONGEST_HEAD:
            block = line.recv(BLOCK)
            if not block:
                return ""
            head += block
        words = head.split(b"\r\n", 1)[0].decode("ascii", "replace").split()
        return words[1] if len(words) == 3 and words[0] == "CONNECT" else ""

    def _pass(self, here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while block := here.recv(BLOCK):
                with self._lock:
                    self._left -= len(block)
                if self._left < 0:
                    self.spent = True
                    break
                there.sendall(block)
        for each in (here, there):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

"""Asks a service elsewhere, over HTTP, without trusting it or the way there.

The host is resolved once, and judged: what is asked is that address, whatever its name says later.
No redirect is followed and no proxy used. Each answer has a limit in bytes, and all of them
together one in bytes and one in time, which also holds for a server that sends a byte a minute.
"""

import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from queue import LifoQueue
from typing import Any
from urllib.parse import urlsplit

from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.repositories import PORTS, addresses_of

SILENCE = 20.0  # seconds without a byte
BLOCK = 1 << 16
BUSY = (429, 500, 502, 503, 504)


class Unreachable(Exception):
    """The service could not be had just now: nothing there, too slow, too busy, broken off."""


class Unusable(Exception):
    """The service must not be asked, or answers with something else. The message says which."""


class Denied(Unusable):
    """The service knows who asks, or asks who it is, and does not answer them."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What all questions together may cost: seconds, bytes of answers, connections at a time."""

    seconds: float = 120
    total_bytes: int = 256 << 20
    connections: int = 4


class Service:
    """A service at one address. Use it in a `with` block; threads may share it.

    `base` is https, or http for a service on this machine or in our network; `private` allows
    addresses of our own network.
    """

    def __init__(
        self,
        base: str,
        *,
        agent: str,
        private: bool = False,
        bounds: Bounds,
        accept: str = "application/json",
        cookie: str = "",
    ) -> None:
        """`cookie` is a secret: it goes to this host alone, by https or inside this machine."""
        parts = urlsplit(base)
        self._host, self._path = parts.hostname or "", parts.path.rstrip("/")
        self._query = f"?{parts.query}" if parts.query else ""
        self._secure = parts.scheme == "https"
        self._port = parts.port or PORTS[parts.scheme]
        self._address = _address_of(self._host, self._port, private)
        if cookie and not (self._secure or ipaddress.ip_address(self._address).is_loopback):
            raise Unusable("a log-in is sent by https only, and its address has none")
        self._agent, self._accept, self._cookie = agent, accept, cookie
        self._bounds = bounds
        self._left = bounds.total_bytes
        self._lock = threading.Lock()
        self._until = time.monotonic() + bounds.seconds
        self._lines: LifoQueue[_Line] = LifoQueue()
        self._every = [_Line(self) for _ in range(bounds.connections)]
        for line in self._every:
            self._lines.put(line)
        self._alarm = threading.Timer(bounds.seconds, self._hang_up)
        self._alarm.daemon = True

    def __enter__(self) -> "Service":
        self._alarm.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._alarm.cancel()
        self._hang_up()

    def ask(self, path: str, question: Any = None, *, most: int) -> Any:
        """The JSON that is at a path, or that answers a question; None where there is nothing.

        Raises Unreachable and Unusable.
        """
        content = self._content(self._path + path, question, most)
        return None if content is None else _value(content)

    def fetch(self, path: str | None = None, *, most: int) -> bytes | None:
        """The bytes at a path, or at the service's own address; None where there is nothing.

        Raises Unreachable and Unusable.
        """
        own = (self._path or "/") + self._query
        return self._content(own if path is None else self._path + path, None, most)

    def _content(self, path: str, question: Any, most: int) -> bytes | None:
        line = self._lines.get()
        try:
            status, content = line.ask(path, question, most)
        except TimeoutError as error:
            raise Unreachable("it is too slow") from error
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        finally:
            self._lines.put(line)
        return _judged(status, content)

    # --- for its lines ---

    def connect(self) -> http.client.HTTPConnection:
        """A connection to the address that was judged, under the name that was given."""
        made = http.client.HTTPConnection(self._host, self._port, timeout=SILENCE)
        raw = socket.create_connection((self._address, self._port), timeout=self.patience())
        if self._secure:
            try:
                raw = ssl.create_default_context().wrap_socket(raw, server_hostname=self._host)
            except BaseException:
                raw.close()
                raise
        made.sock = raw
        return made

    @property
    def headers(self) -> dict[str, str]:
        asked = {
            "User-Agent": self._agent,
            "Accept": self._accept,
            "Accept-Encoding": "identity",
        }
        return asked | ({"Cookie": self._cookie} if self._cookie else {})

    def patience(self) -> float:
        """Seconds that the next byte may take; Unreachable when the time for all is over."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise Unreachable(f"it takes more than {self._bounds.seconds:g} seconds in all")
        return min(left, SILENCE)

    def pay(self, size: int) -> None:
        """Count bytes that have come; Unusable when they are too many."""
        with self._lock:
            self._left -= size
            if self._left < 0:
                raise Unusable(
                    f"it answers with more than {self._bounds.total_bytes >> 20} MB in all"
                )

    def _hang_up(self) -> None:
        for line in self._every:
            line.hang_up()


class _Line:
    """One connection, kept from question to question."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._open: http.client.HTTPConnection | None = None
        self._raw: socket.socket | None = None  # http.client lets go of it before all is read

    def ask(self, path: str, question: Any, most: int) -> tuple[int, bytes]:
        used = self._open is not None
        try:
            return self._ask(path, question, most)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()
            if not used:
                raise
            return self._ask(path, question, most)  # the server had closed it meanwhile
        except BaseException:
            self.close()
            raise

    def _ask(self, path: str, question: Any, most: int) -> tuple[int, bytes]:
        if self._open is None:
            self._open = self._service.connect()
            self._raw = self._open.sock
        line = self._open
        self._wait()
        headers, body = self._service.headers, None
        if question is not None:
            body = json.dumps(question).encode()
            headers["Content-Type"] = "application/json"
        line.request("POST" if body is not None else "GET", path, body, headers)
        answer = line.getresponse()
        content = self._read(answer, most)
        answer.close()  # the connection stays: it takes the next question
        if answer.will_close:
            self.close()
        return answer.status, content

    def _read(self, answer: http.client.HTTPResponse, most: int) -> bytes:
        content = bytearray()
        while block := answer.read1(BLOCK):
            content += block
            self._service.pay(len(block))
            if len(content) > most:
                raise Unusable(f"it answers with more than {most >> 20} MB at once")
            self._wait()
        if answer.length:
            raise http.client.IncompleteRead(b"", answer.length)
        return bytes(content)

    def _wait(self) -> None:
        if self._raw is not None:
            self._raw.settimeout(self._service.patience())

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = self._raw = None

    def hang_up(self) -> None:
        """End what another thread waits for."""
        if (raw := self._raw) is not None:
            with suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)


def _address_of(host: str, port: int, private: bool) -> str:
    try:
        found = addresses_of(host, port, private=private)
    except LookupError as error:
        raise Unreachable(f"the host {host} cannot be found") from error
    except BadInput as error:
        raise Unusable(f"the name {host} leads into a private network") from error
    # IPv4 first: machines without a way to IPv6 have it in their name server all the same.
    return min(found, key=lambda address: (":" in address, address))


def _judged(status: int, content: bytes) -> bytes | None:
    """The content; None where there is nothing. Raises Unreachable and Unusable for no answer."""
    if status in BUSY:
        raise Unreachable(f"it answers {status}")
    if status == 404:
        return None
    if status in (401, 403):
        raise Denied(f"it answers with the status {status}")
    if 300 <= status < 400:
        raise Unusable("it answers with the way to another address, and redirects are not followed")
    if status != 200:
        raise Unusable(f"it answers with the status {status}")
    return content


def _value(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unusable("it answers with something that is no JSON") from error

"""Files from a web server: one, or all below a directory listing.

Each address is judged, resolved once, and asked where it was found; redirects are followed a few
times, and where they lead is judged as if somebody had typed it.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from urllib.parse import urljoin

from django.conf import settings

from releases.importing.address import Allowed, Place, Problem, place_of
from releases.importing.fetched import Fetched
from releases.importing.listing import LARGEST, children, name_of
from releases.landing import Landing, TooBig
from trusted_releases.lib.digests import BLOCK
from trusted_releases.lib.paths import MAX_DEPTH

REDIRECTS = 4
SILENCE = 30.0  # seconds without a byte
MOST_LISTINGS = 1_000
MOVED = (301, 302, 303, 307, 308)
BUSY = (429, 500, 502, 503, 504)


def fetch(url: str, allowed: Allowed, fetched: Fetched) -> None:
    """All that is at the address, stored. Raises Problem."""
    with _answer(url, allowed, fetched) as (answer, there):
        fetched.found = there
        if not _is_listing(answer, there):
            if there.endswith("/"):
                raise Problem(f"{there} does not list what is in it. Give the address of a file.")
            if fetched.wanted(name_of(there)):
                _store(answer, name_of(there), fetched)
            return
        content = _listing(answer, fetched)
    waiting = [(child, "") for child in children(content, there)]
    listings = 1
    while waiting:
        child, above = waiting.pop()
        path = f"{above}{name_of(child)}"
        if not child.endswith("/"):
            _fetch_file(child, path, allowed, fetched)
        elif name_of(child).startswith("."):
            fetched.left_out.append(f"{path}/")
        else:
            listings += 1
            _require_few(listings, path, len(waiting), fetched)
            content = _listed(child, allowed, fetched)
            waiting += [(each, f"{path}/") for each in children(content, child)]


def _require_few(listings: int, path: str, waiting: int, fetched: Fetched) -> None:
    """Problem where a server lists without an end."""
    if listings > MOST_LISTINGS or path.count("/") >= MAX_DEPTH:
        raise Problem("There are more folders, or deeper ones, than a release has.")
    if waiting > fetched.bounds.files * 2:
        raise fetched.too_many()


def _listed(url: str, allowed: Allowed, fetched: Fetched) -> bytes:
    """The listing of a folder below the one that was asked for. Nothing leads elsewhere."""
    with _answer(url, allowed, fetched) as (answer, led):
        if led != url or not _is_listing(answer, led):
            raise Problem(f"{url} does not list what is in it, so it cannot be imported.")
        return _listing(answer, fetched)


def _fetch_file(url: str, path: str, allowed: Allowed, fetched: Fetched) -> None:
    if not fetched.wanted(path):
        return
    with _answer(url, allowed, fetched) as (answer, _):
        _store(answer, path, fetched)


def _store(answer: http.client.HTTPResponse, path: str, fetched: Fetched) -> None:
    """Stream a file into the store, within the limits."""
    fetched.require_room(answer.length or 0, path)
    with Landing() as file:
        for block in _blocks(answer, fetched):
            fetched.require_room(file.size + len(block), path)
            try:
                file.feed(block)
            except TooBig:
                fetched.require_room(settings.MAX_FILE_SIZE + 1, path)
                raise
            fetched.tell(file.size)
        fetched.take(path, *file.landed())


def _listing(answer: http.client.HTTPResponse, fetched: Fetched) -> bytes:
    content = bytearray()
    for block in _blocks(answer, fetched):
        content += block
        if len(content) > LARGEST:
            raise Problem(f"The listing has more than {LARGEST >> 20} MB, which is no folder's.")
    return bytes(content)


def _is_listing(answer: http.client.HTTPResponse, url: str) -> bool:
    return url.endswith("/") and (answer.getheader("Content-Type") or "").startswith("text/html")


def _blocks(answer: http.client.HTTPResponse, fetched: Fetched) -> Iterator[bytes]:
    try:
        while block := answer.read1(BLOCK):
            _ = fetched.left
            yield block
        _ = fetched.left  # a line that was cut for the time looks like the end
        if answer.length:
            raise http.client.IncompleteRead(b"", answer.length)
    except (OSError, http.client.HTTPException) as error:
        raise _broken(error, fetched) from error


@contextmanager
def _answer(
    url: str, allowed: Allowed, fetched: Fetched
) -> Iterator[tuple[http.client.HTTPResponse, str]]:
    """What a server says of an address, and which one that was in the end."""
    for _ in range(REDIRECTS + 1):
        place = place_of(url, allowed)
        with closing(_connected(place, fetched)) as line, _cut_in_time(line, fetched):
            answer = _asked(line, place, fetched)
            if answer.status not in MOVED:
                _judge(answer.status, url)
                yield answer, url
                return
            url = _led(url, answer.getheader("Location") or "")
    raise Problem("The address leads to another one, and that again to another: give the last one.")


def _led(url: str, to: str) -> str:
    """The address that a redirect leads to, which nobody has judged yet."""
    try:
        return urljoin(url, to)
    except ValueError as error:
        raise Problem(f"{url} leads to what is no address. Give the last one.") from error


@contextmanager
def _cut_in_time(line: http.client.HTTPConnection, fetched: Fetched) -> Iterator[None]:
    """The line is cut when the time is over: a server that says little, and little by little, is
    never silent, and what reads its headers looks at no clock."""
    sock = line.sock

    def cut() -> None:
        with suppress(OSError):  # under TLS too, whose own end would wait for an answer
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(fetched.left, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _connected(place: Place, fetched: Fetched) -> http.client.HTTPConnection:
    """A connection to the address that was judged; under TLS, nothing has been said as yet."""
    patience = min(fetched.left, SILENCE)
    made = http.client.HTTPConnection(place.host, place.port, timeout=patience)
    try:
        raw = socket.create_connection((place.addresses[0], place.port), timeout=patience)
        if place.scheme == "https":
            try:
                raw = ssl.create_default_context().wrap_socket(
                    raw, server_hostname=place.host, do_handshake_on_connect=False
                )
            except BaseException:
                raw.close()
                raise
    except OSError as error:
        raise _broken(error, fetched) from error
    made.sock = raw
    return made


def _asked(
    line: http.client.HTTPConnection, place: Place, fetched: Fetched
) -> http.client.HTTPResponse:
    """What the server says, under the name that was given."""
    agent = f"trusted-releases/{settings.VERSION}"
    headers = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "identity"}
    try:
        if isinstance(line.sock, ssl.SSLSocket):
            line.sock.do_handshake()
        line.request("GET", place.path, headers=headers)
        return line.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise _broken(error, fetched) from error


def _judge(status: int, url: str) -> None:
    if status in BUSY:
        raise Problem(f"{url} answers {status}: it is busy. Try again later.", again=True)
    if status == 404:
        raise Problem(f"There is nothing at {url}. Correct the address.")
    if status in (401, 403):
        raise Problem(f"{url} is not for everybody (it answers {status}). Give a public address.")
    if status != 200:
        raise Problem(f"{url} answers with the status {status}. Correct the address.")


def _broken(error: Exception, fetched: Fetched) -> Problem:
    """Why the line broke. Raises the Problem that says so where the time was over."""
    _ = fetched.left
    said = str(error) or type(error).__name__
    return Problem(
        f"The server could not be reached, or its answer broke off ({said}). Try again.",
        again=True,
    )

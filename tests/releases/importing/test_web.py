"""Files from a web server, also from one that means no good."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from releases.importing import web as importing
from releases.importing.address import Problem
from tests.releases.importing import servers
from tests.releases.importing.servers import Web, contents, fetched, listing, moved, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def web() -> Iterator[Web]:
    with servers.web() as made:
        yield made


def fetch(web: Web, path: str, **bounds: float):
    what = fetched(**bounds)
    importing.fetch(web.url + path, web.allowed, what)
    return what


def test_a_file_comes_as_it_is(web) -> None:
    web.pages["/x/tool.zip"] = page(b"bytes")
    what = fetch(web, "/x/tool.zip")
    assert contents(what) == {"tool.zip": b"bytes"}
    assert what.found == f"{web.url}/x/tool.zip"


def test_all_that_is_listed_comes_with_its_folders(web) -> None:
    web.pages |= {
        "/r/": listing("a.zip", "docs/", ".htaccess", ".git/", "?C=M;O=A"),
        "/r/a.zip": page(b"a"),
        "/r/docs/": listing("deep/"),
        "/r/docs/deep/": listing("x(1).txt"),
        "/r/docs/deep/x(1).txt": page(b"x"),
    }
    what = fetch(web, "/r/")
    assert contents(what) == {"a.zip": b"a", "docs/deep/x(1).txt": b"x"}
    assert sorted(what.left_out) == [".git/", ".htaccess"]
    assert set(web.asked) == set(web.pages)


def test_a_redirect_is_followed_to_a_listed_host(web) -> None:
    web.pages |= {"/r": moved("/r/"), "/r/": listing("a"), "/r/a": moved("/b"), "/b": page(b"b")}
    what = fetch(web, "/r")
    assert contents(what) == {"a": b"b"}
    assert what.found == f"{web.url}/r/"


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("https://example.org/x", "begins with http://"),
        ("http://example.org/x", "not imported from example.org"),
        ("http://169.254.169.254/latest/meta-data", "not imported from"),
        ("file:///etc/passwd", "begins with http://"),
        ("/loop", "leads to another one"),
        ("", "leads to another one"),
    ],
)
def test_a_redirect_elsewhere_is_refused(web, to: str, why: str) -> None:
    web.pages |= {"/x": moved(to), "/loop": moved("/loop")}
    with pytest.raises(Problem, match=why):
        fetch(web, "/x")


def test_a_redirect_into_a_private_network_is_refused(web) -> None:
    web.pages["/x"] = page(b"x")
    with pytest.raises(Problem, match="private network"):
        importing.fetch(f"{web.url}/x", replace(web.allowed, private=False), fetched())
    assert not web.asked


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        ({"file_bytes": 9}, "is larger than 9 bytes"),
        ({"total_bytes": 15}, "more than 15 bytes"),
        ({"files": 1}, "more than 1 files"),
    ],
)
def test_more_than_is_allowed_ends_it(web, bounds, why: str) -> None:
    web.pages |= {"/r/": listing("a", "b"), "/r/a": page(bytes(10)), "/r/b": page(bytes(10))}
    with pytest.raises(Problem, match=why):
        fetch(web, "/r/", **bounds)


def test_a_server_that_does_not_say_how_much_comes_is_bounded_too(web) -> None:
    def endless(handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(bytes(1 << 16))

    web.pages["/x"] = endless
    with pytest.raises(Problem, match="x is larger than"):
        fetch(web, "/x")
    assert not list(Path(settings.SCRATCH_DIR).glob("upload-*"))


def test_a_server_that_sends_a_byte_at_a_time_is_ended(web) -> None:
    def slow(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(b"x")
            time.sleep(0.05)

    web.pages["/x"] = slow
    with pytest.raises(Problem, match="longer than 1 seconds"):
        fetch(web, "/x", seconds=1)


def test_an_answer_that_breaks_off_is_no_file_and_may_be_tried_again(web) -> None:
    def cut(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"x")

    web.pages["/x"] = cut
    with pytest.raises(Problem, match="broke off") as problem:
        fetch(web, "/x")
    assert problem.value.again


@pytest.mark.parametrize(
    ("status", "why", "again"),
    [
        (404, "nothing at", False),
        (403, "not for everybody", False),
        (503, "busy", True),
        (418, "status 418", False),
    ],
)
def test_what_the_server_refuses_is_said(web, status: int, why: str, again: bool) -> None:
    web.pages["/x"] = lambda handler: handler.send_error(status)
    with pytest.raises(Problem, match=why) as problem:
        fetch(web, "/x")
    assert problem.value.again is again


def test_nobody_there_is_said_and_may_be_tried_again(web) -> None:
    web.server.server_close()
    with pytest.raises(Problem, match="could not be reached") as problem:
        fetch(web, "/x")
    assert problem.value.again


def test_a_folder_that_is_not_listed_is_said(web) -> None:
    web.pages |= {"/r/": listing("d/"), "/r/d/": page(b"no page"), "/j/": page(b"{}")}
    with pytest.raises(Problem, match="does not list what is in it, so"):
        fetch(web, "/r/")
    with pytest.raises(Problem, match="does not list what is in it"):
        fetch(web, "/j/")


def test_folders_without_an_end_are_refused(web) -> None:
    class Endless(dict):
        def get(self, path, default=None):
            return listing("d/")

    web.pages = Endless()
    with pytest.raises(Problem, match="deeper ones"):
        fetch(web, "/r/")


def test_a_listing_of_any_size_is_bounded(web, monkeypatch) -> None:
    monkeypatch.setattr(importing, "LARGEST", 100)
    web.pages["/r/"] = listing(*(f"file-{number}" for number in range(100)))
    with pytest.raises(Problem, match="which is no folder's"):
        fetch(web, "/r/")


@pytest.mark.parametrize("to", ["http://[::1", "//[", "http://[v1.a]/", "http://a:99999999/"])
def test_a_redirect_to_what_is_no_address_is_said(web, to: str) -> None:
    web.pages["/x"] = moved(to)
    with pytest.raises(Problem):
        fetch(web, "/x")


def _goes_on(*blocks: bytes, pause: float = 0) -> servers.Page:
    """Says this, and the last of it again and again."""

    def answer(handler) -> None:
        for block in blocks[:-1]:
            handler.wfile.write(block)
        while True:
            handler.wfile.write(blocks[-1])
            time.sleep(pause)

    return answer


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "said",
    [
        _goes_on(b"HTTP/1.1 100 Continue\r\n\r\n"),
        _goes_on(b"HTTP/1.1 200 OK\r\nX: ", b"a", pause=0.05),
        _goes_on(CHUNKED, b"0", pause=0.05),
        _goes_on(CHUNKED + b"1\r\nx\r\n0\r\n", b"a: b\r\n"),
        _goes_on(b"HTTP/1.1 200 OK\r\n\r\n", b"x", pause=0.05),
    ],
)
def test_a_server_that_goes_on_for_ever_is_ended_in_time_wherever_it_is(web, said) -> None:
    web.pages["/x"] = said
    began = time.monotonic()
    with pytest.raises(Problem, match="longer than 1 seconds") as problem:
        fetch(web, "/x", seconds=1)
    assert time.monotonic() - began < 10
    assert not problem.value.again

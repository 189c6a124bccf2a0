"""Questions to a service elsewhere: where they go, what they may cost, what is believed."""

import socket
import threading
import time

import pytest

from tests.checks.sbom.osv_server import Osv, running
from trusted_releases.lib import outbound
from trusted_releases.lib.outbound import Bounds, Service, Unreachable, Unusable

pytestmark = pytest.mark.once


def service(url: str, *, private: bool = True, **bounds) -> Service:
    return Service(url, agent="tests/1", private=private, bounds=Bounds(**bounds))


@pytest.fixture
def osv():
    with running(Osv({}, {"id": "X-1"})) as running_one:
        yield running_one


def test_it_answers_in_json_over_one_connection(osv):
    with service(osv.url) as asking:
        assert asking.ask("/v1/vulns/X-1", most=1000) == {"id": "X-1"}
        assert asking.ask("/v1/vulns/X-2", most=1000) is None
        assert asking.ask("/v1/querybatch", {"queries": []}, most=1000) == {"results": []}


def test_our_own_network_is_not_asked_unless_it_may_be(osv):
    with pytest.raises(Unusable, match="private network"):
        service(osv.url, private=False)


def test_a_host_that_is_not_found_is_unreachable():
    with pytest.raises(Unreachable, match="cannot be found"):
        service("https://osv.invalid")


def test_the_address_that_was_judged_is_the_one_that_is_asked(osv, monkeypatch):
    port = int(osv.url.rpartition(":")[2])
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *_, **__: here)
    with service(f"http://osv.example.org:{port}") as asking:
        monkeypatch.undo()  # the name leads elsewhere from now on, or nowhere
        assert asking.ask("/v1/vulns/X-1", most=1000) == {"id": "X-1"}


def test_redirects_are_not_followed(osv):
    osv.status, osv.location = 302, f"{osv.url}/elsewhere"
    with service(osv.url) as asking, pytest.raises(Unusable, match="redirects"):
        asking.ask("/v1/vulns/X-1", most=1000)
    assert osv.asked == ["/v1/vulns/X-1"]


def test_nobody_there_is_unreachable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with service(url) as asking, pytest.raises(Unreachable):
            asking.ask("/", most=1000)


def test_who_is_silent_is_waited_for_as_long_as_was_said(osv):
    osv.delay = 5
    begun = time.monotonic()
    with service(osv.url, seconds=0.5) as asking, pytest.raises(Unreachable):
        asking.ask("/v1/vulns/X-1", most=1000)
    assert time.monotonic() - begun < 3


def test_who_sends_a_byte_now_and_then_is_not_waited_for(osv):
    osv.body, osv.drip = b" " * 1000, 0.05
    begun = time.monotonic()
    with service(osv.url, seconds=0.6) as asking, pytest.raises(Unreachable):
        asking.ask("/v1/vulns/X-1", most=10_000)
    assert time.monotonic() - begun < 3


def test_headers_that_come_byte_by_byte_end_with_the_time():
    def drip(server: socket.socket) -> None:
        line, _ = server.accept()
        try:
            while True:
                line.sendall(b"H")
                time.sleep(0.05)
        except OSError:
            line.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, args=[server], daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        begun = time.monotonic()
        with service(url, seconds=0.6) as asking, pytest.raises(Unreachable):
            asking.ask("/", most=1000)
    assert time.monotonic() - begun < 3


def test_one_answer_and_all_together_have_a_limit(osv):
    osv.body = b'"' + b"x" * 5_000 + b'"'
    with service(osv.url) as asking, pytest.raises(Unusable, match="at once"):
        asking.ask("/", most=1000)
    with service(osv.url, total_bytes=12_000) as asking:
        asking.ask("/", most=10_000)
        asking.ask("/", most=10_000)
        with pytest.raises(Unusable, match="in all"):
            asking.ask("/", most=10_000)


def test_what_breaks_off_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def half() -> None:
            line, _ = server.accept()
            line.recv(10_000)
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")
            line.close()

        threading.Thread(target=half, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with service(url) as asking, pytest.raises(Unreachable):
            asking.ask("/", most=1000)


def test_a_connection_that_was_closed_meanwhile_is_opened_again():
    """Servers close what was not used for a while."""
    answers = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with socket.create_server(("127.0.0.1", 0)) as server:

        def once_each() -> None:
            for _ in range(2):
                line, _ = server.accept()
                line.recv(10_000)
                line.sendall(answers)
                line.close()

        threading.Thread(target=once_each, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with service(url, connections=1) as asking:
            assert asking.ask("/", most=100) == {}
            time.sleep(0.1)
            assert asking.ask("/", most=100) == {}

"""Policy and KEYS from a server: from the right one, whole, and of a size and time that can be."""

import time
from urllib.request import Request

import pytest

from checks.engine.model import Policy
from checks.laptop import fetch as module
from checks.laptop.fetch import Server, fetch, server_of
from tests.checks.laptop.served import giving, self_signed, server
from trusted_releases.lib.errors import BadInput


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://x.org/projects/tool/", Server("https://x.org", "tool")),
        ("https://x.org/projects/tool", Server("https://x.org", "tool")),
        ("https://x.org/projects/tool/policy/?a=b#c", Server("https://x.org", "tool")),
        ("https://x.org/releases/tool/1.0+b/files/", Server("https://x.org", "tool", "1.0+b")),
        ("https://x.org:8443/a/b/projects/tool/", Server("https://x.org:8443/a/b", "tool")),
        ("http://localhost:8000/projects/tool/", Server("http://localhost:8000", "tool")),
        ("http://[::1]/projects/tool/", Server("http://[::1]", "tool")),
    ],
)
def test_the_address_of_a_page_names_project_and_server(address, source):
    assert server_of(address) == source


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://x.org/", "names no project"),
        ("https://x.org/projects/", "names no project"),
        ("https://x.org/releases/tool/", "names no project"),
        ("http://x.org/projects/tool/", "is not encrypted"),
        ("http://127.0.0.1.x.org/projects/tool/", "is not encrypted"),
        ("ftp://x.org/projects/tool/", "is no address of a server"),
        ("file:///projects/tool/", "is no address of a server"),
        ("x.org/projects/tool/", "is no address of a server"),
        ("https://me:secret@x.org/projects/tool/", "name or password"),
    ],
)
def test_other_addresses_are_refused_before_anything_is_asked(address, why):
    with pytest.raises(BadInput, match=why) as refused:
        server_of(address)
    assert "secret" not in str(refused.value)


def test_policy_and_keys_come_from_their_places():
    answers = {
        "/projects/tool/policy.json?version=1.0%2Bb": giving(b'{"committee": "c"}'),
        "/projects/tool/policy.json": giving(b'{"podling": true}'),
        "/committees/c/KEYS": giving(b"keys"),
    }
    with server(answers) as address:
        source = server_of(f"{address}/projects/tool/")
        assert source.policy("1.0+b") == Policy(committee="c")
        assert source.policy() == Policy(podling=True)
        assert server_of(f"{address}/releases/tool/1.0+b/").policy().committee == "c"
        assert source.keys("c") == b"keys"
        assert source.rules == f"{address}/checks/"


def refused(answers, path="/a", most=1 << 20):
    with server(answers) as address, pytest.raises(BadInput) as error:
        fetch(address + path, most)
    return str(error.value)


def test_an_answer_that_is_none_is_said():
    assert "answered 404 Not Found. There is no such project" in refused({})
    assert "answered 500 Internal Server Error." in refused({"/a": giving(b"", 500)})


def test_more_bytes_than_any_policy_has_are_not_taken():
    assert "gave more than 1 MB" in refused({"/a": giving(bytes((1 << 20) + 1))})


def test_an_answer_that_is_cut_short_is_not_taken_for_a_whole_one():
    short = giving(b"half", Content_Length="8")
    assert "4 bytes are missing" in refused({"/a": short})


def test_a_server_that_is_silent_or_drips_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(module, "SILENCE", 0.3)
    assert "broke off: timed out" in refused({"/a": lambda request: time.sleep(1)})
    monkeypatch.setattr(module, "LONGEST", 0.5)

    def drip(request):
        giving(b"", Content_Length="100")(request)
        for _ in range(20):
            request.wfile.write(b"x")
            time.sleep(0.1)

    assert "took longer than 0.5 seconds" in refused({"/a": drip})


def test_a_redirect_may_lead_to_another_place_of_the_same_server():
    with server({"/a": giving(b"", 302, Location="/b"), "/b": giving(b"there")}) as address:
        assert fetch(f"{address}/a", 10) == b"there"


def test_a_redirect_to_another_server_is_refused_and_that_is_not_asked():
    asked = []
    with server({"/b": lambda request: asked.append(request)}) as other:
        elsewhere = other.replace("127.0.0.1", "localhost") + "/b"
        assert "leads to another server" in refused({"/a": giving(b"", 302, Location=elsewhere)})
    assert asked == []


def test_a_redirect_away_from_encryption_is_refused():
    asked = Request("https://x.org/a")
    with pytest.raises(BadInput, match="not encrypted"):
        module._SameHost().redirect_request(asked, None, 302, "", {}, "http://x.org/a")


def test_redirects_in_a_circle_end():
    assert "answered 302" in refused({"/a": giving(b"", 302, Location="/a")})


def test_a_server_that_is_not_there_is_a_sentence():
    with server({}) as address:
        pass
    with pytest.raises(BadInput, match="cannot be reached"):
        fetch(f"{address}/a", 10)


def test_a_server_that_cannot_prove_who_it_is_is_refused():
    """TLS is spoken with whoever listens, and a plain server cannot."""
    with server({"/a": giving(b"x")}) as address, pytest.raises(BadInput, match="cannot be"):
        fetch(address.replace("http:", "https:") + "/a", 10)


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_question(tmp_path):
    with (
        self_signed(tmp_path / "server.pem") as address,
        pytest.raises(BadInput, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        fetch(f"{address}/a", 10)

"""The issuer's keys: fetched, kept, asked for again, and never from anybody else."""

import socket
import time
from typing import Any

import pytest
from django.core.cache import cache

from keys import issuer
from tests import issuer as fake
from tests.issuer import Issuer


@pytest.fixture(autouse=True)
def there(settings: Any):
    with fake.serving() as found:
        settings.DEBUG, settings.GITHUB_OIDC_ISSUER = True, found.address
        yield found


def unavailable(kid: str = "1") -> str:
    with pytest.raises(issuer.Unavailable) as caught:
        issuer.key_of(kid)
    return str(caught.value)


def test_a_key_is_fetched_once_and_kept(there: Issuer) -> None:
    numbers = fake.KEY.public_key().public_numbers()
    assert issuer.key_of("1").public_numbers() == numbers
    assert issuer.key_of("1").public_numbers() == numbers
    assert there.asked == [issuer.DISCOVERY, "/jwks"]


def test_a_new_key_is_found_when_it_is_used_and_made_up_ids_cost_nothing(
    there: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert issuer.key_of("2") is None
    there.keys["2"] = fake.key()
    assert issuer.key_of("2") is None  # asked a moment ago
    assert len(there.asked) == 2
    monkeypatch.setattr(issuer, "AGAIN", -1)
    assert issuer.key_of("2") is not None
    assert len(there.asked) == 4


def test_a_key_that_the_issuer_has_withdrawn_is_forgotten(there: Issuer) -> None:
    assert issuer.key_of("1") is not None
    del there.keys["1"]
    cache.clear()  # as after an hour
    assert issuer.key_of("1") is None


def test_a_list_that_is_too_long_is_not_read_to_its_end(there: Issuer) -> None:
    there.padding = 50 << 20
    assert "more than 1 MB at once" in unavailable()


def test_too_many_keys_are_refused(there: Issuer) -> None:
    there.keys = {str(n): fake.KEY for n in range(issuer.MOST_KEYS + 1)}
    assert "too many" in unavailable()


def test_an_issuer_that_drips_is_given_up_in_time(
    there: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer, "SECONDS", 0.5)
    there.delay = 0.1
    begun = time.monotonic()
    assert "does not answer" in unavailable()
    assert time.monotonic() - begun < 3
    there.delay = 0
    assert "does not answer" in unavailable()  # nobody is made to wait for it again at once
    assert len(there.asked) == 1
    cache.clear()
    assert issuer.key_of("1") is not None


def test_an_issuer_that_is_down_is_said_to_be(there: Issuer, settings: Any) -> None:
    there.status = 503
    assert unavailable() == "The issuer of workflow tokens does not answer: it answers 503."
    settings.GITHUB_OIDC_ISSUER = "http://127.0.0.1:1"
    assert "does not answer" in unavailable()


def test_keys_of_another_host_or_way_are_not_taken(there: Issuer) -> None:
    with fake.serving() as other:
        there.about = {"jwks_uri": f"{other.address}/jwks"}
        assert "another place" in unavailable()
        assert other.asked == []
    cache.clear()
    there.about = {"jwks_uri": there.address.replace("http:", "ftp:") + "/jwks"}
    assert "another place" in unavailable()


def test_an_issuer_of_another_name_is_refused(there: Issuer) -> None:
    there.about = {"issuer": "https://token.actions.githubusercontent.com"}
    assert "another name" in unavailable()


def test_a_redirect_is_not_followed(there: Issuer) -> None:
    there.status = 302
    assert "redirects are not followed" in unavailable()
    assert len(there.asked) == 1


def test_an_issuer_in_our_own_network_is_asked_only_where_that_is_said(
    there: Issuer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer, "LOOPBACK", frozenset())
    monkeypatch.setattr(issuer, "is_safe", lambda url: True)
    assert "private network" in unavailable()
    assert there.asked == []
    cache.clear()
    settings.GITHUB_OIDC_PRIVATE = True
    assert issuer.key_of("1") is not None


def test_the_address_that_was_judged_is_the_one_that_is_asked_for_both_documents(
    there: Issuer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = [], socket.getaddrinfo

    def looking(host: Any, *more: Any, **rest: Any) -> Any:
        if host != "issuer.example.org":
            return real(host, *more, **rest)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "192.0.2.1", *more, **rest)

    monkeypatch.setattr(socket, "getaddrinfo", looking)
    monkeypatch.setattr(issuer, "is_safe", lambda url: True)
    there.address = there.address.replace("127.0.0.1", "issuer.example.org")
    settings.GITHUB_OIDC_ISSUER, settings.GITHUB_OIDC_PRIVATE = there.address, True
    assert issuer.key_of("1") is not None
    assert len(asked) == 1
    assert there.asked == [issuer.DISCOVERY, "/jwks"]


@pytest.mark.parametrize("change", [{"kty": "oct"}, {"use": "enc"}, {"alg": "HS256"}, {"n": "AQ"}])
def test_keys_for_other_purposes_are_left_out(change: dict[str, str]) -> None:
    good = fake.row("1", fake.KEY)
    assert issuer._is_usable(good)
    assert not issuer._is_usable(good | change)
    assert not issuer._is_usable({**good, "kid": 1})
    assert not issuer._is_usable("key")


def test_a_short_key_is_left_out() -> None:
    assert not issuer._is_usable(fake.row("1", fake.key(1024)))


def test_plain_http_is_for_this_machine_while_debugging(settings: Any) -> None:
    assert issuer.is_safe("https://token.actions.githubusercontent.com")
    assert issuer.is_safe("http://127.0.0.1:8000")
    assert not issuer.is_safe("http://issuer.example.org")
    assert not issuer.is_safe("https://")
    assert not issuer.is_safe("file:///etc/passwd")
    settings.DEBUG = False
    assert not issuer.is_safe("http://127.0.0.1:8000")
    assert "not reached over https" in unavailable()

"""Where a request comes from, and who may say so."""

import pytest
from django.test import RequestFactory

from trusted_releases.lib.addresses import address_of, is_in, network
from trusted_releases.lib.errors import BadInput


def came(**meta: str) -> str:
    return address_of(RequestFactory().get("/", **meta))


def test_it_is_what_the_socket_says(settings) -> None:
    settings.BEHIND_PROXY = False
    assert came(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="10.0.0.1") == "192.0.2.1"
    assert came(REMOTE_ADDR="::ffff:192.0.2.1") == "192.0.2.1"
    assert came(REMOTE_ADDR="") == ""


def test_behind_our_proxy_it_is_what_the_proxy_wrote_last(settings) -> None:
    settings.BEHIND_PROXY = True
    said = "10.0.0.1, 198.51.100.7"
    assert came(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=said) == "198.51.100.7"
    assert came(REMOTE_ADDR="127.0.0.1") == "127.0.0.1"
    assert came(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="evil") == ""


def test_a_network_has_one_form() -> None:
    assert network(" 192.0.2.9 ") == "192.0.2.9/32"
    assert network("2001:DB8::1/48") == "2001:db8::/48"
    for wrong in ("", "host", "10.0.0.0/40"):
        with pytest.raises(BadInput):
            network(wrong)


def test_what_is_in_a_network() -> None:
    assert is_in("192.0.2.9", "192.0.2.0/24")
    assert not is_in("192.0.3.9", "192.0.2.0/24")
    assert not is_in("2001:db8::1", "192.0.2.0/24")
    assert not is_in("", "192.0.2.0/24")

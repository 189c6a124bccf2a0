"""Which addresses may be asked, and where they are."""

import pytest

from releases.importing.address import Allowed, Problem, check_address, check_revision, place_of
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.once

HOSTS = Allowed(("dist.apache.org", "127.0.0.1:8080", "localhost"))


@pytest.mark.parametrize(
    "url",
    [
        "https://dist.apache.org/repos/dist/dev/tool/1.0-rc1/",
        "https://DIST.apache.org/x%20y(1)",
        "https://dist.apache.org:443/x",
    ],
)
def test_addresses_on_listed_hosts_are_taken(url: str) -> None:
    assert check_address(f" {url} ", HOSTS) == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "plain URL"),
        ("https://dist.apache.org/" + "x" * 500, "plain URL"),
        ("https://me:pw@dist.apache.org/", "plain URL"),
        ("https://dist.apache.org/?x", "plain URL"),
        ("https://dist.apache.org/a b", "plain URL"),
        ("http://dist.apache.org/", "begins with https://"),
        ("svn://dist.apache.org/", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("svn+ssh://dist.apache.org/", "begins with https://"),
        ("-x", "begins with https://"),
        ("https://example.org/", "not imported from example.org"),
        ("https://dist.apache.org.example.org/", "not imported from"),
        ("https://dist.apache.org:8443/", "not imported from dist.apache.org:8443"),
        ("https://dist.apache.org:99999/", "not imported from no host"),
        ("https:///x", "not imported from no host"),
        ("https://dist.apache.org/a/../b", "no . or .."),
        ("https://dist.apache.org/a/..%2fb", "no . or .."),
        ("https://dist.apache.org/a/%2e%2E/b", "no . or .."),
        ("https://dist.apache.org/.svn/entries", "no . or .."),
    ],
)
def test_all_others_are_refused_with_what_to_change(url: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        check_address(url, HOSTS)


@pytest.mark.parametrize("url", ["https://127.0.0.1:8080/x", "https://localhost/x"])
def test_a_listed_host_in_a_private_network_is_asked_only_where_that_is_set(url: str) -> None:
    with pytest.raises(Problem, match="private network"):
        place_of(url, HOSTS)
    place = place_of(url, Allowed(HOSTS.hosts, private=True))
    assert place.addresses[0] == "127.0.0.1"
    assert place.port in (8080, 443)


def test_a_host_that_cannot_be_found_may_be_found_later() -> None:
    with pytest.raises(Problem, match="cannot be found") as problem:
        place_of("https://nowhere.invalid/", Allowed(("nowhere.invalid",)))
    assert problem.value.again


@pytest.mark.parametrize(
    ("text", "clean"), [("", "HEAD"), ("head", "HEAD"), (" 17 ", "17"), ("r17", "17")]
)
def test_a_revision_is_a_number_or_the_newest(text: str, clean: str) -> None:
    assert check_revision(text) == clean


@pytest.mark.parametrize("text", ["0", "-1", "1:2", "{2026-01-01}", "PREV", "1" * 10, "1 -x"])
def test_what_is_no_revision_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is a number, or HEAD"):
        check_revision(text)

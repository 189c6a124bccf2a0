"""What may be named as the source of a release, and what of the network may be asked."""

import socket

import pytest

from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.repositories import (
    addresses_of,
    check_commit,
    check_repository,
    check_tag,
    host_of,
)

HOSTS = ("github.com", "git.example.org:8443")


def checked(address, schemes=("https",)):
    return check_repository(address, HOSTS, schemes)


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/apache/tool",
        "https://github.com/apache/tool.git",
        "https://GitHub.com/apache/tool",
        "https://github.com:443/apache/tool",
        "https://git.example.org:8443/a/~b/tool",
    ],
)
def test_a_public_address_on_a_known_host_is_taken(address):
    assert checked(f" {address}/ ") == address


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "plain URL"),
        ("https://github.com/" + "a" * 500, "plain URL"),
        ("--upload-pack=touch${IFS}x", "plain URL"),
        ("-oProxyCommand=x", "plain URL"),
        ("https://github.com/a b", "plain URL"),
        ("https://github.com/a\nb", "plain URL"),
        ("https://github.com/a?b=c", "plain URL"),
        ("https://github.com/a#b", "plain URL"),
        ("https://github.com/%2e%2e/a", "plain URL"),
        ("https://gïthub.com/a", "plain URL"),
        ("ext::sh", "begins with https://"),
        ("http://github.com/apache/tool", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("ssh://git@github.com/apache/tool", "begins with https://"),
        ("git@github.com:apache/tool", "begins with https://"),
        ("/etc/passwd", "begins with https://"),
        ("https://me:secret@github.com/apache/tool", "no user"),
        ("https://github.com@evil.example/apache/tool", "no user"),
        ("https://github.com", "names no repository"),
        ("https://github.com/../tool", "names no repository"),
        ("https://github.com//tool", "names no repository"),
        ("https://evil.example/apache/tool", "evil.example are not looked at"),
        ("https://github.com.evil.example/a", "not looked at"),
        ("https://github.com:8443/apache/tool", "not looked at"),
        ("https://git.example.org/tool", "not looked at"),
        ("https://github.com:abc/apache/tool", "not looked at"),
        ("https://[::1]/a", "plain URL"),
        ("https://127.0.0.1/a", "not looked at"),
        ("https:///a", "not looked at"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(address, why):
    with pytest.raises(BadInput, match=why):
        checked(address)


def test_other_schemes_are_taken_where_settings_allow_them():
    assert checked("file:///srv/tool.git", ("https", "file")) == "file:///srv/tool.git"
    with pytest.raises(BadInput, match="https:// or file://"):
        checked("ssh://github.com/a", ("https", "file"))


def test_the_refusal_names_the_hosts_that_are_allowed():
    with pytest.raises(BadInput, match=r"git\.example\.org:8443, github\.com"):
        checked("https://example.net/a")
    with pytest.raises(BadInput, match="none"):
        check_repository("https://example.net/a", (), ("https",))


def test_a_commit_is_named_in_full():
    assert check_commit(" " + "AB" * 20 + "\n") == "ab" * 20
    assert check_commit("0" * 64) == "0" * 64


@pytest.mark.parametrize("commit", ["", "abc1234", "g" * 40, "0" * 41, "HEAD", "-" + "0" * 39])
def test_what_is_no_full_id_is_refused(commit):
    with pytest.raises(BadInput, match="full id of 40"):
        check_commit(commit)


@pytest.mark.parametrize(
    "tag", ["v1.0", "rel/1.2.0", "tool-1.0+rc1", "@scope/pkg@1.0", "refs/tags/v1.0", "1_0"]
)
def test_names_of_tags(tag):
    assert check_tag(tag) == tag.removeprefix("refs/tags/")


@pytest.mark.parametrize(
    "tag",
    [
        *("", "-v", "--all", ".v1", "v1..v2", "v1.lock", "v1.", "v1/", "a//b", "a/.b", "a./b"),
        *("v 1", "v1:x", "v1^{}", "v1~1", "v*", "a@{1}", "v\n1", "v" * 201),
    ],
)
def test_what_git_would_not_take_as_a_tag_is_refused(tag):
    with pytest.raises(BadInput, match="A tag is named"):
        check_tag(tag)


def test_a_host_has_its_port_where_it_is_not_the_usual_one():
    assert host_of("https://GitHub.com/apache/tool") == "github.com"
    assert host_of("https://github.com:443/a") == "github.com"
    assert host_of("http://github.com:443/a") == "github.com:443"
    assert host_of("https://github.com:x/a") == ""
    assert host_of("") == ""


def resolving(monkeypatch, *addresses):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)


def test_a_public_host_is_where_it_is(monkeypatch):
    resolving(monkeypatch, "140.82.121.3", "2606:50c0:8000::64", "140.82.121.3")
    assert addresses_of("github.com", 443) == ["140.82.121.3", "2606:50c0:8000::64"]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "fe80::1%eth0", "fd00::1", "::"),
        *("::ffff:10.0.0.1", "2002:0a00:0001::", "64:ff9b:1::1", "64:ff9b::a00:1", "ff02::1"),
    ],
)
def test_a_host_in_a_private_network_is_refused_also_beside_a_public_address(monkeypatch, address):
    resolving(monkeypatch, "140.82.121.3", address)
    with pytest.raises(BadInput, match="private network"):
        addresses_of("evil.example", 443)
    assert address.partition("%")[0] in addresses_of("evil.example", 443, private=True)


def test_a_host_that_does_not_exist_is_no_refusal(monkeypatch):
    def nowhere(*args, **kwargs):
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with pytest.raises(LookupError, match="cannot be found"):
        addresses_of("nowhere.example", 443)

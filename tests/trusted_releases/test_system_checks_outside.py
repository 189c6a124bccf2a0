"""Which services elsewhere an installation may be set to ask."""

import pytest

from trusted_releases.system_checks_outside import archive_url, osv_url

pytestmark = pytest.mark.once


def ids(settings, url: str, *, private: bool = False) -> list[str]:
    settings.OSV_URL, settings.OSV_PRIVATE = url, private
    return [message.id for message in osv_url()]


def test_nobody_has_to_be_asked(settings):
    assert ids(settings, "") == []


@pytest.mark.parametrize("url", ["https://api.osv.dev", "https://osv.example.org:8443/mirror"])
def test_a_service_with_https_is_fine(settings, url):
    assert ids(settings, url) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://api.osv.dev",
        "ftp://api.osv.dev",
        "api.osv.dev",
        "https://",
        "https://me:secret@api.osv.dev",
        "https://api.osv.dev/?key=1",
    ],
)
def test_others_are_refused_at_the_start(settings, url):
    assert ids(settings, url) == ["tr.E017"]


def test_plain_http_stays_at_home(settings):
    assert ids(settings, "http://127.0.0.1:8080") == []
    assert ids(settings, "http://osv.intern.example.org") == ["tr.E017"]
    assert ids(settings, "http://osv.intern.example.org", private=True) == []


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("", []),
        ("https://lists.apache.org", []),
        ("http://127.0.0.1:8080", []),
        ("http://lists.example.org", ["tr.E034"]),
        ("https://me:secret@lists.example.org", ["tr.E034"]),
        ("lists.example.org", ["tr.E034"]),
    ],
)
def test_the_archive_of_the_lists_is_asked_in_a_safe_way(settings, url, found):
    settings.ARCHIVE_URL, settings.ARCHIVE_PRIVATE = url, False
    assert [message.id for message in archive_url()] == found

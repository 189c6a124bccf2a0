"""One vulnerability, read from what a service says of it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.sbom.osv_read import MAX_SUMMARY, vulnerability_of
from checks.sbom.severity import SEVERITIES
from tests.checks.sbom.osv_server import LOG4SHELL

pytestmark = pytest.mark.once

V2 = "AV:N/AC:L/Au:N/C:P/I:P/A:P"
V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N"


def read(**value):
    return vulnerability_of("X-1", {"id": "X-1", **value})


def test_all_that_people_want_to_know_is_read():
    found = vulnerability_of("GHSA-jfh8-c2jp-5v3q", LOG4SHELL)
    assert found.aliases == ("CVE-2021-44228",)
    assert (found.severity, found.score) == ("critical", 10.0)
    assert found.summary == "Remote code injection in Log4j"
    assert found.url == "https://nvd.nist.gov/vuln/detail/CVE-2021-44228"
    assert found.published == datetime(2021, 12, 10, 0, 40, 56, tzinfo=UTC)


def test_the_last_vector_that_can_be_read_counts():
    found = read(
        severity=[
            {"type": "CVSS_V2", "score": V2},
            {"type": "CVSS_V4", "score": V4},
            {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"},
            {"type": "Ubuntu", "score": "low"},
        ]
    )
    assert (found.severity, found.score, found.vector) == ("medium", 6.9, V4)


@pytest.mark.parametrize(
    ("word", "severity"),
    [("MODERATE", "medium"), ("High", "high"), ("terrible", "unknown"), (7, "unknown")],
)
def test_without_a_vector_the_word_counts(word, severity):
    assert read(database_specific={"severity": word}).severity == severity
    assert read(affected=[{"database_specific": {"severity": word}}]).severity == severity


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user:secret@example.org/",
        "https://",
        "//example.org/",
        "https://example.org/\u202e",
        "https://example.org/" + "x" * 500,
        "https://[::1",
        None,
    ],
)
def test_only_addresses_of_the_web_lead_anywhere(url):
    assert read(references=[{"type": "ADVISORY", "url": url}]).url == ""


def test_a_long_story_is_cut_and_in_one_line():
    found = read(details="First\nparagraph.\n\nSecond.")
    assert found.summary == "First paragraph."
    assert len(read(summary="x" * 10_000).summary) == MAX_SUMMARY + 1


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=15,
)
NAMES = ("severity", "aliases", "references", "affected", "database_specific", "summary", "details")


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from((*NAMES, "published", "modified")), JSON))
def test_nothing_that_is_said_breaks_it(value):
    found = vulnerability_of("X-1", value)
    assert found.severity in SEVERITIES
    assert found.score is None or 0 <= found.score <= 10

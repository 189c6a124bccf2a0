"""What pages are given of a document: short, and safe to show."""

import pytest

from checks.sbom.content import LONG, NAME, content_of, plain, web_address
from checks.sbom.reading import bom_from, parse
from checks.sbom.score import gaps
from checks.sbom.tools import outdated
from checks.sbom.validate import validate
from tests.checks.sbom.boms import as_json, by_the_library, component


def content(data: bytes):
    raw = parse(data)
    bom = bom_from(raw)
    return content_of(bom, validate(raw), gaps(bom), outdated(bom), of_source=True)


def test_it_says_what_the_document_says():
    told = content(by_the_library("1.6", "JSON"))
    assert (told["form"], told["spec_version"], told["describes"]) == ("json", "1.6", "tool 1.0")
    assert told["schema"] == {"errors": [], "more": False, "unknown": ""}
    assert told["primary"]["name"] == "tool"
    one, two = told["components"]
    assert (one["name"], one["licence"], one["category"]) == ("org.example/one", "MIT", "A")
    assert (two["chosen"], two["others"]) == ("Apache-2.0", "EPL-2.0")
    assert one["key"] != two["key"]


def test_what_cannot_be_seen_is_written_out_and_what_is_long_is_cut():
    hostile = "a\u202eb\x00c\u200bd" + "\U000e0001" * 5_000
    told = content(as_json(component(hostile, version=hostile, purl=hostile, scope=hostile)))
    (only,) = told["components"]
    assert "a\\u202eb\\x00c\\u200bd" in only["name"]
    assert all(len(each) <= LONG for each in only.values() if isinstance(each, str))
    assert all(each.isprintable() for each in only.values() if isinstance(each, str))


@pytest.mark.parametrize("text", ["x" * 1_000, "\U000e0001" * 199, "\n" * NAME, "plain"])
def test_no_text_is_longer_than_its_column(text):
    assert len(plain(text)) <= NAME


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://example.org/a?b=c", True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        (" https://example.org", False),
        ("https://example.org/ x", False),
        ("https://example.org/\u202e", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("https://" + "x" * 2_000, False),
        ("", False),
    ],
)
def test_only_addresses_that_a_browser_may_follow_are_kept(address, kept):
    assert web_address(address) == (address if kept else "")


def found(name, severity="", score=None, affects=(), **more):
    rating = {"severity": severity, "score": score}
    refs = [{"ref": each} for each in affects]
    return {"id": name, "ratings": [rating], "affects": refs, **more}


def test_vulnerabilities_stand_with_the_worst_first():
    given = [
        found("none"),
        found("low", "low", 2),
        found("high", "high", 7.1),
        found("higher", "HIGH", 8.9),
        found("critical", "critical"),
        found("odd", "terrible", 99),
    ]
    told = content(as_json(component(), vulnerabilities=given))["vulnerabilities"]
    assert [each["id_text"] for each in told] == [
        *("critical", "higher", "high", "low"),
        *("odd", "none"),
    ]
    assert told[4]["severity"] == ""


def test_a_vulnerability_names_the_components_it_is_in():
    parts = [component(f"n{number}") for number in range(8)]
    refs = [each["bom-ref"] for each in parts]
    source = {"name": "X", "url": "javascript:alert(1)"}
    given = found("CVE-1", affects=[*refs, "unknown"], source=source, description="a\n b")
    (told,) = content(as_json(*parts, vulnerabilities=[given]))["vulnerabilities"]
    assert told["affects"][0] == "org.example/n0 1.0"
    assert (len(told["affects"]), told["more"]) == (5, 4)
    assert (told["source"], told["url"], told["description"]) == ("X", "", "a b")

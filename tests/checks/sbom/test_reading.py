"""Bills of materials are read, or refused with a reason; nothing in them costs what it may not."""

import json
from time import process_time

import pytest

from checks.sbom import reading, shape
from checks.sbom.document import (
    MAX_BYTES,
    MAX_DEPTH,
    Licence,
    NotCycloneDX,
    Rating,
    TooLarge,
    Unreadable,
)
from checks.sbom.reading import parse, read
from tests.checks.sbom.boms import VERSIONS, as_json, by_the_library, component


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("form", ["JSON", "XML"])
def test_what_the_reference_library_writes_is_read(version, form):
    bom = read(by_the_library(version, form))
    assert (bom.form, bom.spec_version) == (form.lower(), version)
    assert bom.primary.label == "tool 1.0"
    assert [each.label for each in bom.components] == [
        "org.example/one 2.1",
        "org.example/two 2.1",
    ]
    assert [each.licences for each in bom.components] == [
        (Licence("MIT", "id"),),
        (Licence("EPL-2.0 OR Apache-2.0", "expression"),),
    ]
    assert bom.components[0].purl == "pkg:maven/org.example/one@2.1"
    assert bom.components[0].supplier == "The Example Project"
    assert bom.metadata.supplier == "The Example Project"
    assert bom.metadata.timestamp
    (relation,) = [each for each in bom.dependencies if each.ref == "tool"]
    assert set(relation.depends_on) == {"ref-one", "ref-two"}


def test_both_forms_of_one_document_are_the_same():
    one, other = (read(by_the_library("1.6", form)) for form in ("JSON", "XML"))
    assert one.components == other.components
    assert one.primary == other.primary
    assert one.metadata.authors == other.metadata.authors == ("Alice",)


def test_vulnerabilities_and_tools_are_read_in_both_forms():
    rated = {"severity": "High", "score": 7.5, "method": "CVSSv31", "vector": "AV:N"}
    found = {
        "id": "CVE-2024-1",
        "source": {"name": "NVD", "url": "https://example.org/1"},
        "description": "It breaks.",
        "ratings": [rated],
        "affects": [{"ref": "ref-lib-1.0"}],
        "analysis": {"state": "not_affected"},
    }
    given = as_json(component(), vulnerabilities=[found])
    namespace = "http://cyclonedx.org/schema/bom/1.4"
    xml = f"""<?xml version="1.0" encoding="UTF-8"?><bom xmlns="{namespace}" version="2">
    <metadata><tools><tool><vendor>V</vendor><name>maker</name><version>3</version></tool></tools>
    </metadata><vulnerabilities><vulnerability><id>CVE-2024-1</id>
    <source><name>NVD</name><url>https://example.org/1</url></source>
    <ratings><rating><score>7.5</score><severity>high</severity><method>CVSSv31</method>
    <vector>AV:N</vector></rating></ratings><description>It breaks.</description>
    <analysis><state>not_affected</state></analysis>
    <affects><target><ref>ref-lib-1.0</ref></target></affects></vulnerability></vulnerabilities>
    </bom>"""
    one, other = read(given), read(xml.encode())
    assert one.vulnerabilities == other.vulnerabilities
    assert one.vulnerabilities[0].ratings == (Rating("high", 7.5, "CVSSv31", "AV:N"),)
    assert (other.version, other.spec_version) == (2, "1.4")
    assert [(each.vendor, each.name, each.version) for each in other.metadata.tools] == [
        ("V", "maker", "3")
    ]


def test_components_inside_others_are_read_after_these():
    inner = component("inner", components=[component("innermost")])
    bom = read(as_json(component("a", components=[inner]), component("b")))
    assert [each.name for each in bom.components] == ["a", "b", "inner", "innermost"]


def test_references_that_repeat_are_named():
    twice = [component("a", bom_ref="x"), component("b", bom_ref="x"), component("c")]
    assert read(as_json(*twice)).repeated_refs == ("x",)


def test_what_has_a_wrong_type_counts_as_missing():
    odd = component(name=7, version=None, licenses="MIT", supplier=[], purl={"a": 1})
    bom = read(as_json(odd, 4, metadata="none", dependencies={}, version=2**70 % 10**18))
    assert bom.metadata is None
    assert (bom.dependencies, bom.version) == ((), 0)
    (only,) = bom.components
    assert (only.name, only.supplier, only.purl, only.licences) == ("", "", "", ())
    assert only.label == "org.example/"


def test_a_byte_order_mark_is_no_part_of_it():
    assert read(b"\xef\xbb\xbf" + as_json(component())).components


DEEP = b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1)
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol2 "&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;">]>
<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><serialNumber>&lol2;</serialNumber></bom>"""
FETCHING = b"""<!DOCTYPE bom [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components>&secret;</components></bom>"""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "It is empty."),
        (b"  \n", "It is empty."),
        (b"[]", "neither JSON nor XML"),
        (b'{"a": 1,}', "no JSON"),
        (b'{"a": 1} x', "no JSON"),
        (b"\xff\xfe{\x00", "not in UTF-8"),
        (b'{"a": 1, "a": 2}', "'a' twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1e999}', "out of range"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "5,000 digits"),
        (b'{"a": "\\ud800"}', "half a character"),
        (b'{"\\udfff": 1}', "half a character"),
        (DEEP, "deep"),
        (b'{"a":' * 100_000, "deep"),
        (b"<bom>", "no XML"),
        (b"<bom/><bom/>", "no XML"),
        (b"<bom>&nbsp;</bom>", "no XML"),
        (b"<bom>" * 200 + b"</bom>" * 200, "deep"),
        (b'<?xml version="1.0" encoding="utf-7"?><bom/>', "encoding utf-7"),
        (LAUGHS, "document type"),
        (FETCHING, "document type"),
    ],
)
def test_what_cannot_be_read_safely_is_refused_with_a_reason(data, reason):
    with pytest.raises(Unreadable, match=reason):
        read(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"spdxVersion": "SPDX-2.3"}', "SPDX"),
        (b'{"bomFormat": "Other"}', "bomFormat"),
        (b"<project xmlns='http://maven.apache.org/POM/4.0.0'/>", "namespace"),
    ],
)
def test_another_kind_of_document_is_told_as_such(data, reason):
    with pytest.raises(NotCycloneDX, match=reason):
        read(data)


def test_a_document_of_100_mb_is_not_looked_into():
    started = process_time()
    with pytest.raises(TooLarge, match="bytes"):
        parse(b"{" + b" " * (100 << 20))
    assert process_time() - started < 1
    assert MAX_BYTES < 100 << 20


@pytest.mark.parametrize(
    "data", [b'{"a":[' + b"[]," * 50 + b"[]]}", b"<bom>" + b"<x/>" * 99 + b"</bom>"]
)
def test_more_values_than_anybody_reads_are_refused_before_they_take_memory(monkeypatch, data):
    monkeypatch.setattr(reading, "MAX_VALUES", 99)
    with pytest.raises(TooLarge, match="values"):
        read(data)


def test_more_components_than_anybody_reads_are_too_many(monkeypatch):
    monkeypatch.setattr(shape, "MAX_COMPONENTS", 2)
    with pytest.raises(TooLarge, match="components"):
        read(as_json(component("a"), component("b", components=[component("c")])))


def test_nul_and_script_are_text_like_any_other():
    hostile = component("<script>alert(1)</script>\0")
    assert read(as_json(hostile)).components[0].name == "<script>alert(1)</script>\0"
    assert "\\u0000" in json.dumps(hostile)

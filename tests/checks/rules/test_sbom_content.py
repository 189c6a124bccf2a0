"""What the checks say of a bill of materials."""

import json
import resource
import subprocess
import sys

import pytest

from checks.engine.child import ROOT
from checks.engine.model import Level
from checks.engine.plan import plan
from checks.engine.run import run
from checks.sbom.document import MAX_BYTES
from tests.checks.engine import made
from tests.checks.sbom.boms import VERSIONS, as_json, by_the_library, component, licensed, metadata

RULE = "sbom.content"
SOURCE, BINARY = "a-1.0-src.tar.gz", "a-1.0-bin.zip"
NAME = "a-1.0.cdx.json"


def judged(tmp_path, data: bytes, path: str = NAME, *beside: str):
    files = {path: data} | dict.fromkeys(beside, b"")
    return [each for each in made.findings(made.candidate(tmp_path, files), RULE)]


def codes(found) -> dict[str, Level]:
    return {each.data["code"]: each.level for each in found}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("form", ["JSON", "XML"])
def test_what_the_reference_library_writes_raises_no_concern(tmp_path, version, form):
    found = judged(tmp_path, by_the_library(version, form), f"a-1.0.cdx.{form.lower()}")
    assert made.worst(found) in (Level.SUGGESTION, Level.NOTE)
    assert "schema" not in codes(found)
    note = next(each for each in found if each.data["code"] == "read")
    assert note.message == f"A bill of materials in CycloneDX {version}: 2 components."


def test_a_document_that_says_everything_is_a_note(tmp_path):
    assert codes(judged(tmp_path, as_json(component()))) == {"read": Level.NOTE}


@pytest.mark.parametrize(
    ("path", "looked_at"),
    [
        *((name, True) for name in ("a.cdx.json", "a-cyclonedx.json", "a-sbom.json", "sbom.json")),
        ("deep/down.json", True),
        ("a.txt", False),
        ("a.cdx.json.asc", False),
    ],
)
def test_s11_c11_it_is_recognised_by_name_or_content(tmp_path, path, looked_at):
    candidate = made.candidate(tmp_path, {path: as_json(component())})
    assert any(RULE in unit.rules for unit in plan(candidate)) == looked_at
    if looked_at:
        assert codes(made.findings(candidate, RULE)) == {"read": Level.NOTE}


@pytest.mark.parametrize("path", ["bom.xml", "a.cdx.xml", "a-cyclonedx.xml", "other.xml"])
def test_the_xml_form_is_recognised_as_well(tmp_path, path):
    assert "read" in codes(judged(tmp_path, by_the_library("1.4", "XML"), path))


def test_other_json_and_xml_is_nobodys_business(tmp_path):
    assert judged(tmp_path, b'{"name": "package"}', "package.json") == []
    assert judged(tmp_path, b"<project/>", "pom.xml") == []


@pytest.mark.parametrize(
    ("path", "data", "level", "code"),
    [
        (NAME, b"{", Level.CONCERN, "unreadable"),
        ("sbom.json", b"{", Level.CONCERN, "unreadable"),
        (NAME, b'{"spdxVersion": "SPDX-2.3"}', Level.CONCERN, "unreadable"),
        ("sbom.json", b'{"spdxVersion": "SPDX-2.3"}', Level.NOTE, "other_form"),
        ("bom.xml", b"<project/>", Level.NOTE, "other_form"),
        (NAME, b"{" + b" " * MAX_BYTES, Level.SUGGESTION, "too_large"),
    ],
)
def test_what_cannot_be_read_is_a_concern_where_the_name_promises_it(
    tmp_path, path, data, level, code
):
    (found,) = judged(tmp_path, data, path)
    assert (found.level, found.data["code"]) == (level, code)


@pytest.mark.parametrize(
    ("beside", "level", "code"),
    [
        ([SOURCE], Level.SUGGESTION, "category_b_source"),
        ([BINARY], Level.NOTE, "category_b"),
        ([SOURCE, BINARY], Level.NOTE, "category_b"),
        ([], Level.NOTE, "category_b"),
    ],
    ids=["M10-source", "M10-binary", "both", "neither"],
)
def test_m10_category_b_weighs_more_in_a_source_archive(tmp_path, beside, level, code):
    found = codes(judged(tmp_path, as_json(licensed("EPL-2.0")), NAME, *beside))
    assert found == {"read": Level.NOTE, code: level}


def test_the_policy_says_what_is_source_and_a_change_of_it_is_judged_anew(tmp_path):
    files = {NAME: as_json(licensed("EPL-2.0")), BINARY: b""}
    one = made.candidate(tmp_path, files)
    other = made.candidate(tmp_path, files, source_paths=("*.zip",))
    assert "category_b" in codes(made.findings(one, RULE))
    assert "category_b_source" in codes(made.findings(other, RULE))
    keys = [next(unit.key for unit in plan(each) if RULE in unit.rules) for each in (one, other)]
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    ("part", "level", "code"),
    [
        (licensed("GPL-3.0-only"), Level.CONCERN, "category_x"),
        (licensed("GPL-3.0-only", scope="required"), Level.CONCERN, "category_x"),
        (licensed("GPL-3.0-only", scope="optional"), Level.SUGGESTION, "category_x_avoidable"),
        (licensed("GPL-3.0-only", scope="excluded"), Level.SUGGESTION, "category_x_avoidable"),
        (licensed("EPL-2.0", "GPL-2.0-only"), Level.SUGGESTION, "category_x_avoidable"),
        (
            licensed("(MIT OR GPL-2.0-only) AND Apache-2.0"),
            Level.SUGGESTION,
            "category_x_avoidable",
        ),
        (licensed("LicenseRef-Nobody-Knows"), Level.SUGGESTION, "category_unknown"),
    ],
)
def test_a_licence_is_a_concern_only_where_nobody_gets_around_it(tmp_path, part, level, code):
    found = codes(judged(tmp_path, as_json(part)))
    assert {name: each for name, each in found.items() if name.startswith("category")} == {
        code: level
    }


@pytest.mark.parametrize("licence", ["MIT", "MIT OR GPL-2.0-only"])
def test_what_may_be_used_is_not_spoken_of(tmp_path, licence):
    assert codes(judged(tmp_path, as_json(licensed(licence)))) == {"read": Level.NOTE}


def test_5000_components_that_lack_the_same_are_one_finding(tmp_path):
    bad = [
        licensed("GPL-3.0-only", name=f"n{number}", supplier=None, purl=None)
        for number in range(5_000)
    ]
    found = judged(tmp_path, as_json(*bad))
    assert len(found) == 4
    (told,) = [each for each in found if each.level == Level.CONCERN]
    assert told.message.startswith("5,000 components are under licences of category X")
    assert told.message.endswith("and 4,995 more.")
    assert (told.data["count"], len(told.data["examples"])) == (5_000, 5)


def test_an_outdated_generator_is_a_suggestion(tmp_path):
    tools = [{"vendor": "OWASP", "name": "cyclonedx-maven-plugin", "version": "2.7.9"}]
    found = codes(judged(tmp_path, as_json(component(), metadata=metadata(tools=tools))))
    assert found["outdated"] == Level.SUGGESTION


def test_what_breaks_the_schema_is_a_suggestion_with_the_first_errors(tmp_path):
    many = [component(f"n{number}", type="nonsense") for number in range(30)]
    (told,) = [each for each in judged(tmp_path, as_json(*many)) if each.data["code"] == "schema"]
    assert told.level == Level.SUGGESTION
    assert "More than 20 errors, the first: components[0].type" in told.message
    assert (len(told.data["errors"]), told.data["more"]) == (20, True)


def test_a_version_without_a_schema_is_told(tmp_path):
    assert "no_schema" in codes(judged(tmp_path, as_json(component(), specVersion="3.0")))


def test_hostile_names_are_written_out_in_what_is_said(tmp_path):
    hostile = "\u202e<script>alert(1)</script>\0"
    found = judged(tmp_path, as_json(licensed("GPL-3.0-only", name=hostile)))
    (told,) = [each for each in found if each.level == Level.CONCERN]
    assert "\\u202e<script>alert(1)</script>\\x00" in told.message
    assert json.dumps(told.as_json()).isascii()


def test_what_was_read_is_kept_for_pages_and_stands_in_no_document(tmp_path):
    candidate = made.candidate(tmp_path, {NAME: as_json(component("thing"))})
    (result,) = [each for each in run(candidate, plan(candidate)) if RULE in each.rules]
    assert result.content["components"][0]["name"] == "org.example/thing"
    assert "thing" not in json.dumps([each.as_json() for each in result.findings])


BOMBS = {
    "million-objects.cdx.json": b'{"bomFormat":"CycloneDX","a":[' + b"{}," * 2_900_000 + b"1]}",
    "deep.cdx.json": b'{"bomFormat":"CycloneDX","a":' + b"[" * 9_000_000,
    "text.cdx.json": b'{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"'
    + b"a" * 60_000_000
    + b'"}',
    "elements.cdx.xml": b'<bom xmlns="http://cyclonedx.org/schema/bom/1.6">'
    + b"<x/>" * 2_900_000
    + b"</bom>",
}
SCRIPT = """
import re, sys
from pathlib import Path
from checks.sbom.reading import bom_from, parse
from checks.sbom.validate import validate
try:
    raw = parse(Path(sys.argv[1]).read_bytes())
    validate(raw, bom_from(raw).repeated_refs)
except ValueError:
    pass
# Not ru_maxrss, which counts what the parent had before it became this program.
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_stays_within_the_memory_and_time_of_a_check(tmp_path, name):
    """In a process with the address space that checks have: a bomb would end it."""
    (tmp_path / name).write_bytes(BOMBS[name])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, tmp_path / name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) < 900

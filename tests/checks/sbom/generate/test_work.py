"""From an archive to its bill of materials: what a reader finds in it."""

import hashlib
import json

import pytest

from checks.engine.model import Limits
from checks.sbom.generate import bom, gather, inventory
from checks.sbom.generate.about import Problem
from checks.sbom.generate.work import generate
from tests.checks.engine import made
from tests.checks.engine.archive.rows_streams import big_dictionary
from tests.checks.sbom.generate.archives import (
    about,
    component,
    described,
    jar,
    needs,
    refs,
    tar_of,
    told,
)

pytestmark = pytest.mark.once

POM = """<project><groupId>org.apache.tool</groupId><artifactId>tool</artifactId>
<version>1.0</version><dependencies><dependency><groupId>org.apache.logging.log4j</groupId>
<artifactId>log4j-core</artifactId><version>2.17.1</version></dependency><dependency>
<groupId>junit</groupId><artifactId>junit</artifactId><version>4.13</version><scope>test</scope>
</dependency></dependencies></project>"""
TOOL, LOG4J, JUNIT = (
    "pkg:maven/org.apache.tool/tool@1.0",
    "pkg:maven/org.apache.logging.log4j/log4j-core@2.17.1",
    "pkg:maven/junit/junit@4.13",
)


def test_the_archive_is_described_with_what_the_platform_knows(tmp_path):
    content = tar_of({"tool-1.0/README": "hello"})
    document, outcome = described(tmp_path, content, homepage="https://tool.apache.org/")
    primary = document["metadata"]["component"]
    assert (primary["name"], primary["version"]) == ("Apache Tool", "1.0")
    digest = hashlib.sha256(content).hexdigest()
    assert {"alg": "SHA-256", "content": digest} in primary["hashes"]
    assert primary["purl"].startswith("pkg:generic/tool@1.0?checksum=sha256:" + digest)
    assert primary["purl"].endswith("&file_name=apache-tool-1.0-src.tar.gz")
    assert primary["supplier"] == {"name": "The Apache Software Foundation"}
    assert primary["externalReferences"] == [{"type": "website", "url": "https://tool.apache.org/"}]
    metadata = document["metadata"]
    assert metadata["timestamp"] == "2026-01-02T03:04:05+00:00"
    assert metadata["supplier"] == metadata["manufacturer"] == primary["supplier"]
    assert "authors" not in metadata
    assert metadata["tools"]["components"] == [
        {"name": "Trusted Releases", "type": "application", "version": "0.1.0"}
    ]
    assert document["components"] == []
    assert (outcome.components, outcome.manifests) == (0, 0)


def test_packages_come_with_where_they_are_named_and_what_for(tmp_path):
    document, outcome = described(tmp_path, tar_of({"tool-1.0/pom.xml": POM}))
    assert refs(document) == [LOG4J, TOOL, JUNIT]
    log4j = component(document, LOG4J)
    assert (log4j["group"], log4j["name"]) == ("org.apache.logging.log4j", "log4j-core")
    assert (log4j["version"], log4j["scope"]) == ("2.17.1", "required")
    assert log4j["supplier"] == {"name": "The Apache Software Foundation"}
    assert log4j["evidence"]["occurrences"] == [{"location": "tool-1.0/pom.xml"}]
    junit = component(document, JUNIT)
    assert junit["scope"] == "excluded"
    assert "supplier" not in junit
    primary = document["metadata"]["component"]["bom-ref"]
    assert needs(document) == {primary: [TOOL], TOOL: [JUNIT, LOG4J]}
    assert (outcome.components, outcome.manifests, outcome.without_version) == (3, 1, 0)


def test_the_same_archive_gives_the_same_bytes(tmp_path):
    content = tar_of({f"t/{n}/pom.xml": POM for n in range(5)})
    (tmp_path / "a").write_bytes(content)
    first, second = (generate(tmp_path / "a", about(content), Limits())[0] for _ in range(2))
    assert first == second
    other, _ = generate(tmp_path / "a", about(content, version="1.1"), Limits())
    assert json.loads(other)["serialNumber"] != json.loads(first)["serialNumber"]


def test_a_range_is_no_version_and_what_is_locked_is_one(tmp_path):
    web = {"name": "web", "version": "1.0", "dependencies": {"a": "^1.0", "b": "^2.0"}}
    lock = {"packages": {"node_modules/a": {"version": "1.3.0"}}}
    files = {"t/package.json": json.dumps(web), "t/package-lock.json": json.dumps(lock)}
    document, outcome = described(tmp_path, tar_of(files))
    assert refs(document) == ["pkg:npm/a@1.3.0", "pkg:npm/b", "pkg:npm/web@1.0"]
    b = component(document, "pkg:npm/b")
    assert "version" not in b
    assert b["properties"] == [{"name": "trusted-releases:requirement", "value": "^2.0"}]
    assert outcome.without_version == 1
    assert ("components-without-version", "1") in told(document)
    assert needs(document)["pkg:npm/web@1.0"] == ["pkg:npm/a@1.3.0", "pkg:npm/b"]


def test_a_manifest_that_cannot_be_read_is_named_and_the_others_stand(tmp_path):
    files = {"t/pom.xml": POM, "t/web/package.json": "{", "t/x/pom.xml": "<project>"}
    document, outcome = described(tmp_path, tar_of(files))
    assert LOG4J in refs(document)
    assert outcome.unread == (
        ("t/web/package.json", "it is no JSON"),
        ("t/x/pom.xml", "it is no XML"),
    )
    assert [value for name, value in told(document) if name == "manifest-not-read"] == [
        "t/web/package.json: it is no JSON",
        "t/x/pom.xml: it is no XML",
    ]


def test_jars_inside_are_the_packages_that_maven_says_they_are(tmp_path):
    shaded = jar("org.apache.tool:tool:1.0", "com.google.guava:guava:31.0")
    files = {
        "t/lib/guava-32.0.jar": jar("com.google.guava:guava:32.0"),
        "t/tool-1.0.jar": shaded,
        "t/lib/odd.jar": jar(),
        "t/lib/broken.jar": b"no jar",
    }
    document, outcome = described(tmp_path, tar_of(files))
    guava = component(document, "pkg:maven/com.google.guava/guava@32.0")
    digest = hashlib.sha256(files["t/lib/guava-32.0.jar"]).hexdigest()
    assert guava["hashes"] == [{"alg": "SHA-256", "content": digest}]
    assert "pkg:maven/com.google.guava/guava@31.0" in refs(document)
    odd = next(each for each in document["components"] if each["name"] == "odd.jar")
    assert odd["type"] == "file"
    assert "purl" not in odd
    assert "version" not in odd
    assert outcome.unread == (("t/lib/broken.jar", "it cannot be read to its end"),)


@pytest.mark.parametrize(
    ("path", "content", "purl"),
    [
        (
            "tool-1.0.tgz",
            tar_of({"package/package.json": '{"name": "@apache/tool", "version": "1.0"}'}),
            "pkg:npm/%40apache/tool@1.0",
        ),
        (
            "tool-1.0.tar.gz",
            tar_of({"tool-1.0/PKG-INFO": "Name: tool\nVersion: 1.0\nLicense-Expression: MIT\n"}),
            "pkg:pypi/tool@1.0",
        ),
        (
            "tool-1.0-py3-none-any.whl",
            made.zipped({"tool-1.0.dist-info/METADATA": b"Name: tool\nVersion: 1.0\n"}),
            "pkg:pypi/tool@1.0",
        ),
        ("tool-1.0.jar", jar("org.apache.tool:tool:1.0"), TOOL),
    ],
)
def test_an_archive_that_is_a_package_is_described_as_that(tmp_path, path, content, purl):
    document, _ = described(tmp_path, content, path=path)
    primary = document["metadata"]["component"]
    assert (primary["purl"], primary["bom-ref"], primary["type"]) == (purl, purl, "library")
    assert purl not in refs(document)


def test_a_package_of_another_version_than_the_release_is_a_part_of_it(tmp_path):
    content = tar_of({"package/package.json": '{"name": "tool", "version": "0.9"}'})
    document, _ = described(tmp_path, content, path="tool-1.0.tgz")
    assert document["metadata"]["component"]["purl"].startswith("pkg:generic/")
    assert refs(document) == ["pkg:npm/tool@0.9"]


def test_an_archive_that_cannot_be_read_to_its_end_is_not_described(tmp_path):
    whole = tar_of({"t/pom.xml": POM + " " * 100_000})
    with pytest.raises(Problem, match="cannot be read to its end"):
        described(tmp_path, whole[: len(whole) // 2])
    with pytest.raises(Problem):
        described(tmp_path, b"nothing")


def test_other_bytes_than_those_that_were_asked_about_are_not_described(tmp_path):
    (tmp_path / "a").write_bytes(tar_of({"t/pom.xml": POM}))
    with pytest.raises(ValueError, match="not the file"):
        generate(tmp_path / "a", about(b"other"), Limits())


def test_more_than_a_document_takes_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(inventory, "MAX_COMPONENTS", 2)
    document, outcome = described(tmp_path, tar_of({"tool-1.0/pom.xml": POM}))
    assert refs(document) == [LOG4J, TOOL]  # what is needed comes first
    assert outcome.left_out == 1
    assert ("components-left-out", "1") in told(document)
    assert needs(document)[TOOL] == [LOG4J]


def test_more_manifests_than_are_read_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(gather, "MAX_MANIFESTS", 1)
    monkeypatch.setattr(gather, "MAX_MANIFEST", len(POM))
    files = {"a/pom.xml": POM, "b/pom.xml": POM, "c/pom.xml": POM + " "}
    _, outcome = described(tmp_path, tar_of(files))
    assert outcome.manifests == 1
    assert [path for path, _ in outcome.unread] == ["b/pom.xml", "c/pom.xml"]


def test_many_unread_manifests_are_named_up_to_a_number(tmp_path, monkeypatch):
    monkeypatch.setattr(bom, "MAX_PROPERTIES", 2)
    document, outcome = described(tmp_path, tar_of({f"{n}/package.json": "{" for n in range(4)}))
    assert len(outcome.unread) == 4
    named = [value for name, value in told(document) if name == "manifest-not-read"]
    assert named[2:] == ["2 more"]


def test_names_of_hostile_members_are_shown_as_text(tmp_path):
    _, outcome = described(tmp_path, tar_of({"a\x1b[31m/pom.xml": "<"}))
    assert outcome.unread[0][0] == "a\\x1b[31m/pom.xml"


def test_what_is_read_is_told_while_it_is_read(tmp_path):
    content = tar_of({"t/pom.xml": POM})
    (tmp_path / "a").write_bytes(content)
    seen: list[int] = []
    generate(tmp_path / "a", about(content), Limits(), seen.append)
    assert seen[-1] == len(content)


def test_an_archive_that_needs_more_memory_to_unpack_is_not_called_damaged(tmp_path):
    content = big_dictionary()
    (tmp_path / "archive").write_bytes(content)
    with pytest.raises(MemoryError):
        generate(tmp_path / "archive", about(content, "tool-1.0-src.tar.xz"), Limits())

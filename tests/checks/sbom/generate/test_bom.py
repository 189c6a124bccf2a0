"""The document keeps to the schema, whatever stands in the manifests that it is made of."""

import json

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.engine.model import Limits
from checks.sbom.generate import bom
from checks.sbom.generate.about import Outcome
from checks.sbom.generate.bom import ORDER, document
from checks.sbom.generate.inventory import Inventory
from checks.sbom.generate.work import generate
from checks.sbom.manifests import Manifest, Package
from checks.sbom.reading import read
from checks.sbom.score import gaps
from tests.checks.sbom.generate.archives import about, component
from tests.shared import needs_shared, shared

pytestmark = pytest.mark.once

TEXT = st.text(st.characters(blacklist_categories=["C", "Z"]), min_size=1, max_size=12)
PACKAGES = st.builds(
    Package,
    st.sampled_from(["npm", "pypi", "maven", "cargo", "golang"]),
    TEXT,
    namespace=TEXT | st.just(""),
    version=TEXT | st.just(""),
    requirement=TEXT | st.just(""),
    scope=st.sampled_from(["required", "optional", "excluded"]),
    licences=st.lists(
        TEXT | st.sampled_from(["MIT", "MIT OR X", "Apache 2", "(", "NOASSERTION"])
    ).map(tuple),
)


def written(*manifests: Manifest, known=None):
    known = known or about(b"")
    return json.loads(document(Inventory(manifests, known), known, Outcome()))


def strict(value) -> str:
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(value))
    return str(error or "")


def test_it_is_in_the_order_in_which_people_read():
    assert tuple(written()) == ORDER


@pytest.mark.parametrize(
    ("licences", "told"),
    [
        (("MIT",), [("license", "id", "MIT")]),
        (("MIT OR Apache-2.0",), [("expression", "", "MIT OR Apache-2.0")]),
        (("My own terms",), [("license", "name", "My own terms")]),
        (("MIT", "Mine"), [("license", "id", "MIT"), ("license", "name", "Mine")]),
        (("MIT OR X", "Mine"), [("license", "name", "MIT OR X"), ("license", "name", "Mine")]),
    ],
)
def test_a_licence_is_an_id_an_expression_or_a_name(licences, told):
    made = written(Manifest("x", Package("npm", "a", version="1", licences=licences)))
    assert strict(made) == ""
    found = []
    for each in component(made, "pkg:npm/a@1")["licenses"]:
        inner = each.get("license", {})
        kind = "id" if "id" in inner else "name" if "name" in inner else ""
        name = inner.get(kind) or each["expression"]
        found.append(("license" if inner else "expression", kind, name))
    assert sorted(found) == sorted(told)


def test_modules_of_go_are_named_whole():
    made = written(Manifest("go.mod", Package("golang", "errors", "github.com/pkg", "v0.9.1")))
    found = component(made, "pkg:golang/github.com/pkg/errors@v0.9.1")
    assert found["name"] == "github.com/pkg/errors"
    assert "group" not in found
    assert found["supplier"] == {"name": "@github/pkg"}


@settings(deadline=None, max_examples=60)
@given(st.lists(PACKAGES, max_size=5), st.lists(PACKAGES, max_size=5))
def test_whatever_is_named_the_document_keeps_to_the_schema(needs, locked):
    usable = [[each for each in part if each.is_usable] for part in (needs, locked)]
    made = written(Manifest("x/y", None, tuple(usable[0]), tuple(usable[1])))
    assert strict(made) == ""
    refs = [each["bom-ref"] for each in made["components"]]
    assert len(refs) == len(set(refs))
    told = {each["ref"] for each in made["dependencies"]}
    assert told <= {*refs, made["metadata"]["component"]["bom-ref"]}


def test_a_document_that_breaks_the_schema_is_kept_from_everybody(monkeypatch):
    monkeypatch.setattr(bom, "ORDER", (*ORDER[:-1],))
    monkeypatch.setattr(bom, "_component", lambda part: {"type": "nonsense", "name": "a"})
    with pytest.raises(ValueError, match="breaks the schema"):
        written(Manifest("x", Package("npm", "a")))


def test_the_minimum_elements_are_there_as_far_as_they_are_known():
    log4j = Package("maven", "log4j-core", "org.apache.logging.log4j", "2.17.1")
    known = about(b"")
    found = document(Inventory([Manifest("pom.xml", log4j)], known), known, Outcome())
    assert gaps(read(found)) == ()


@needs_shared
@pytest.mark.parametrize(
    ("path", "least"),
    [
        ("real/unsigned/thrift-0.24.0.tar.gz", 700),
        ("real/zookeeper-3.8.0/apache-zookeeper-3.8.0.tar.gz", 60),
        ("real/unsigned/commons-io-2.11.0-src.tar.gz", 7),
        ("real/apache-arrow-25.0.0/apache-arrow-25.0.0.tar.gz", 30),
        ("real/httpd-2.4.68/httpd-2.4.68.tar.gz", 0),
        ("pypi/apache_otava-0.8.0.tar.gz", 70),
        ("pypi/apache-beam-2.51.0.zip", 1),
        ("npm/echarts-6.1.0.tgz", 30),
        ("npm/thrift-0.24.0.tgz", 20),
    ],
)
def test_archives_that_were_really_published_are_described(path, least):
    location = shared("data", *path.split("/"))
    known = about(location.read_bytes(), path=location.name)
    made, outcome = generate(location, known, Limits())
    assert outcome.components >= least
    bill = read(made)
    assert not bill.repeated_refs
    own = {each.code for each in gaps(bill) if each.code.startswith("METADATA")}
    assert own == set()
    if outcome.components <= 100:
        assert strict(json.loads(made)) == ""

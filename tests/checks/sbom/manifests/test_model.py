"""Packages by name, and that nothing anybody writes into a manifest breaks its reader."""

import json
import time
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.sbom import manifests
from checks.sbom.manifests import Package, is_manifest, read, stronger
from tests.checks.sbom.manifests.written import one

pytestmark = pytest.mark.once

NAMES = (*manifests._READERS, "pom.xml", "requirements.txt")
WORDS = st.sampled_from(
    [
        *("name", "version", "dependencies", "package", "packages", "node_modules/a", "source"),
        *("project", "tool", "poetry", "workspace", "license", "default", "optional", "1.0.0"),
        *("peerDependencies", "devDependencies", "peerDependenciesMeta", "build-system"),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=20,
)


def test_what_is_required_anywhere_is_required():
    assert stronger("excluded", "optional") == "optional"
    assert stronger("required", "excluded") == "required"


@pytest.mark.parametrize(
    "package",
    [
        Package("npm", ""),
        Package("npm", " "),
        Package("npm", "/"),
        Package("npm", "a\n"),
        Package("npm", "a" * 301),
        Package("npm", "a", version="1\x00"),
        Package("npm", "a", requirement="\u202e"),
        Package("", "a"),
        Package("maven", "a", qualifiers=(("bad key!", "x"),)),
    ],
)
def test_a_name_that_is_none_is_not_usable(package):
    assert not package.is_usable


def test_spellings_of_one_name_are_one_package():
    assert Package("pypi", "A_b").reference == Package("pypi", "a-b").reference


def test_a_plain_file_is_known_by_its_digest():
    file = Package("file", "a.jar", hashes=(("SHA-256", "ab" * 32),))
    assert file.reference == f"file:{'ab' * 32}:a.jar"
    assert file.is_usable


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_every_reader_is_asked(name):
    assert is_manifest(f"a/{name}")
    assert not is_manifest(f"a/{name}.bak")


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(NAMES), st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_reason(name, content):
    found = one(f"x/{name}", content)
    assert all(each.is_usable for each in (*found.needs, *found.locked))


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from([each for each in NAMES if each.endswith((".json", "Pipfile.lock"))]),
    st.dictionaries(WORDS, VALUES, max_size=6),
)
def test_any_json_is_read_or_refused_with_a_reason(name, value):
    found = one(f"x/{name}", json.dumps(value))
    assert all(each.is_usable for each in (*found.needs, *found.locked))


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(["Cargo.toml", "Cargo.lock", "pyproject.toml", "poetry.lock"]),
    st.dictionaries(WORDS, st.text(max_size=10) | st.booleans() | WORDS, max_size=4),
    WORDS,
)
def test_any_table_is_read_or_refused_with_a_reason(name, values, table):
    lines = "".join(f"{json.dumps(key)} = {json.dumps(value)}\n" for key, value in values.items())
    for head in (f"[{json.dumps(table)}]", f"[[{json.dumps(table)}]]", "[project.a]"):
        found = one(f"x/{name}", f"{head}\n{lines}")
        assert all(each.is_usable for each in (*found.needs, *found.locked))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=2, max_size=6), st.data())
def test_projects_in_any_relation_come_to_an_end(names, data):
    files = {}
    for place, name in enumerate(names):
        parent = data.draw(st.sampled_from(["a", "b", "c", "d"]))
        version = data.draw(st.sampled_from(["1", "${v}", ""]))
        files[f"{place}/pom.xml"] = (
            f"<project><artifactId>{name}</artifactId><version>{version}</version><parent>"
            f"<artifactId>{parent}</artifactId><version>1</version></parent>"
            f"<properties><v>${{{parent}}}</v></properties><dependencyManagement><dependencies>"
            f"<dependency><artifactId>{parent}</artifactId><scope>import</scope></dependency>"
            "</dependencies></dependencyManagement></project>"
        ).encode()
    assert len(list(read(files))) == len(files)


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_a_large_manifest_takes_no_longer_than_its_size(name):
    """Repeated pieces of each form, a megabyte of them."""
    for piece in (
        b"a",
        b"[",
        b'"',
        b"a = 1\n",
        b"<a>",
        b"a==1\n",
        b"a.",
        b"\\\n",
        b"@",
        b"#",
        b"(",
    ):
        begun = time.monotonic()
        one(f"x/{name}", piece * ((1 << 20) // len(piece)))
        assert time.monotonic() - begun < 10, (name, piece)


def test_paths_stay_as_they_are_in_the_archive():
    assert [each.path for each in read({"b/go.mod": b"", "a/go.mod": b""})] == [
        "a/go.mod",
        "b/go.mod",
    ]
    assert PurePosixPath("a/go.mod").name in NAMES

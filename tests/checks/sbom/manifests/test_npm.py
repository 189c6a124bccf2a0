"""package.json: what a package is, and what it asks for."""

import json

import pytest

from tests.checks.sbom.manifests.written import needs, one, told

pytestmark = pytest.mark.once


def package(**value):
    return one("web/package.json", json.dumps(value))


def test_a_package_and_what_it_needs():
    found = package(
        name="@apache/tool",
        version="1.0.0",
        license="Apache-2.0",
        dependencies={"a": "1.2.3", "b": "^2.0", "@s/c": "=3.0.0-rc.1"},
        optionalDependencies={"d": "v4.0.0"},
        peerDependencies={"e": ">=5", "f": "6.0.0"},
        peerDependenciesMeta={"e": {"optional": True}},
        devDependencies={"g": "7.0.0", "a": "1.2.3"},
    )
    assert told(found.own) == ("pkg:npm/%40apache/tool@1.0.0", "required")
    assert found.own.licences == ("Apache-2.0",)
    assert needs(found) == [
        ("pkg:npm/a@1.2.3", "required"),
        ("pkg:npm/b", "^2.0", "required"),
        ("pkg:npm/%40s/c@3.0.0-rc.1", "required"),
        ("pkg:npm/d@4.0.0", "optional"),
        ("pkg:npm/e", ">=5", "optional"),
        ("pkg:npm/f@6.0.0", "required"),
        ("pkg:npm/g@7.0.0", "excluded"),
    ]


def test_another_name_here_is_not_the_packages_name():
    found = package(dependencies={"mine": "npm:theirs@1.0.0", "my": "npm:@s/theirs@^2"})
    assert found.own is None
    assert needs(found) == [
        ("pkg:npm/theirs@1.0.0", "required"),
        ("pkg:npm/%40s/theirs", "^2", "required"),
    ]


@pytest.mark.parametrize(
    "requirement", ["git+https://example.org/x.git#abc", "file:../x", "workspace:*", "latest", ""]
)
def test_what_names_no_version_has_none(requirement):
    (need,) = package(dependencies={"a": requirement}).needs
    assert (need.version, need.requirement) == ("", requirement)


@pytest.mark.parametrize(
    ("value", "licences"),
    [
        ({"license": {"type": "MIT", "url": "x"}}, ("MIT",)),
        ({"licenses": [{"type": "MIT"}, {"type": "BSD"}]}, ("MIT", "BSD")),
        ({"license": 7, "licenses": 7}, ()),
    ],
)
def test_licences_in_all_their_forms(value, licences):
    assert package(name="a", **value).own.licences == licences


@pytest.mark.parametrize(
    "value",
    [
        {"name": 7, "dependencies": []},
        {"dependencies": {"a": {"x": 1}}},
        {"name": "a", "version": ["1"], "peerDependenciesMeta": {"x": 1}},
        {"type": "module"},
    ],
)
def test_odd_values_are_passed_over(value):
    assert one("package.json", json.dumps(value)).problem == ""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "it is no JSON"),
        (b"[]", "it is no object"),
        (b"\xff", "no text in UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":[' + b"1," * 1_000_001 + b"1]}", "more than 1,000,000 values"),
    ],
)
def test_what_cannot_be_read_says_why(content, problem):
    assert problem in one("package.json", content).problem

"""Lock files of npm and yarn: every version that is installed."""

import json

import pytest

from tests.checks.sbom.manifests.written import locked, one

pytestmark = pytest.mark.once

SHA1 = "2jmj7l5rSw0yVb/vlWAYkK/YBwk="
SHA512 = "sha512-" + "A" * 86 + "=="


def lock(**value):
    return one("package-lock.json", json.dumps(value))


def test_the_second_and_third_version_of_the_form():
    found = lock(
        lockfileVersion=3,
        packages={
            "": {"name": "tool", "version": "1.0.0", "dependencies": {"a": "^1"}},
            "node_modules/a": {
                "version": "1.1.0",
                "integrity": f"sha1-{SHA1} {SHA512}",
                "license": "MIT",
                "dependencies": {"b": "*", "gone": "*"},
            },
            "node_modules/b": {"version": "2.0.0", "dev": True},
            "node_modules/a/node_modules/b": {"version": "3.0.0", "optional": True},
            "node_modules/linked": {"link": True, "resolved": "packages/linked"},
            "packages/linked": {"name": "linked", "version": "1.0.0"},
            "node_modules/mine": {"name": "@s/theirs", "version": "4.0.0"},
        },
    )
    assert locked(found) == [
        ("pkg:npm/a@1.1.0", "required"),
        ("pkg:npm/b@2.0.0", "excluded"),
        ("pkg:npm/b@3.0.0", "optional"),
        ("pkg:npm/%40s/theirs@4.0.0", "required"),
    ]
    assert [(a.name, b.version) for a, b in found.edges] == [("a", "3.0.0")]
    first = found.locked[0]
    assert [name for name, _ in first.hashes] == ["SHA-1", "SHA-512"]
    assert first.licences == ("MIT",)


def test_the_first_version_of_the_form():
    found = lock(
        lockfileVersion=1,
        dependencies={
            "a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0", "dev": True}}},
            "c": {"version": "git+ssh://git@example.org/c.git#abc"},
            "@s/d": {"version": "3.0.0", "requires": {"a": "*"}},
        },
    )
    assert locked(found) == [
        ("pkg:npm/a@1.0.0", "required"),
        ("pkg:npm/b@2.0.0", "excluded"),
        ("pkg:npm/%40s/d@3.0.0", "required"),
    ]


def test_yarn_in_both_forms():
    first = """# yarn lockfile v1


"@s/a@^1.0.0", "@s/a@^1.2.0":
  version "1.2.3"
  resolved "https://registry.yarnpkg.com/a"
  dependencies:
    b "^2.0"

b@^2.0, b@~2.1:
  version "2.1.0"
"""
    second = """__metadata:
  version: 6

"@s/a@npm:^1.0.0, @s/a@npm:^1.2.0":
  version: 1.2.3
  resolution: "@s/a@npm:1.2.3"

"tool@workspace:.":
  version: 0.0.0-use.local

"mine@npm:theirs@^2":
  version: 2.0.0
"""
    assert locked(one("yarn.lock", first)) == [
        ("pkg:npm/%40s/a@1.2.3", "required"),
        ("pkg:npm/b@2.1.0", "required"),
    ]
    assert locked(one("yarn.lock", second)) == [
        ("pkg:npm/%40s/a@1.2.3", "required"),
        ("pkg:npm/theirs@2.0.0", "required"),
    ]


@pytest.mark.parametrize("integrity", ["sha512-AAAA", "sha512-%%%", "md5-AAAA", 7, "-", ""])
def test_a_digest_that_is_none_is_left_out(integrity):
    found = lock(packages={"node_modules/a": {"version": "1.0.0", "integrity": integrity}})
    assert found.locked[0].hashes == ()


def test_packages_inside_packages_without_end_are_not_followed():
    inner: dict = {"version": "1.0.0"}
    for _ in range(80):
        inner = {"version": "1.0.0", "dependencies": {"a": inner}}
    assert "nested too deeply" in lock(dependencies={"a": inner}).problem


@pytest.mark.parametrize("value", [{"packages": []}, {"packages": {"node_modules/a": 7}}, {}])
def test_odd_values_are_passed_over(value):
    assert lock(**value).problem == ""

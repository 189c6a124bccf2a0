"""Cargo.toml and Cargo.lock."""

import pytest

from checks.sbom.manifests import read
from tests.checks.sbom.manifests.written import contents, locked, needs, one, told

pytestmark = pytest.mark.once


def test_a_package_and_what_it_needs():
    found = one(
        "Cargo.toml",
        """
[package]
name = "tool"
version = "1.0.0"
license = "MIT OR Apache-2.0"
[dependencies]
a = "1.2"
b = { version = "=2.0.0", optional = true }
mine = { package = "theirs", version = "3" }
[build-dependencies]
cc = "1"
[target.'cfg(unix)'.dependencies]
libc = "=0.2.1"
[dev-dependencies]
quickcheck = "1"
""",
    )
    assert told(found.own) == ("pkg:cargo/tool@1.0.0", "required")
    assert needs(found) == [
        ("pkg:cargo/a", "1.2", "required"),
        ("pkg:cargo/b@2.0.0", "optional"),
        ("pkg:cargo/theirs", "3", "required"),
        ("pkg:cargo/cc", "1", "excluded"),
        ("pkg:cargo/quickcheck", "1", "excluded"),
        ("pkg:cargo/libc@0.2.1", "required"),
    ]


def test_what_the_workspace_says_holds_for_its_members():
    found = {
        each.path: each
        for each in read(
            contents(
                {
                    "x/Cargo.toml": "[workspace]\nmembers = ['core']\n[workspace.package]\n"
                    "version = '2.0.0'\nlicense = 'MIT'\n[workspace.dependencies]\na = '=1.0.0'\n",
                    "x/core/Cargo.toml": "[package]\nname = 'core'\nversion.workspace = true\n"
                    "license = { workspace = true }\n[dependencies]\na = { workspace = true }\n",
                }
            )
        )
    }
    core = found["x/core/Cargo.toml"]
    assert told(core.own) == ("pkg:cargo/core@2.0.0", "required")
    assert core.own.licences == ("MIT",)
    assert needs(core) == [("pkg:cargo/a@1.0.0", "required")]


def test_the_lock_file_says_what_asks_for_what():
    found = one(
        "Cargo.lock",
        f"""
[[package]]
name = "tool"
version = "1.0.0"
dependencies = ["a", "b 2.0.0", "gone"]
[[package]]
name = "a"
version = "1.0.0"
checksum = "{"AB" * 32}"
[[package]]
name = "b"
version = "1.0.0"
[[package]]
name = "b"
version = "2.0.0"
""",
    )
    assert locked(found)[1:] == [
        ("pkg:cargo/a@1.0.0", "required"),
        ("pkg:cargo/b@1.0.0", "required"),
        ("pkg:cargo/b@2.0.0", "required"),
    ]
    assert found.locked[1].hashes == (("SHA-256", "ab" * 32),)
    assert [(a.name, b.name, b.version) for a, b in found.edges] == [
        ("tool", "a", "1.0.0"),
        ("tool", "b", "2.0.0"),
    ]


@pytest.mark.parametrize(
    "text", ["package = 7", "[dependencies]\na = 7", "[[package]]\nname = 'x'", "target = [1]"]
)
def test_odd_values_are_passed_over(text):
    assert one("Cargo.toml", text).problem == ""

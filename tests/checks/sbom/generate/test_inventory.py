"""Many manifests, one list: which packages are the same, and what asks for what."""

import pytest

from checks.sbom.generate.inventory import MAX_PLACES, Inventory
from checks.sbom.manifests import Manifest, Package
from tests.checks.sbom.generate.archives import about

pytestmark = pytest.mark.once


def npm(name: str, version: str = "", requirement: str = "", scope="required", **more) -> Package:
    return Package("npm", name, "", version, requirement=requirement, scope=scope, **more)


def inventory(*manifests: Manifest) -> Inventory:
    return Inventory(manifests, about(b""))


def refs(found: Inventory) -> list[str]:
    return [part.package.reference.removeprefix("pkg:npm/") for part in found.parts]


def test_a_package_that_is_named_twice_is_one():
    found = inventory(
        Manifest("a/package.json", needs=(npm("x", "1.0.0", scope="excluded"),)),
        Manifest("b/package.json", needs=(npm("x", "1.0.0", licences=("MIT",)),)),
    )
    (part,) = found.parts
    assert part.package.scope == "required"
    assert list(part.places) == ["a/package.json", "b/package.json"]
    assert list(part.licences) == ["MIT"]


def test_the_lock_file_above_says_which_version_a_range_has():
    found = inventory(
        Manifest("t/package-lock.json", locked=(npm("x", "1.2.0"),)),
        Manifest("t/packages/a/package.json", npm("a", "1.0.0"), (npm("x", "", "^1"),)),
        Manifest("other/package.json", npm("b", "1.0.0"), (npm("x", "", "^2"),)),
    )
    assert refs(found) == ["a@1.0.0", "b@1.0.0", "x", "x@1.2.0"]
    assert found.needs_of("pkg:npm/a@1.0.0") == ["pkg:npm/x@1.2.0"]
    assert found.needs_of("pkg:npm/b@1.0.0") == ["pkg:npm/x"]
    assert list(found.parts[3].requirements) == ["^1"]


def test_which_of_two_locked_versions_is_meant_is_not_guessed():
    found = inventory(
        Manifest("package-lock.json", locked=(npm("x", "1.0.0"), npm("x", "2.0.0"))),
        Manifest("package.json", npm("a", "1.0.0"), (npm("x", "", "*"),)),
    )
    assert found.needs_of("pkg:npm/a@1.0.0") == ["pkg:npm/x"]


def test_what_the_archive_itself_holds_has_the_version_that_it_has():
    found = inventory(
        Manifest("a/package.json", npm("a", "1.0.0"), (npm("b", "", "^1"),)),
        Manifest("b/package.json", npm("b", "1.5.0")),
    )
    assert refs(found) == ["a@1.0.0", "b@1.5.0"]
    assert found.needs_of("pkg:npm/a@1.0.0") == ["pkg:npm/b@1.5.0"]


def test_a_package_that_asks_for_itself_does_not():
    found = inventory(
        Manifest(
            "lock",
            npm("a", "1.0.0"),
            (npm("a", "1.0.0"),),
            edges=((npm("b", "1"), npm("b", "1")),),
            locked=(npm("b", "1"),),
        )
    )
    assert found.needs_of("pkg:npm/a@1.0.0") == []
    assert found.needs_of("pkg:npm/b@1") == []


def test_what_belongs_to_nobody_is_what_the_archive_asks_for():
    found = inventory(Manifest("requirements.txt", needs=(npm("x", "1.0.0"),)))
    assert found.roots == {"pkg:npm/x@1.0.0"}


def test_only_so_many_places_are_named():
    many = [Manifest(f"{n}/package.json", needs=(npm("x", "1.0.0"),)) for n in range(50)]
    assert len(inventory(*many).parts[0].places) == MAX_PLACES


def test_two_packages_in_the_place_of_one_are_no_identity():
    found = inventory(
        Manifest("META-INF/maven/g/a/pom.properties", Package("maven", "a", "g", "1.0")),
        Manifest("META-INF/maven/g/b/pom.properties", Package("maven", "b", "g", "1.0")),
    )
    assert found.identity is None
    assert len(found.parts) == 2


def test_what_the_package_asks_for_the_archive_asks_for():
    own = npm("tool", "1.0")
    found = inventory(
        Manifest("package/package.json", own, (npm("x", "1.0.0"),)),
        Manifest("package/y/package.json", npm("y", "1"), (own,)),
    )
    assert found.identity == own
    assert found.roots == {"pkg:npm/x@1.0.0", "pkg:npm/y@1"}
    assert found.needs_of("pkg:npm/y@1") == []


def test_a_manifest_that_was_read_in_part_counts_for_what_was_read():
    found = inventory(Manifest("x", needs=(npm("a", "1"),), problem="the rest is odd"))
    assert refs(found) == ["a@1"]

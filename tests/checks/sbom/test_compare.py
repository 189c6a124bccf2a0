"""What changed between two bills of materials."""

import pytest

from checks.sbom.compare import Change, Part, changes, key_of, sets
from checks.sbom.document import Component


def part(name, version="1.0", licence="MIT"):
    return Part(name, name, version, licence)


def test_components_are_added_removed_changed_or_the_same():
    found = changes(
        [part("gone"), part("moved"), part("same"), part("sold")],
        [part("moved", "2.0"), part("New"), part("same"), part("sold", licence="BUSL-1.1")],
    )
    assert found.every == (
        Change("removed", "gone", "gone", "1.0", "", "MIT", ""),
        Change("changed", "moved", "moved", "1.0", "2.0", "MIT", "MIT"),
        Change("added", "New", "New", "", "1.0", "", "MIT"),
        Change("changed", "sold", "sold", "1.0", "1.0", "MIT", "BUSL-1.1"),
    )
    assert found.unchanged == 1
    assert [each.relicensed for each in found.every] == [False, False, False, True]


def test_several_versions_of_one_component_are_one_change():
    before = [part("a", "1.0"), part("a", "2.0")]
    (found,) = changes(before, [part("a", "2.0"), part("a", "3.0")]).every
    assert (found.versions_before, found.versions_after) == ("1.0, 2.0", "2.0, 3.0")
    assert changes(before, reversed(before)).every == ()


def test_sets_keep_the_order_they_were_given_in():
    found = sets(["b", "a", "c"], ["c", "d", "b", "e"])
    assert (found.added, found.removed, found.unchanged) == (("d", "e"), ("a",), ("c", "b"))


@pytest.mark.parametrize(
    ("purl", "key"),
    [
        ("pkg:maven/g/a@1.0?type=jar#x", "pkg:maven/g/a"),
        ("pkg:npm/%40scope/name@1.0", "pkg:npm/%40scope/name"),
        ("pkg:npm/@scope/name@1.0", "pkg:npm/@scope/name"),
        ("pkg:npm/@scope/name", "pkg:npm/@scope/name"),
        ("pkg:generic/a", "pkg:generic/a"),
        ("", "library:g/a"),
    ],
)
def test_a_component_is_the_same_in_every_version(purl, key):
    component = Component("a", version="1.0", type="library", group="g", purl=purl)
    assert key_of(component) == key

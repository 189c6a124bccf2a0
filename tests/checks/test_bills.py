"""Which bill of materials is compared with which."""

import pytest

from checks.bills import bill_of, bills_of, previous_of, previous_release, version_key
from tests import make
from tests.checks import bills
from tests.checks.sbom.boms import as_json, component, licensed

pytestmark = pytest.mark.django_db


@pytest.fixture
def tool():
    return make.project("tool")


def test_versions_sort_by_their_numbers():
    versions = ["1.10", "1.9", "1.9.1", "2.0", "10.0", "1.09", "0.9"]
    assert sorted(versions, key=version_key) == [
        *("0.9", "1.9", "1.09", "1.9.1"),
        *("1.10", "2.0", "10.0"),
    ]


def test_the_previous_release_is_the_highest_released_version_below(tool):
    made = {
        version: bills.release(tool, version, released=released)
        for version, released in (("1.8", True), ("1.9", True), ("1.9.5", False), ("1.11", True))
    }
    bills.release(make.project("other"), "1.9.9", released=True)
    assert previous_release(bills.release(tool, "1.10")) == made["1.9"]
    assert previous_release(made["1.11"]) == made["1.9"]
    assert previous_release(made["1.8"]) is None


def test_the_documents_of_a_revision_are_found_by_path(tool):
    made = bills.release(tool, "1.0", as_json(component()), "It is empty.")
    run = bills.run_of(made)
    assert [each.result.path for each in bills_of(run)] == [
        "1tool-1.0-src.tar.gz.cdx.json",
        "tool-1.0-src.tar.gz.cdx.json",
    ]
    assert bill_of(run, "tool-1.0-src.tar.gz.cdx.json").components_count == 1
    assert bill_of(run, "notes.txt") is None
    assert bills_of(None) == [] == list(filter(None, [bill_of(None, "notes.txt")]))


def compared(tool, before, after, **names):
    bills.release(tool, "1.9", before, released=True, **names)
    made = bills.release(tool, "1.10", after, **names)
    (sbom,) = bills_of(bills.run_of(made))
    return previous_of(made, sbom)


@pytest.mark.parametrize("name", ["tool-{}-src.tar.gz.cdx.json", "sbom.json", "{}/tool.cdx.json"])
def test_it_is_compared_with_the_file_of_the_same_name_but_for_the_version(tool, name):
    flaw = {"id": "CVE-1"}
    found = compared(
        tool,
        as_json(component("a"), component("b", "1.0"), vulnerabilities=[flaw]),
        as_json(component("b", "2.0"), licensed("EPL-2.0", name="c")),
        name=name,
    )
    assert [(each.how, each.name) for each in found.components.every] == [
        ("removed", "org.example/a"),
        ("changed", "org.example/b"),
        ("added", "org.example/c"),
    ]
    assert (found.licences.added, found.licences.unchanged) == (("EPL-2.0",), ("Apache-2.0",))
    assert found.vulnerabilities.removed == ("CVE-1",)


def test_a_release_before_without_this_file_is_named(tool):
    bills.release(tool, "1.9", as_json(), name="other-{}.cdx.json", released=True)
    made = bills.release(tool, "1.10", as_json(component()))
    (sbom,) = bills_of(bills.run_of(made))
    found = previous_of(made, sbom)
    assert (found.release.version, found.before) == ("1.9", None)
    assert len(found.components.of("added")) == 1
    assert found.vulnerabilities.added == ()


def test_where_nothing_was_released_before_there_is_nothing_to_compare_with(tool):
    made = bills.release(tool, "1.0", as_json(component()))
    assert previous_of(made, bills_of(bills.run_of(made))[0]) is None

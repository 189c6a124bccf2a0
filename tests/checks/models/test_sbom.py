"""What was read of a document is kept once, and found again."""

import pytest

from checks.models import Sbom, SbomComponent
from tests.checks import bills
from tests.checks.sbom.boms import as_json, component, licensed

pytestmark = pytest.mark.django_db


def test_a_document_is_kept_with_its_components_and_vulnerabilities():
    parts = [component("a"), licensed("GPL-3.0-only", name="b", type="framework")]
    sbom = bills.kept(as_json(*parts, vulnerabilities=[{"id": "CVE-1"}]))
    sbom.refresh_from_db()
    assert (sbom.components_count, sbom.vulnerabilities_count) == (2, 1)
    assert sbom.about["types"] == {"library": 1, "framework": 1}
    assert sbom.about["categories"] == {"A": 1, "X": 1}
    assert [str(each) for each in sbom.components.all()] == [
        "org.example/a 1.0",
        "org.example/b 1.0",
    ]
    assert sbom.vulnerability_ids() == ["CVE-1"]
    assert [each.name for each in sbom.parts()] == ["org.example/a", "org.example/b"]
    assert "components" not in sbom.about


def test_keeping_it_twice_is_as_good_as_once():
    sbom = bills.kept(as_json(component()))
    again = Sbom.objects.keep(sbom.result, bills.content(as_json(component("other"))))
    assert again == sbom
    assert SbomComponent.objects.count() == 1


def test_of_one_that_cannot_be_read_the_reason_is_kept():
    sbom = bills.kept("It is empty.")
    assert (sbom.unreadable, sbom.components_count, sbom.parts()) == ("It is empty.", 0, [])


def test_what_is_hostile_is_kept_on_every_database():
    hostile = "\0\u202e" + "\U000e0001" * 5_000
    given = component(hostile, type=hostile, scope=hostile, version=hostile, purl=hostile)
    vulnerability = {"id": hostile, "ratings": [{"severity": "high", "score": 10**17}]}
    sbom = bills.kept(as_json(given, vulnerabilities=[vulnerability], serialNumber=hostile))
    assert "\0" not in str(sbom.components.get())
    assert sbom.vulnerabilities.get().score == 1e17


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["alpha", "beta"]),
        ("ALPHA", ["alpha"]),
        ("maven", ["alpha", "beta"]),
        ("maven beta", ["beta"]),
        ("EPL", ["beta"]),
        ("gamma", []),
        ("%", []),
        ("\0", ["alpha", "beta"]),
    ],
)
def test_components_are_found_by_name_package_url_and_licence(asked, found):
    sbom = bills.kept(as_json(component("alpha"), licensed("EPL-2.0", name="beta")))
    rows = sbom.components.speaking_of(asked)
    assert [each.name.removeprefix("org.example/") for each in rows] == found

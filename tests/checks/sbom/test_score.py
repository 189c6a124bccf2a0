"""What a document lacks of NTIA's minimum elements, once for all components."""

import pytest

from checks.sbom.reading import read
from checks.sbom.score import EXAMPLES, gaps
from tests.checks.sbom.boms import as_json, component, metadata


def codes(*components, **more) -> list[str]:
    return [each.code for each in gaps(read(as_json(*components, **more)))]


def test_a_document_that_says_everything_lacks_nothing():
    assert codes(component()) == []


def test_without_metadata_nothing_more_is_said_about_it():
    assert codes(component(), metadata=None) == ["METADATA"]


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("supplier", "METADATA_SUPPLIER"),
        ("authors", "METADATA_AUTHOR_OR_MANUFACTURER"),
        ("timestamp", "METADATA_TIMESTAMP"),
        ("component", "METADATA_COMPONENT"),
    ],
)
def test_what_is_missing_of_the_metadata_is_an_error(field, code):
    (gap,) = gaps(read(as_json(component(), metadata=metadata(**{field: None}))))
    assert (gap.code, gap.weight, gap.of) == (code, "error", 0)


@pytest.mark.parametrize("field", ["manufacturer", "manufacture"])
def test_a_manufacturer_is_as_good_as_an_author(field):
    told = metadata(authors=None, **{field: {"name": "Example"}})
    assert codes(component(), metadata=told) == []


@pytest.mark.parametrize(
    ("field", "code"),
    [("name", "PRIMARY_NAME"), ("version", "PRIMARY_VERSION"), ("purl", "PRIMARY_IDENTIFIER")],
)
def test_what_is_described_has_a_name_a_version_and_an_identifier(field, code):
    described = {"type": "application"} | {field: None}
    told = metadata(
        component=component("tool", **described)
        if field != "name"
        else {
            key: value for key, value in component("tool").items() if key not in ("name", "group")
        }
    )
    assert codes(component(), metadata=told) == [code]


@pytest.mark.parametrize(
    ("field", "code", "weight"),
    [
        ("supplier", "SUPPLIER", "error"),
        ("version", "VERSION", "error"),
        ("purl", "IDENTIFIER", "warning"),
    ],
)
def test_5000_components_that_lack_the_same_are_told_once(field, code, weight):
    lacking = [component(f"n{number}", **{field: None}) for number in range(5_000)]
    (gap,) = gaps(read(as_json(component("good"), *lacking)))
    assert (gap.code, gap.weight, gap.count, gap.of) == (code, weight, 5_000, 5_001)
    assert len(gap.examples) == EXAMPLES
    assert "5,000 of 5,001 components" in gap.sentence


def test_all_or_one_is_told_as_such():
    (gap,) = gaps(read(as_json(component(supplier=None), component("b", supplier=None))))
    assert gap.sentence == "The supplier is missing for all 2 components."
    (gap,) = gaps(read(as_json(component(supplier=None))))
    assert gap.sentence == "The supplier is missing for 1 of 1 component."


@pytest.mark.parametrize("known", [{"cpe": "cpe:2.3:a:x"}, {"swid": {"tagId": "x", "name": "y"}}])
def test_other_identifiers_are_as_good_as_a_package_url(known):
    assert codes(component(purl=None, **known)) == []


def test_m12_a_file_needs_no_identifier():
    assert codes(component(type="file", purl=None)) == []


@pytest.mark.parametrize("relations", [None, []])
def test_a_document_without_relations_is_told(relations):
    assert codes(component(), dependencies=relations) == ["DEPENDENCIES"]

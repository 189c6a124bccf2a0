"""Documents are held against the schema of their version, in time by their length."""

import json
from time import process_time

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from cyclonedx.validation.xml import XmlValidator

from checks.sbom.document import VERSIONS
from checks.sbom.reading import parse
from checks.sbom.validate import HEAD, MAX_ERRORS, validate
from tests.checks.sbom import boms
from tests.checks.sbom.boms import as_json, by_the_library, component, document, metadata


def errors_of(data: bytes) -> tuple[str, ...]:
    return validate(parse(data)).errors


@pytest.mark.parametrize("version", boms.VERSIONS)
@pytest.mark.parametrize("form", ["JSON", "XML"])
def test_what_the_reference_library_writes_is_valid(version, form):
    outcome = validate(parse(by_the_library(version, form)))
    assert outcome.valid
    assert outcome.errors == ()


BROKEN = [
    component(type="nonsense"),
    component(licenses=[{"license": {"id": "Foo"}}]),
    component(licenses=[{"license": {"name": "Foo", "more": 1}}]),
    component(hashes=[{"alg": "SHA-256", "content": "short"}]),
    component(name=None),
    component(unknown=1),
]


@pytest.mark.parametrize("version", boms.VERSIONS)
@pytest.mark.parametrize("broken", [None, *BROKEN])
def test_the_reference_library_comes_to_the_same(version, broken):
    given = document(component("fine"), *([broken] if broken else []), specVersion=version)
    given["metadata"] = {"timestamp": "2024-12-01T00:00:00Z"}
    given["serialNumber"] = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"
    theirs = JsonStrictValidator(SchemaVersion.from_version(version))
    text = json.dumps(given)
    assert (theirs.validate_str(text) is None) == validate(parse(text.encode())).valid


@pytest.mark.parametrize("more", ["", "<more/>", "<scope>sometimes</scope>"])
@pytest.mark.parametrize("version", VERSIONS)
def test_the_reference_library_comes_to_the_same_of_xml(version, more):
    text = (
        f'<bom xmlns="http://cyclonedx.org/schema/bom/{version}" version="1"><components>'
        f'<component type="library"><name>a</name><version>1</version>{more}'
        f"{'<modified>false</modified>' if version == '1.0' else ''}</component></components></bom>"
    )
    theirs = XmlValidator(SchemaVersion.from_version(version)).validate_str(text)
    assert (theirs is None) == validate(parse(text.encode())).valid


def test_an_error_says_where_and_what():
    given = as_json(component(licenses=[{"license": {"id": "Foo"}}]), metadata=metadata(more=1))
    assert [each.partition(" is not one of")[0] for each in errors_of(given)] == [
        'components[0].licenses[0].license.id: "Foo"',
        "metadata: Additional properties are not allowed ('more' was unexpected)",
    ]
    xml = b'<bom xmlns="http://cyclonedx.org/schema/bom/1.6">\n<components>\n<part/></components></bom>'
    (told,) = errors_of(xml)
    assert told.startswith("line 3: Element 'part': This element is not expected.")


def test_the_form_of_times_and_addresses_counts():
    bad = component(externalReferences=[{"type": "website", "url": "not an address"}])
    told = errors_of(as_json(bad, metadata=metadata(timestamp="yesterday")))
    assert told == (
        'components[0].externalReferences[0].url: "not an address" is not a "iri-reference"',
        'metadata.timestamp: "yesterday" is not a "date-time"',
    )


def test_two_equal_components_are_told_in_short():
    assert errors_of(as_json(component(), component())) == (
        "components: two items of this list are the same",
    )


def test_what_is_hostile_in_an_error_is_written_out_and_cut():
    told = errors_of(as_json(component(type="\u202e<script>" + "x" * 1_000)))[0]
    assert "\\u202e<script>" in told
    assert len(told) < 300


@pytest.mark.parametrize(
    ("version", "told"), [("9.9", "9.9"), ("", "no version"), ("1.1", "1.1"), ("\u202e", "\\u202e")]
)
def test_a_version_without_a_schema_is_told_as_such(version, told):
    outcome = validate(parse(as_json(specVersion=version)))
    assert (outcome.unknown, outcome.valid) == (told, False)


def test_references_that_repeat_are_an_error():
    told = validate(parse(as_json(component())), repeated=("ref-x",)).errors
    assert told == ("The reference 'ref-x' is that of several components.",)


def test_an_error_far_back_is_found():
    many = [component(f"n{number}") for number in range(HEAD + 10)]
    assert errors_of(as_json(*many)) == ()
    (told,) = errors_of(as_json(*many, component(type="nonsense")))
    assert told.startswith(f"components[{HEAD + 10}].type")


WRONG = {"licenses": [{"wrong": 1}]}


def in_xml(count: int, reference: str) -> bytes:
    components = "".join(
        f'<component type="library" bom-ref="{reference.format(number)}"><wrong/></component>'
        for number in range(count)
    )
    namespace = "http://cyclonedx.org/schema/bom/1.6"
    return f'<bom xmlns="{namespace}"><components>{components}</components></bom>'.encode()


@pytest.mark.parametrize(
    "data",
    [
        as_json(*(component(f"n{number}") for number in range(10_000))),
        as_json(*(component(f"n{number}", **WRONG) for number in range(10_000))),
        as_json(*([component()] * 10_000)),
        in_xml(20_000, "r{}"),
        in_xml(20_000, "the-same"),
    ],
    ids=["good", "all-wrong", "all-the-same", "xml", "xml-repeating"],
)
def test_ten_thousand_components_take_seconds_whatever_is_wrong_with_them(data):
    started = process_time()
    outcome = validate(parse(data))
    assert process_time() - started < 10
    assert len(outcome.errors) <= MAX_ERRORS

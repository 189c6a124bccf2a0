"""Whether a document keeps to the CycloneDX schema of its version.

The schemas are those of the reference implementation for Python, cyclonedx-python-lib, in their
strict form where there is one. Its own validators are not used: for JSON their time grows with the
square of the number of components (half an hour for ten thousand, where `jsonschema-rs` takes 50
milliseconds), and for XML with the square of the number of errors. Tests hold ours against them.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

from checks.engine.names import shown
from checks.sbom.document import VERSIONS
from checks.sbom.reading import Raw
from checks.sbom.xml import NAMESPACE

if TYPE_CHECKING:
    from jsonschema_rs import Draft7Validator, ValidationError
    from lxml.etree import XMLSchema, _LogEntry

MAX_ERRORS = 20  # that are told; whoever has mended them asks again
HEAD = 500  # items of each list that are searched for errors before the rest is
LONGEST = 200  # characters of one error

_PREFIX = "http://cyclonedx.org/schema/"
_SHARED = ("spdx", "jsf-0.82", "cryptography-defs")
_JSON_VERSIONS = VERSIONS[2:]  # the JSON form came with 1.2
_STRICT = ("1.2", "1.3")  # where the plain schema also takes fields that nobody knows


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comparing with the schema came to. `errors` are sentences, the first of them;
    `more` says that there are others. `unknown` is the version that has no schema, "" else."""

    errors: tuple[str, ...] = ()
    more: bool = False
    unknown: str = ""

    @property
    def valid(self) -> bool:
        return not self.errors and not self.unknown


def validate(raw: Raw, repeated: tuple[str, ...] = ()) -> Outcome:
    """Compare a parsed document with the schema of its version.

    `repeated` are references that stand several times in it, which is an error by itself.
    """
    known = _JSON_VERSIONS if raw.form == "json" else VERSIONS
    if raw.spec_version not in known:
        return Outcome(unknown=shown(raw.spec_version, 20) or "no version")
    told = [f"The reference '{shown(ref)}' is that of several components." for ref in repeated]
    found = _json_errors(raw) if raw.form == "json" else _xml_errors(raw, bool(repeated))
    errors = list(islice((*told, *found), MAX_ERRORS + 1))
    return Outcome(tuple(errors[:MAX_ERRORS]), more=len(errors) > MAX_ERRORS)


# --- JSON -------------------------------------------------------------------------------------


def _json_errors(raw: Raw) -> Iterator[str]:
    """The errors near the beginning; where there are none, the first of all.

    The validator finds all errors before it tells one, and describing each takes its time: a
    document may have as many as it has values.
    """
    validator = _validator(raw.spec_version)
    if validator.is_valid(raw.value):
        return
    found = sorted(validator.iter_errors(_head(raw.value)), key=_place)
    errors = [_sentence(each) for each in found]
    yield from dict.fromkeys(errors) if errors else _first(validator, raw.value)


def _place(error: "ValidationError") -> tuple[tuple[int, int, str], ...]:
    """To sort by, so that the same document always has the same first errors."""
    steps = error.instance_path
    return tuple((0, each, "") if isinstance(each, int) else (1, 0, each) for each in steps)


@cache
def _validator(version: str) -> "Draft7Validator":
    # Only now: a child that reads archives does without it.
    from jsonschema_rs import Draft7Validator, RegexOptions, Registry

    shared = [(f"{_PREFIX}{_file(name)}", _schema(name)) for name in _SHARED]
    name = f"bom-{version}-strict" if version in _STRICT else f"bom-{version}"
    return Draft7Validator(
        _schema(name),
        registry=Registry(shared),
        validate_formats=True,
        pattern_options=RegexOptions(),  # in linear time, whatever the text
    )


def _file(name: str) -> str:
    return f"{name}.SNAPSHOT.schema.json"


def _schema(name: str) -> Any:
    place = files("cyclonedx.schema") / "_res" / _file(name)
    return json.loads(place.read_text(encoding="utf-8"))


def _head(value: dict[str, Any]) -> dict[str, Any]:
    return {name: each[:HEAD] if isinstance(each, list) else each for name, each in value.items()}


def _first(validator: "Draft7Validator", value: dict[str, Any]) -> Iterator[str]:
    from jsonschema_rs import ValidationError

    try:
        validator.validate(value)
    except ValidationError as error:
        yield _sentence(error)


def _sentence(error: "ValidationError") -> str:
    """What is wrong and where. Where several forms are allowed and none fits, what is wrong in
    the form that fits best."""
    deepest = max(_leaves(error), key=lambda each: len(each.instance_path))
    where = "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in deepest.instance_path
    )
    said = deepest.message
    if type(deepest.kind).__name__.endswith("UniqueItems"):
        said = "two items of this list are the same"
    return _told(where.removeprefix("."), said)


def _leaves(error: "ValidationError") -> Iterator["ValidationError"]:
    branches: Iterable[Any] = getattr(error.kind, "context", None) or ()
    inner = [leaf for branch in branches for each in branch for leaf in _leaves(each)]
    yield from inner or (error,)


def _told(where: str, said: str) -> str:
    return f"{shown(where, LONGEST)}: {shown(said, LONGEST)}" if where else shown(said, LONGEST)


# --- XML --------------------------------------------------------------------------------------


def _xml_errors(raw: Raw, repeated: bool) -> Iterator[str]:
    """Errors near the beginning, with their lines; where there are none, the first of all.

    Judged while it is parsed, a document takes time by its length, whatever is wrong with it. The
    lines are known only where there is a tree, and there each error takes time by the number of
    its neighbours: so of that there is no more than a head.
    """
    from lxml import etree

    data = raw.text.lstrip().encode()
    schema = _xml_schema(raw.spec_version)
    judging = etree.XMLParser(schema=schema, **_CAREFUL)
    try:
        etree.fromstring(data, judging)
        return
    except etree.XMLSyntaxError:
        told = [_xml_sentence(each, raw) for each in islice(judging.error_log, MAX_ERRORS)]
    if not repeated:
        root = etree.fromstring(data, etree.XMLParser(**_CAREFUL))
        for part in root:
            del part[HEAD:]
        schema.validate(root)
        told = [_xml_sentence(each, raw) for each in schema.error_log] or told
    yield from told


_CAREFUL: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "attribute_defaults": False,
    "huge_tree": True,  # what is huge was refused before
}


@cache
def _xml_schema(version: str) -> "XMLSchema":
    from lxml import etree

    return etree.XMLSchema(
        file=str(files("cyclonedx.schema") / "_res" / f"bom-{version}.SNAPSHOT.xsd")
    )


def _xml_sentence(error: "_LogEntry", raw: Raw) -> str:
    said = str(error.message).replace(f"{{{NAMESPACE}{raw.spec_version}}}", "")
    return _told(f"line {error.line}" if error.line else "", said)

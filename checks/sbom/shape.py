"""From the JSON form, parsed, to plain values. What has a wrong type counts as missing."""

from collections import Counter
from collections.abc import Iterator
from math import isfinite
from typing import Any

from checks.sbom.document import (
    MAX_COMPONENTS,
    MAX_TEXT,
    Bom,
    Component,
    Dependency,
    Form,
    Licence,
    Metadata,
    Rating,
    Tool,
    TooLarge,
    Vulnerability,
)

Object = dict[str, Any]


def bom_of(form: Form, spec_version: str, value: Object) -> Bom:
    """The document as plain values."""
    components = tuple(_component(each) for each in _nested(value))
    metadata = value.get("metadata")
    refs = Counter(each.bom_ref for each in components if each.bom_ref)
    return Bom(
        form,
        spec_version,
        version=_whole(value.get("version")),
        serial_number=_text(value, "serialNumber"),
        metadata=_metadata(metadata) if isinstance(metadata, dict) else None,
        components=components,
        dependencies=tuple(
            Dependency(_text(each, "ref"), tuple(_texts(each, "dependsOn")))
            for each in _objects(value, "dependencies")
        ),
        vulnerabilities=tuple(map(_vulnerability, _objects(value, "vulnerabilities"))),
        repeated_refs=tuple(ref for ref, count in refs.items() if count > 1),
    )


def _text(value: Object, name: str) -> str:
    found = value.get(name)
    return found[:MAX_TEXT] if isinstance(found, str) else ""


def _texts(value: Object, name: str) -> Iterator[str]:
    found = value.get(name)
    if isinstance(found, list):
        yield from (each[:MAX_TEXT] for each in found if isinstance(each, str))


def _inner(value: Object, name: str) -> Object:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _objects(value: Object, name: str) -> Iterator[Object]:
    found = value.get(name)
    if isinstance(found, list):
        yield from (each for each in found if isinstance(each, dict))


def _whole(value: Any) -> int:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31
    return int(value) if fits else 0


def _nested(value: Object) -> Iterator[Object]:
    """All components: those of the document, then those inside these, and so on."""
    level = list(_objects(value, "components"))
    seen = 0
    while level:
        seen += len(level)
        if seen > MAX_COMPONENTS:
            raise TooLarge(f"It lists more than {MAX_COMPONENTS:,} components.")
        yield from level
        level = [child for each in level for child in _objects(each, "components")]


def _component(value: Object) -> Component:
    return Component(
        name=_text(value, "name"),
        version=_text(value, "version"),
        type=_text(value, "type"),
        bom_ref=_text(value, "bom-ref"),
        group=_text(value, "group"),
        purl=_text(value, "purl"),
        cpe=_text(value, "cpe"),
        swid=_text(_inner(value, "swid"), "tagId"),
        supplier=_named(value.get("supplier")),
        publisher=_text(value, "publisher"),
        scope=_text(value, "scope"),
        licences=tuple(_licences(value)),
    )


def _licences(value: Object) -> Iterator[Licence]:
    for choice in _objects(value, "licenses"):
        licence = _inner(choice, "license")
        if "expression" in choice:
            yield Licence(_text(choice, "expression"), "expression")
        elif identifier := _text(licence, "id"):
            yield Licence(identifier, "id", _text(licence, "url"))
        else:
            yield Licence(_text(licence, "name"), "name", _text(licence, "url"))


def _named(value: Any) -> str:
    """What an organisation or a person is called, "" where there is none."""
    if not isinstance(value, dict):
        return ""
    urls = value.get("url")
    url = urls[0] if isinstance(urls, list) and urls else urls
    return (
        _text(value, "name")
        or _text(value, "email")
        or (url[:MAX_TEXT] if isinstance(url, str) else "")
    )


def _metadata(value: Object) -> Metadata:
    component = value.get("component")
    return Metadata(
        timestamp=_text(value, "timestamp"),
        component=_component(component) if isinstance(component, dict) else None,
        supplier=_named(value.get("supplier")),
        # Renamed in CycloneDX 1.6; before that it was the maker of what is described.
        manufacturer=_named(value.get("manufacturer")) or _named(value.get("manufacture")),
        authors=tuple(filter(None, map(_named, _objects(value, "authors")))),
        tools=tuple(_tools(value)),
    )


def _tools(value: Object) -> Iterator[Tool]:
    """Tools stood in a list; since CycloneDX 1.5 they are components."""
    tools = value.get("tools")
    listed = [*_objects(value, "tools")]
    if isinstance(tools, dict):
        listed = [*_objects(tools, "components"), *_objects(tools, "services")]
    for each in listed:
        vendor = _text(each, "vendor") or _text(each, "group")
        yield Tool(_text(each, "name"), _text(each, "version"), vendor, _text(each, "description"))


def _vulnerability(value: Object) -> Vulnerability:
    source = _inner(value, "source")
    return Vulnerability(
        id=_text(value, "id"),
        source_name=_text(source, "name"),
        source_url=_text(source, "url"),
        description=_text(value, "description") or _text(value, "detail"),
        ratings=tuple(map(_rating, _objects(value, "ratings"))),
        affects=tuple(filter(None, (_text(each, "ref") for each in _objects(value, "affects")))),
        state=_text(_inner(value, "analysis"), "state"),
    )


def _rating(value: Object) -> Rating:
    score = value.get("score")
    number = (
        float(score) if isinstance(score, int | float) and not isinstance(score, bool) else None
    )
    return Rating(
        _text(value, "severity").lower(),
        number if number is not None and isfinite(number) else None,
        _text(value, "method"),
        _text(value, "vector"),
    )

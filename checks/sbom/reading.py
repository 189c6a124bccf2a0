"""Reads a bill of materials from the bytes of somebody whom nobody knows.

What a reader of ours would understand otherwise than another one is refused: a name that stands
twice in one object, a number that is none, a document type in XML. So is what costs more than it
is worth. Every limit counts bytes, values or depth, never seconds: a server and a laptop come to
the same.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checks.engine.names import shown
from checks.sbom.document import (
    MAX_BYTES,
    MAX_DEPTH,
    Bom,
    Form,
    NotCycloneDX,
    TooLarge,
    Unreadable,
)
from checks.sbom.shape import bom_of
from checks.sbom.xml import NAMESPACE, parse_xml

MAX_VALUES = 3_000_000  # what a parser makes an object of; each takes a few hundred bytes

_BOM = b"\xef\xbb\xbf"
_HALF = re.compile(r"[\ud800-\udfff]")
_ESCAPED_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_STARTS_VALUE = b"[{,:"
_STARTS_NODE = b"<="


@dataclass(frozen=True, slots=True)
class Raw:
    """A parsed document. `value` is as the JSON form has it, also of one in XML; `text` is what
    was parsed."""

    form: Form
    spec_version: str
    value: dict[str, Any]
    text: str


def read(data: bytes) -> Bom:
    """The document in these bytes. Unreadable when there is none, or it cannot be read safely."""
    return bom_from(parse(data))


def bom_from(raw: Raw) -> Bom:
    """A parsed document as plain values."""
    return bom_of(raw.form, raw.spec_version, raw.value)


def parse(data: bytes) -> Raw:
    """The parsed document in these bytes, within all limits."""
    if len(data) > MAX_BYTES:
        raise TooLarge(f"It has {len(data):,} bytes; up to {MAX_BYTES:,} are read.")
    text = _decoded(data)
    begin = text.lstrip(" \t\r\n")[:1]
    if begin == "{":
        return _json(text, data)
    if begin == "<":
        return _xml(text, data)
    raise Unreadable("It is neither JSON nor XML." if begin else "It is empty.")


def _decoded(data: bytes) -> str:
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"It is not in UTF-8: byte {error.start:,} is no part of it.") from None


def _require_few(data: bytes, starts: bytes) -> None:
    count = sum(data.count(starts[at : at + 1]) for at in range(len(starts)))
    if count > MAX_VALUES:
        raise TooLarge(f"It holds more than {MAX_VALUES:,} values, which nobody reads.")


# --- JSON -------------------------------------------------------------------------------------


def _json(text: str, data: bytes) -> Raw:
    _require_few(data, _STARTS_VALUE)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_float,
            parse_int=_int,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno:,}, column {error.colno:,}"
        raise Unreadable(f"It is no JSON: {error.msg}, {where}.") from None
    except RecursionError:
        raise _too_deep() from None
    _require_shallow(value)
    if _ESCAPED_HALF.search(data):
        _require_whole(value)
    if value.get("bomFormat") != "CycloneDX":
        raise NotCycloneDX(_what_else(value))
    version = value.get("specVersion")
    return Raw("json", version[:20] if isinstance(version, str) else "", value, text)


def _what_else(value: dict[str, Any]) -> str:
    if "spdxVersion" in value or "@graph" in value:
        return "It is a document in SPDX form. Only CycloneDX is looked into."
    return "It is JSON, and does not say that it is CycloneDX: bomFormat is missing."


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        twice = shown(Counter(name for name, _ in pairs).most_common(1)[0][0], 40)
        raise Unreadable(
            f"An object in it has '{twice}' twice, and readers differ about which one counts."
        )
    return made


def _no_constant(text: str) -> Any:
    raise Unreadable(f"It holds {text}, which is no number in JSON.")


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Unreadable(f"It holds a number that is out of range: {shown(text, 20)}.")
    return value


def _int(text: str) -> int:
    if len(text) > 18:
        raise Unreadable(f"It holds a number of {len(text):,} digits.")
    return int(text)


def _too_deep() -> Unreadable:
    return Unreadable(f"Its values lie more than {MAX_DEPTH} deep in one another.")


def _children(value: Any) -> Iterator[Any]:
    return iter(value.values() if isinstance(value, dict) else value)


def _require_shallow(value: Any) -> None:
    """Level by level, and not by recursion: that is what a deep document is meant to break."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child for each in level for child in _children(each) if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise _too_deep()


def _require_whole(value: Any) -> None:
    """No text of it has half a character, which no database and no other program takes."""
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, str):
            if _HALF.search(each):
                raise Unreadable("It holds half a character: a surrogate without its other half.")
        elif isinstance(each, dict):
            stack += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            stack += each


# --- XML --------------------------------------------------------------------------------------


def _xml(text: str, data: bytes) -> Raw:
    _require_few(data, _STARTS_NODE)
    namespace, value = parse_xml(text)
    if not namespace.startswith(NAMESPACE):
        raise NotCycloneDX("It is XML, and not in the CycloneDX namespace.")
    return Raw("xml", namespace.removeprefix(NAMESPACE)[:20], value, text)

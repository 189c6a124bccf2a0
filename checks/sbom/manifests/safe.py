"""Reads text, JSON, TOML and XML of strangers without paying more than a manifest is worth."""

import json
import signal
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from checks.sbom.manifests.model import Unreadable

MAX_VALUES = 1_000_000  # in one JSON document; a lock file of 5,000 packages has 100,000
MAX_TOML = 4 << 20  # bytes; it is read by Python, not by C
MAX_PARTS = 100  # dots in one line of TOML, which cost their square
MAX_ELEMENTS = 300_000  # of one XML document
MAX_DEPTH = 100
SECONDS = 20  # of processor time for the manifests of one kind


def text_of(content: bytes) -> str:
    """Text in UTF-8, with or without a mark at its beginning."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("it is no text in UTF-8") from error


def json_of(content: bytes) -> dict[str, Any]:
    """A JSON object."""
    if sum(map(content.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise Unreadable(f"it has more than {MAX_VALUES:,} values")
    text = text_of(content)
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise Unreadable("its values are nested too deeply") from error
    except ValueError as error:
        raise Unreadable("it is no JSON") from error
    return _table(value)


def toml_of(content: bytes) -> dict[str, Any]:
    """A TOML document."""
    if len(content) > MAX_TOML:
        raise Unreadable(f"it is larger than {MAX_TOML >> 20} MB")
    if any(line.count(b".") > MAX_PARTS and b'"' not in line for line in content.splitlines()):
        raise Unreadable("it has a key of too many parts")
    text = text_of(content)
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise Unreadable("its values are nested too deeply") from error
    except ValueError as error:
        raise Unreadable("it is no TOML") from error


def xml_of(content: bytes) -> Element:
    """The root of an XML document without entities; names of elements without their namespace."""
    if content.count(b"<") > 2 * MAX_ELEMENTS:
        raise Unreadable(f"it has more than {MAX_ELEMENTS:,} elements")
    try:
        root: Element = fromstring(content)
    except DefusedXmlException as error:
        raise Unreadable("it declares entities of its own, which are not read") from error
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable("it is no XML") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def table(value: Any, name: str) -> dict[str, Any]:
    """The table of this name in a table; an empty one for anything else."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def rows(value: Any, name: str) -> list[Any]:
    """The list of this name in a table; an empty one for anything else."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def word(value: Any, name: str = "") -> str:
    """A text, or the text of this name in a table, without space around it; "" for all else."""
    found = value.get(name) if name and isinstance(value, dict) else value
    return found.strip() if isinstance(found, str) else ""


@contextmanager
def at_most(seconds: float = SECONDS) -> Iterator[None]:
    """Raises Unreadable in the block when it has taken this much processor time."""

    def stop(*_: object) -> None:
        raise Unreadable(f"it takes more than {seconds:g} seconds to read")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable("it is no object of JSON")
    return value

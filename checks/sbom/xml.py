"""The XML form of CycloneDX, as the JSON form would have it. Only what is looked at.

A document type is refused before anything of it is read: what entities can do to a reader (grow
without end, fetch addresses, read local files) all begins there, and no bill of materials has one.
"""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from checks.engine.names import shown
from checks.sbom.document import MAX_DEPTH, Unreadable

NAMESPACE = "http://cyclonedx.org/schema/bom/"

_DECLARED = re.compile(r"""\A<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_CALLED = frozenset(("utf-8", "utf8", "us-ascii"))

Element = ElementTree.Element


class _Builder(ElementTree.TreeBuilder):
    """Builds the tree of a document that declares no types."""

    def doctype(self, *_: Any) -> None:
        raise Unreadable("It declares a document type, which a bill of materials does not need.")


def parse_xml(text: str) -> tuple[str, dict[str, Any]]:
    """The namespace of a document's root, and its content in the shape of the JSON form."""
    text = text.lstrip(" \t\r\n")
    declared = _DECLARED.match(text)
    if declared and declared[1].lower() not in _CALLED:
        raise Unreadable(f"It declares the encoding {shown(declared[1], 20)}; only UTF-8 is read.")
    parser = ElementTree.XMLParser(target=_Builder(), encoding="utf-8")  # noqa: S314
    try:
        parser.feed(text)
        root = parser.close()
    except ElementTree.ParseError as error:
        raise Unreadable(f"It is no XML: {error}.") from None
    _require_shallow(root)
    namespace, _, name = root.tag.rpartition("}")
    if name != "bom":
        return "", {}
    return namespace.removeprefix("{"), _bom(root, namespace + "}" if namespace else "")


def _require_shallow(root: Element) -> None:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for each in level for child in each]
        if not level:
            return
    raise Unreadable(f"Its elements lie more than {MAX_DEPTH} deep in one another.")


# --- From elements to the JSON shape ----------------------------------------------------------


def _bom(root: Element, prefix: str) -> dict[str, Any]:
    """Everything is found under the namespace of the root: others are extensions."""
    at = _Reader(prefix)
    return {
        "serialNumber": root.get("serialNumber"),
        "version": _number(root.get("version")),
        "metadata": at.one(root, "metadata", at.metadata),
        "components": at.many(root, "components/component", at.component),
        "dependencies": at.many(root, "dependencies/dependency", at.dependency),
        "vulnerabilities": at.many(root, "vulnerabilities/vulnerability", at.vulnerability),
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


class _Reader:
    """Reads elements of one namespace."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def _path(self, path: str) -> str:
        return "/".join(self._prefix + step for step in path.split("/"))

    def one(self, element: Element, path: str, read: Callable[[Element], Any]) -> Any:
        found = element.find(self._path(path))
        return None if found is None else read(found)

    def many(self, element: Element, path: str, read: Callable[[Element], Any]) -> list[Any]:
        return [read(each) for each in element.iterfind(self._path(path))]

    def text(self, element: Element, path: str) -> str | None:
        found = element.find(self._path(path))
        return None if found is None or found.text is None else found.text.strip()

    def texts(self, element: Element, *names: str) -> dict[str, Any]:
        return {name: self.text(element, name) for name in names}

    def metadata(self, element: Element) -> dict[str, Any]:
        return {
            "timestamp": self.text(element, "timestamp"),
            "component": self.one(element, "component", self.component),
            "supplier": self.one(element, "supplier", self.named),
            "manufacture": self.one(element, "manufacture", self.named),
            "manufacturer": self.one(element, "manufacturer", self.named),
            "authors": self.many(element, "authors/author", self.named),
            "tools": [
                *self.many(element, "tools/tool", self.tool),
                *self.many(element, "tools/components/component", self.tool),
            ],
        }

    def named(self, element: Element) -> dict[str, Any]:
        """An organisation or a person."""
        urls = [each.text for each in element.iterfind(self._path("url")) if each.text]
        return {"url": urls, **self.texts(element, "name", "email")}

    def tool(self, element: Element) -> dict[str, Any]:
        return self.texts(element, "vendor", "group", "name", "version", "description")

    def component(self, element: Element) -> dict[str, Any]:
        plain = ("group", "name", "version", "purl", "cpe", "publisher", "scope")
        return {
            "type": element.get("type"),
            "bom-ref": element.get("bom-ref"),
            **self.texts(element, *plain),
            "swid": self.one(element, "swid", lambda each: {"tagId": each.get("tagId")}),
            "supplier": self.one(element, "supplier", self.named),
            "licenses": self.licences(element),
            "components": self.many(element, "components/component", self.component),
        }

    def licences(self, element: Element) -> list[dict[str, Any]]:
        listed = self.many(
            element,
            "licenses/license",
            lambda each: {"license": self.texts(each, "id", "name", "url")},
        )
        expressions = self.many(
            element, "licenses/expression", lambda each: {"expression": (each.text or "").strip()}
        )
        return [*listed, *expressions]

    def dependency(self, element: Element) -> dict[str, Any]:
        return {
            "ref": element.get("ref"),
            "dependsOn": self.many(element, "dependency", lambda each: each.get("ref")),
        }

    def vulnerability(self, element: Element) -> dict[str, Any]:
        return {
            **self.texts(element, "id", "description"),
            "source": self.one(element, "source", lambda each: self.texts(each, "name", "url")),
            "ratings": self.many(element, "ratings/rating", self.rating),
            "affects": self.many(
                element, "affects/target", lambda each: {"ref": self.text(each, "ref")}
            ),
            "analysis": {"state": self.text(element, "analysis/state")},
        }

    def rating(self, element: Element) -> dict[str, Any]:
        score = self.text(element, "score") or ""
        try:
            number = float(score) if score.isascii() and len(score) < 20 else None
        except ValueError:
            number = None
        return {"score": number, **self.texts(element, "severity", "method", "vector")}

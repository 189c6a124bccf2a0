"""One pom.xml as it is written, before anything in it is filled in."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from checks.sbom.manifests.model import Unreadable
from checks.sbom.manifests.safe import xml_of

MAX_PROPERTIES = 10_000
MAX_DEPENDENCIES = 20_000

Coordinates = tuple[str, str]  # group and artifact


@dataclass(frozen=True, slots=True)
class Wanted:
    """A dependency as it is written; "" for what is left to others to say."""

    group: str
    artifact: str
    version: str = ""
    scope: str = ""
    type: str = ""
    classifier: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Pom:
    """What a pom.xml says. Group and version may be inherited from the parent."""

    group: str
    artifact: str
    version: str
    packaging: str
    parent: Wanted | None
    properties: dict[str, str]
    managed: tuple[Wanted, ...]
    dependencies: tuple[Wanted, ...]
    licences: tuple[str, ...]

    @property
    def coordinates(self) -> Coordinates:
        return self.group, self.artifact


def parse(content: bytes) -> Pom:
    """Read a pom.xml. Raises Unreadable."""
    root = xml_of(content)
    if root.tag != "project":
        raise Unreadable("it is no project of Maven")
    above = root.find("parent")
    parent = _wanted(above) if above is not None else None
    artifact = _text(root, "artifactId")
    if not artifact:
        raise Unreadable("it names no artifact")
    return Pom(
        group=_text(root, "groupId") or (parent.group if parent else ""),
        artifact=artifact,
        version=_text(root, "version") or (parent.version if parent else ""),
        packaging=_text(root, "packaging") or "jar",
        parent=parent,
        properties=dict(_properties(root)),
        managed=tuple(map(_wanted, root.findall("dependencyManagement/dependencies/dependency"))),
        dependencies=tuple(_dependencies(root)),
        licences=tuple(
            name for each in root.findall("licenses/license") if (name := _licence(each))
        ),
    )


def _dependencies(root: Element) -> Iterator[Wanted]:
    """Those of the project, then those of its profiles, which are for some builds only."""
    always = root.findall("dependencies/dependency")
    at_times = root.findall("profiles/profile/dependencies/dependency")
    if len(always) + len(at_times) > MAX_DEPENDENCIES:
        raise Unreadable(f"it has more than {MAX_DEPENDENCIES:,} dependencies")
    yield from map(_wanted, always)
    yield from (_wanted(each, optional=True) for each in at_times)


def _wanted(element: Element, optional: bool = False) -> Wanted:
    return Wanted(
        group=_text(element, "groupId"),
        artifact=_text(element, "artifactId"),
        version=_text(element, "version"),
        scope=_text(element, "scope"),
        type=_text(element, "type"),
        classifier=_text(element, "classifier"),
        optional=optional or _text(element, "optional") == "true",
    )


def _properties(root: Element) -> Iterator[tuple[str, str]]:
    found = root.find("properties")
    for count, element in enumerate(found if found is not None else ()):
        if count >= MAX_PROPERTIES:
            raise Unreadable(f"it has more than {MAX_PROPERTIES:,} properties")
        yield element.tag, (element.text or "").strip()


def _licence(element: Element) -> str:
    return " ".join(_text(element, "name").split())


def _text(element: Element, name: str) -> str:
    found = element.find(name)
    return (found.text or "").strip() if found is not None else ""

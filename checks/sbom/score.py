"""What a bill of materials lacks of the minimum elements that NTIA named in 2021."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from checks.sbom.document import Bom, Component, Metadata

EXAMPLES = 5

Weight = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing, once for all components that lack it.

    `code` names it for programs, `what` for people. `count` of `of` components lack it, both 0
    where it is no matter of components; `examples` are the names of some of them.
    """

    code: str
    weight: Weight
    what: str
    count: int = 0
    of: int = 0
    examples: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        if not self.of:
            return f"{self.what} is missing."
        if self.count == self.of > 1:
            return f"{self.what} is missing for all {self.of:,} components."
        noun = "component" if self.of == 1 else "components"
        return f"{self.what} is missing for {self.count:,} of {self.of:,} {noun}."


def gaps(bom: Bom) -> tuple[Gap, ...]:
    """All that is missing: of the document, of what it describes, and of its components."""
    return (*_of_metadata(bom.metadata), *_of_components(bom), *_of_relations(bom))


def _of_metadata(metadata: Metadata | None) -> Iterator[Gap]:
    if metadata is None:
        yield Gap("METADATA", "error", "All that it says about itself (metadata)")
        return
    if not metadata.supplier:
        yield Gap("METADATA_SUPPLIER", "error", "The supplier of what it describes")
    if not metadata.authors and not metadata.manufacturer:
        code = "METADATA_AUTHOR_OR_MANUFACTURER"
        yield Gap(code, "error", "The author or manufacturer of the document")
    if not metadata.timestamp:
        yield Gap("METADATA_TIMESTAMP", "error", "The time at which it was made")
    yield from _of_primary(metadata.component)


def _of_primary(primary: Component | None) -> Iterator[Gap]:
    if primary is None:
        yield Gap("METADATA_COMPONENT", "error", "What it describes (metadata.component)")
        return
    if not primary.name:
        yield Gap("PRIMARY_NAME", "error", "The name of what it describes")
    if not primary.version:
        yield Gap("PRIMARY_VERSION", "error", "The version of what it describes")
    if _is_anonymous(primary):
        what = "An identifier (purl, CPE or SWID) of what it describes"
        yield Gap("PRIMARY_IDENTIFIER", "warning", what)


def _is_anonymous(component: Component) -> bool:
    """Whether no program can tell which component it is. Files are known by their digests."""
    named = component.purl or component.cpe or component.swid
    return component.type != "file" and not named


Lacks = Callable[[Component], bool]

_OF_EACH: tuple[tuple[str, Weight, str, Lacks], ...] = (
    ("SUPPLIER", "error", "The supplier", lambda each: not each.supplier),
    ("NAME", "error", "The name", lambda each: not each.name),
    ("VERSION", "error", "The version", lambda each: not each.version),
    ("IDENTIFIER", "warning", "An identifier (purl, CPE or SWID)", _is_anonymous),
)


def _of_components(bom: Bom) -> Iterator[Gap]:
    of = len(bom.components)
    for code, weight, what, lacks in _OF_EACH:
        if found := [each for each in bom.components if lacks(each)]:
            names = tuple(each.label for each in found[:EXAMPLES])
            yield Gap(code, weight, what, len(found), of, names)


def _of_relations(bom: Bom) -> Iterator[Gap]:
    if not bom.dependencies:
        yield Gap("DEPENDENCIES", "warning", "What depends on what (dependencies)")

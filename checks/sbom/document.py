"""A CycloneDX bill of materials as plain values, whichever of its forms it was written in.

Reading is lenient about what stands there and strict about what it may cost. A field of a wrong
type is read as missing, because whether the document keeps to the schema is another question, which
`checks.sbom.validate` answers. What cannot be read at all, or not without being paid for with
hours, raises `Unreadable` with a sentence for people.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Form = Literal["json", "xml"]
LicenceKind = Literal["expression", "id", "name"]

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
LATEST = "1.6"  # what a document is taken for that does not say

MAX_BYTES = 64 << 20
MAX_DEPTH = 100  # values in values; real documents have less than 20
MAX_COMPONENTS = 50_000
MAX_TEXT = 4_000  # characters kept of one field: names, licences and summaries are shorter


class Unreadable(ValueError):
    """The document cannot be read. The message is a sentence that says why, for people."""


class TooLarge(Unreadable):
    """It may be a good document, and it is not looked into."""


class NotCycloneDX(Unreadable):
    """It is whole, and it is something else."""


@dataclass(frozen=True, slots=True)
class Licence:
    """One choice of licence as it is written down: an SPDX expression, an SPDX id, or a name."""

    text: str
    kind: LicenceKind = "expression"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Component:
    """A component. Every text is "" where the document says nothing."""

    name: str
    version: str = ""
    type: str = ""
    bom_ref: str = ""
    group: str = ""
    purl: str = ""
    cpe: str = ""
    swid: str = ""  # the tag's id
    supplier: str = ""
    publisher: str = ""
    scope: str = ""
    licences: tuple[Licence, ...] = ()

    @property
    def full_name(self) -> str:
        """Group and name, as people write them."""
        return f"{self.group}/{self.name}" if self.group else self.name

    @property
    def label(self) -> str:
        """What tells it from others, for people: name and version, or what else there is."""
        name = self.full_name or self.bom_ref or self.purl or "a component without a name"
        return f"{name} {self.version}" if self.version else name


@dataclass(frozen=True, slots=True)
class Dependency:
    """What one component, by its reference, depends on."""

    ref: str
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rating:
    """How bad a vulnerability is, by one method. `score` is None where only a word is given."""

    severity: str = ""
    score: float | None = None
    method: str = ""
    vector: str = ""


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A known vulnerability, and the references of the components that it is in."""

    id: str
    source_name: str = ""
    source_url: str = ""
    description: str = ""
    ratings: tuple[Rating, ...] = ()
    affects: tuple[str, ...] = ()
    state: str = ""  # of the analysis: "not_affected", "resolved" and so on


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that had a hand in the document."""

    name: str
    version: str = ""
    vendor: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document says about itself. `component` is what it describes."""

    timestamp: str = ""
    component: Component | None = None
    supplier: str = ""
    manufacturer: str = ""
    authors: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()


@dataclass(frozen=True, slots=True)
class Bom:
    """A bill of materials. `components` are all of them, those inside others after these;
    `metadata` is None where there is none."""

    form: Form
    spec_version: str
    version: int = 0
    serial_number: str = ""
    metadata: Metadata | None = None
    components: tuple[Component, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    vulnerabilities: tuple[Vulnerability, ...] = ()
    repeated_refs: tuple[str, ...] = field(default=())  # references that several components have

    @property
    def primary(self) -> Component | None:
        """What the document describes."""
        return self.metadata.component if self.metadata else None

    def described(self) -> Iterator[Component]:
        """The component that it describes, and then all that this is made of."""
        if self.primary is not None:
            yield self.primary
        yield from self.components

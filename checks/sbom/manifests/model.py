"""What the manifests of package managers say, as plain values."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from packageurl import PackageURL

Scope = Literal["required", "optional", "excluded"]
SCOPES: tuple[Scope, ...] = ("required", "optional", "excluded")  # the strongest first

MAX_TEXT = 300  # characters of a name, version, requirement or licence; real ones are shorter


class Unreadable(ValueError):
    """A manifest that cannot be read. The message is the end of a sentence: “it is no JSON”."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package by the name that its registry knows it under.

    `type` and the rest are the parts of a package URL. `version` is "" unless one version is named;
    what is written in its place, such as a range, is `requirement`. `scope` is `excluded` for what
    is used to build and test only.
    """

    type: str
    name: str
    namespace: str = ""
    version: str = ""
    qualifiers: tuple[tuple[str, str], ...] = ()
    requirement: str = ""
    scope: Scope = "required"
    licences: tuple[str, ...] = ()
    hashes: tuple[tuple[str, str], ...] = ()  # CycloneDX's name of the algorithm, hexadecimal

    @property
    def base(self) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
        """What stays the same from version to version."""
        return self.type, self.namespace, self.name, self.qualifiers

    @property
    def reference(self) -> str:
        """What it is the same package by: its package URL, or for a plain file its digest."""
        return reference_of(self)

    @property
    def is_usable(self) -> bool:
        """Whether it has a name, and no text longer than any real one."""
        texts = (self.name, self.namespace, self.version, self.requirement, *self.licences)
        if not all(len(text) <= MAX_TEXT and text.isprintable() for text in texts):
            return False
        try:
            return bool(self.name.strip(" /") and self.reference)
        except ValueError:  # no package URL can be made of it
            return False

    def within(self, scope: Scope) -> "Package":
        """The same for another use."""
        return replace(self, scope=scope)


def purl_of(package: Package) -> PackageURL:
    """The package URL. Raises ValueError for names that are none."""
    return PackageURL(
        type=package.type,
        namespace=package.namespace or None,
        name=package.name,
        version=package.version or None,
        qualifiers=dict(package.qualifiers) or None,
    )


@lru_cache(maxsize=50_000)
def reference_of(package: Package) -> str:
    """See `Package.reference`."""
    if package.type == "file":
        return f"file:{package.hashes[0][1]}:{package.name}"
    return purl_of(package).to_string()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one manifest says.

    `own` is the package that it describes; `needs` what that package asks for by itself; `locked`
    what else there is, with its version. `edges` lead from a locked package to those that it asks
    for. `problem` says why it could not be read, or not all of it.
    """

    path: str
    own: Package | None = None
    needs: tuple[Package, ...] = ()
    locked: tuple[Package, ...] = ()
    edges: tuple[tuple[Package, Package], ...] = field(default=())
    problem: str = ""


def stronger(one: Scope, other: Scope) -> Scope:
    """What is required here and excluded there is required."""
    return min(one, other, key=SCOPES.index)

"""All packages that the manifests of one archive speak of, each once, and what asks for what."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from checks.sbom.generate.about import About
from checks.sbom.manifests import SCOPES, Manifest, Package, stronger

MAX_COMPONENTS = 10_000
MAX_PLACES = 20  # manifests that are named for one package

Key = str  # see Package.reference


@dataclass
class Part:
    """A package with all that the manifests say of it together."""

    package: Package
    places: dict[str, None] = field(default_factory=dict)
    licences: dict[str, None] = field(default_factory=dict)
    hashes: dict[tuple[str, str], None] = field(default_factory=dict)
    requirements: dict[str, None] = field(default_factory=dict)

    def add(self, package: Package, place: str) -> None:
        self.package = self.package.within(stronger(self.package.scope, package.scope))
        self.places |= {place: None} if len(self.places) < MAX_PLACES else {}
        self.licences |= dict.fromkeys(package.licences)
        self.hashes |= dict.fromkeys(package.hashes)
        self.requirements |= {package.requirement: None} if package.requirement else {}


class Inventory:
    """The packages of one archive.

    `identity` is the package that the archive itself is, if it is one; `parts` all others, those
    that are needed before those that are not, `left_out` how many more there were. `roots` are what
    the archive is made of and asks for itself; `edges` lead from a package to what it asks for.
    """

    def __init__(self, manifests: Iterable[Manifest], about: About) -> None:
        self._manifests = [
            manifest for manifest in manifests if not manifest.problem or _any(manifest)
        ]
        self.identity = _identity(self._manifests, about)
        self._pinned = _pinned(self._manifests)
        self._owned = _owned(self._manifests)
        self._parts: dict[Key, Part] = {}
        self.edges: dict[Key, set[Key]] = defaultdict(set)
        self.roots: set[Key] = set()
        for manifest in self._manifests:
            self._add(manifest)
        if self.identity is not None:
            self._become(self.identity)
        ordered = sorted(self._parts.values(), key=_order)
        self.parts = ordered[:MAX_COMPONENTS]
        self.left_out = len(ordered) - len(self.parts)
        self.references = {part.package.reference for part in self.parts}

    def needs_of(self, key: Key) -> list[Key]:
        """What a package asks for, of what is in the document."""
        return sorted((self.edges.get(key, set()) & self.references) - {key})

    def _add(self, manifest: Manifest) -> None:
        own = manifest.own
        if own is not None:
            self.roots.add(self._note(own, manifest.path))
        asked = {
            self._note(self._exact(each, manifest), manifest.path, each) for each in manifest.needs
        }
        if own is not None:
            self.edges[own.reference] |= asked - {own.reference}
        else:
            self.roots |= asked
        for each in manifest.locked:
            self._note(each, manifest.path)
        for one, other in manifest.edges:
            self.edges[one.reference].add(other.reference)

    def _note(self, package: Package, place: str, asked: Package | None = None) -> Key:
        """Write a package down; `asked` is how the manifest asks for it, without a version."""
        part = self._parts.setdefault(package.reference, Part(package))
        part.add(package if asked is None else replace(asked, version=package.version), place)
        return package.reference

    def _exact(self, need: Package, manifest: Manifest) -> Package:
        """The one version that a lock file in the same folder, or above, has for what is asked for
        without one; the package as it is asked for, where there is none or are several."""
        if need.version:
            return need
        folder = PurePosixPath(manifest.path).parent
        for place in (folder, *folder.parents):
            found = self._pinned.get((str(place), need.base), {})
            if found:
                break
        else:
            found = self._owned.get(need.base, {})
        return replace(need, version=next(iter(found))) if len(found) == 1 else need

    def _become(self, identity: Package) -> None:
        """The archive is this package: what that asks for, the archive asks for."""
        self._parts.pop(identity.reference, None)
        self.roots |= self.edges.pop(identity.reference, set())
        self.roots.discard(identity.reference)
        for asked in self.edges.values():
            asked.discard(identity.reference)


def _any(manifest: Manifest) -> bool:
    return manifest.own is not None or bool(manifest.needs or manifest.locked)


def _order(part: Part) -> tuple[int, str]:
    return SCOPES.index(part.package.scope), part.package.reference


def _pinned(manifests: Iterable[Manifest]) -> dict[tuple[str, object], dict[str, None]]:
    """The versions that the manifests of a folder name of a package, by folder and package."""
    found: dict[tuple[str, object], dict[str, None]] = defaultdict(dict)
    for manifest in manifests:
        folder = str(PurePosixPath(manifest.path).parent)
        for each in (*manifest.locked, *manifest.needs):
            if each.version:
                found[folder, each.base][each.version] = None
    return found


def _owned(manifests: Iterable[Manifest]) -> dict[object, dict[str, None]]:
    """The versions of the packages that the archive itself holds."""
    found: dict[object, dict[str, None]] = defaultdict(dict)
    for manifest in manifests:
        if manifest.own is not None and manifest.own.version:
            found[manifest.own.base][manifest.own.version] = None
    return found


def _identity(manifests: Iterable[Manifest], about: About) -> Package | None:
    """The package that the archive is, by the manifest at the place where its registry wants it.

    Only where it has the version of the release: else one of both is wrong, and who knows which.
    """
    found = {own.reference: own for manifest in manifests if (own := _at_top(manifest)) is not None}
    if len(found) != 1:
        return None
    own = next(iter(found.values()))
    return own if own.version == about.version else None


def _at_top(manifest: Manifest) -> Package | None:
    """The package of an npm package, of a source distribution or a wheel of Python, of a jar."""
    parts = PurePosixPath(manifest.path).parts
    if parts == ("package", "package.json"):
        return manifest.own
    if len(parts) == 2 and (parts[1] == "PKG-INFO" or parts[0].endswith(".dist-info")):
        return manifest.own
    if parts[:2] == ("META-INF", "maven") and parts[-1] == "pom.properties":
        return manifest.own
    return None
